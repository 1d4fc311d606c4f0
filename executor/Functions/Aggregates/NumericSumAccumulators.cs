using System.Numerics;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>sum(bigint) and avg() of integers: exact in 128 bits, numeric as a result.</summary>
internal sealed class IntegerSumAccumulator<T>(bool isAverage) : Accumulator where T : unmanaged, IBinaryInteger<T>
{
    private Int128[] _sums = new Int128[1];
    private long[] _counts = new long[1];

    public override long SizeBytes => _sums.Length * 24L;

    public override void Resize(int groupCount)
    {
        GroupStates.Grow(ref _sums, groupCount);
        GroupStates.Grow(ref _counts, groupCount);
    }

    public override void Add(
        ReadOnlySpan<Column> arguments, ReadOnlySpan<int> groups, int rowCount, EvaluationContext context)
    {
        var column = (FixedColumn<T>)arguments[0];
        ReadOnlySpan<T> values = column.Values;
        for (int row = 0; row < rowCount; row++)
        {
            if (column.IsNull(row))
                continue;
            int group = GroupStates.GroupOf(groups, row);
            _sums[group] += long.CreateTruncating(values[row & column.RowMask]);
            _counts[group]++;
        }
    }

    public override void Merge(Accumulator other, ReadOnlySpan<int> groups)
    {
        var source = (IntegerSumAccumulator<T>)other;
        for (int i = 0; i < groups.Length; i++)
        {
            _sums[groups[i]] += source._sums[i];
            _counts[groups[i]] += source._counts[i];
        }
    }

    public override Column Finish(int start, int count, EvaluationContext context)
    {
        var target = new BinaryColumnBuilder(count, count * 16);
        for (int group = start; group < start + count; group++)
        {
            if (_counts[group] == 0)
            {
                target.AppendNull();
                continue;
            }
            SqlNumeric sum = SqlNumeric.Create(_sums[group], 0);
            target.Append(isAverage ? sum / _counts[group] : sum);
        }
        return target.Build();
    }
}

/// <summary>sum(numeric) and avg(numeric).</summary>
internal sealed class NumericSumAccumulator(bool isAverage) : Accumulator
{
    private SqlNumeric[] _sums = new SqlNumeric[1];
    private long[] _counts = new long[1];

    public override long SizeBytes => _sums.Length * 40L;

    public override void Resize(int groupCount)
    {
        GroupStates.Grow(ref _sums, groupCount);
        GroupStates.Grow(ref _counts, groupCount);
    }

    public override void Add(
        ReadOnlySpan<Column> arguments, ReadOnlySpan<int> groups, int rowCount, EvaluationContext context)
    {
        var column = (BinaryColumn)arguments[0];
        for (int row = 0; row < rowCount; row++)
        {
            if (!column.IsNull(row))
                AddOne(GroupStates.GroupOf(groups, row), SqlNumeric.Read(column[row]), 1);
        }
    }

    public override void Merge(Accumulator other, ReadOnlySpan<int> groups)
    {
        var source = (NumericSumAccumulator)other;
        for (int i = 0; i < groups.Length; i++)
        {
            if (source._counts[i] > 0)
                AddOne(groups[i], source._sums[i], source._counts[i]);
        }
    }

    public override Column Finish(int start, int count, EvaluationContext context)
    {
        var target = new BinaryColumnBuilder(count, count * 16);
        for (int group = start; group < start + count; group++)
        {
            if (_counts[group] == 0)
                target.AppendNull();
            else
                target.Append(isAverage ? _sums[group] / _counts[group] : _sums[group]);
        }
        return target.Build();
    }

    private void AddOne(int group, SqlNumeric value, long count)
    {
        _sums[group] = _counts[group] == 0 ? value : _sums[group] + value;
        _counts[group] += count;
    }
}
