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
/// <remarks>Numbers of the scale that came first are added in 128 bits, others apart from them.</remarks>
internal sealed class NumericSumAccumulator(bool isAverage) : Accumulator
{
    private const int ScaleUnknown = -1;

    private Int128[] _scaled = new Int128[1]; // cannot overflow: a sum of less than 2^63 numbers of 64 bits
    private SqlNumeric[] _others = [];
    private long[] _otherCounts = [];
    private long[] _counts = new long[1]; // of both
    private int _scale = ScaleUnknown;

    public override long SizeBytes => (_scaled.Length * 24L) + (_others.Length * 48L);

    public override void Resize(int groupCount)
    {
        GroupStates.Grow(ref _scaled, groupCount);
        GroupStates.Grow(ref _counts, groupCount);
        if (_others.Length == 0)
            return;
        GroupStates.Grow(ref _others, groupCount);
        GroupStates.Grow(ref _otherCounts, groupCount);
    }

    public override void Add(
        ReadOnlySpan<Column> arguments, ReadOnlySpan<int> groups, int rowCount, EvaluationContext context)
    {
        var column = (BinaryColumn)arguments[0];
        if (ScaledNumbers.TryRead(column, out ReadOnlySpan<long> coefficients, out int scale)
            && (_scale == ScaleUnknown || _scale == scale))
        {
            _scale = scale;
            AddScaled(column, coefficients, groups, rowCount);
            return;
        }
        for (int row = 0; row < rowCount; row++)
        {
            if (column.IsNull(row))
                continue;
            int group = GroupStates.GroupOf(groups, row);
            AddOther(group, SqlNumeric.Read(column[row]), 1);
        }
    }

    public override void Merge(Accumulator other, ReadOnlySpan<int> groups)
    {
        var source = (NumericSumAccumulator)other;
        if (_scale == ScaleUnknown)
            _scale = source._scale;
        for (int i = 0; i < groups.Length; i++)
        {
            long others = source._others.Length == 0 ? 0 : source._otherCounts[i], scaled = source._counts[i] - others;
            if (others > 0)
                AddOther(groups[i], source._others[i], others);
            if (scaled == 0)
                continue;
            if (source._scale != _scale)
            {
                AddOther(groups[i], SqlNumeric.Create(source._scaled[i], source._scale), scaled);
                continue;
            }
            _scaled[groups[i]] += source._scaled[i];
            _counts[groups[i]] += scaled;
        }
    }

    public override Column Finish(int start, int count, EvaluationContext context)
    {
        if (!isAverage && _others.Length == 0 && _scale != ScaleUnknown && TryNarrow(start, count) is { } narrow)
            return narrow;
        var target = new BinaryColumnBuilder(count, count * 16);
        for (int group = start; group < start + count; group++)
        {
            if (_counts[group] == 0)
                target.AppendNull();
            else
                target.Append(isAverage ? Sum(group) / _counts[group] : Sum(group));
        }
        return target.Build();
    }

    /// <summary>The sums in 64 bits, where all of them fit.</summary>
    private BinaryColumn? TryNarrow(int start, int count)
    {
        long[] sums = GC.AllocateUninitializedArray<long>(count);
        ulong[]? validity = null;
        for (int i = 0; i < count; i++)
        {
            sums[i] = (long)_scaled[start + i];
            if (sums[i] != _scaled[start + i])
                return null;
            if (_counts[start + i] == 0)
                Bitmap.Clear(validity ??= Bitmap.AllocateSet(count), i);
        }
        return ScaledNumbers.Column(sums, _scale, validity is null ? default : new Bitmap(validity, count));
    }

    private void AddScaled(BinaryColumn column, ReadOnlySpan<long> coefficients, ReadOnlySpan<int> groups, int rowCount)
    {
        Int128[] sums = _scaled;
        long[] counts = _counts;
        int mask = column.RowMask;
        if (column.HasNulls)
        {
            for (int row = 0; row < rowCount; row++)
            {
                if (column.IsNull(row))
                    continue;
                int group = GroupStates.GroupOf(groups, row);
                sums[group] += coefficients[row & mask];
                counts[group]++;
            }
            return;
        }
        if (groups.IsEmpty)
        {
            Int128 sum = 0;
            for (int row = 0; row < rowCount; row++)
                sum += coefficients[row & mask];
            sums[0] += sum;
            counts[0] += rowCount;
            return;
        }
        for (int row = 0; row < rowCount; row++)
        {
            int group = groups[row];
            sums[group] += coefficients[row & mask];
            counts[group]++;
        }
    }

    private void AddOther(int group, SqlNumeric value, long count)
    {
        if (_others.Length == 0)
            (_others, _otherCounts) = (new SqlNumeric[_scaled.Length], new long[_counts.Length]);
        _others[group] = _otherCounts[group] == 0 ? value : _others[group] + value;
        _otherCounts[group] += count;
        _counts[group] += count;
    }

    /// <remarks>It shows as many digits behind the point as the number that has the most, so what has no numbers adds none.</remarks>
    private SqlNumeric Sum(int group)
    {
        long others = _others.Length == 0 ? 0 : _otherCounts[group];
        if (others == _counts[group])
            return _others[group];
        SqlNumeric scaled = SqlNumeric.Create(_scaled[group], _scale);
        return others == 0 ? scaled : scaled + _others[group];
    }
}
