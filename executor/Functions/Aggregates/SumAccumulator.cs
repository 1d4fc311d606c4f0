using System.Numerics;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>sum() of numbers whose sum is a fixed-width number. A sum of nothing is null.</summary>
/// <remarks>Added up in TSum: wide enough for integers, the type itself for floats, as in PostgreSQL.</remarks>
internal sealed class SumAccumulator<T, TSum, TResult> : Accumulator
    where T : unmanaged, INumber<T>
    where TSum : unmanaged, INumber<TSum>
    where TResult : unmanaged, INumber<TResult>
{
    private TSum[] _sums = new TSum[1];
    private bool[] _hasValue = new bool[1];
    private readonly HashSet<int> _infinite = []; // groups that an infinity was added to

    public override long SizeBytes => _sums.Length * 9L;

    public override void Resize(int groupCount)
    {
        GroupStates.Grow(ref _sums, groupCount);
        GroupStates.Grow(ref _hasValue, groupCount);
    }

    public override void Add(
        ReadOnlySpan<Column> arguments, ReadOnlySpan<int> groups, int rowCount, EvaluationContext context)
    {
        var column = (FixedColumn<T>)arguments[0];
        if (column.HasNulls || column.IsConstant)
            AddSome(column, groups, rowCount);
        else if (groups.IsEmpty)
            AddAll(column.Values[..rowCount]);
        else
            AddAll(column.Values, groups);
        if (typeof(TSum) == typeof(float) || typeof(TSum) == typeof(double))
            CheckOverflow(column, groups, rowCount);
    }

    private void AddAll(ReadOnlySpan<T> values)
    {
        TSum sum = _sums[0];
        foreach (T value in values)
            sum += TSum.CreateTruncating(value);
        _sums[0] = sum;
        _hasValue[0] |= !values.IsEmpty;
    }

    private void AddAll(ReadOnlySpan<T> values, ReadOnlySpan<int> groups)
    {
        TSum[] sums = _sums;
        bool[] hasValue = _hasValue;
        for (int row = 0; row < groups.Length; row++)
        {
            int group = groups[row];
            sums[group] += TSum.CreateTruncating(values[row]);
            hasValue[group] = true;
        }
    }

    private void AddSome(FixedColumn<T> column, ReadOnlySpan<int> groups, int rowCount)
    {
        for (int row = 0; row < rowCount; row++)
        {
            if (!column.IsNull(row))
                AddOne(GroupStates.GroupOf(groups, row), TSum.CreateTruncating(column[row]), true);
        }
    }

    /// <summary>A float sum may be infinite only where an infinity was added.</summary>
    private void CheckOverflow(FixedColumn<T> column, ReadOnlySpan<int> groups, int rowCount)
    {
        for (int row = 0; row < rowCount; row++)
        {
            int group = GroupStates.GroupOf(groups, row);
            if (!TSum.IsInfinity(_sums[group]) || _infinite.Contains(group))
            {
                if (groups.IsEmpty)
                    return;
                continue;
            }
            if (!HoldsInfinity(column, groups, rowCount, group))
                throw NumberErrors.FloatOverflow();
            _infinite.Add(group);
        }
    }

    private static bool HoldsInfinity(FixedColumn<T> column, ReadOnlySpan<int> groups, int rowCount, int group)
    {
        for (int row = 0; row < rowCount; row++)
        {
            if (GroupStates.GroupOf(groups, row) == group && !column.IsNull(row) && T.IsInfinity(column[row]))
                return true;
        }
        return false;
    }

    public override void Merge(Accumulator other, ReadOnlySpan<int> groups)
    {
        var source = (SumAccumulator<T, TSum, TResult>)other;
        for (int i = 0; i < groups.Length; i++)
        {
            AddOne(groups[i], source._sums[i], source._hasValue[i]);
            if (source._infinite.Contains(i))
                _infinite.Add(groups[i]);
            else if (TSum.IsInfinity(_sums[groups[i]]) && !_infinite.Contains(groups[i]))
                throw NumberErrors.FloatOverflow();
        }
    }

    public override Column Finish(int start, int count, EvaluationContext context)
    {
        var results = new TResult[count];
        ulong[] known = Bitmap.Allocate(count);
        for (int i = 0; i < count; i++)
        {
            results[i] = TResult.CreateTruncating(_sums[start + i]);
            if (_hasValue[start + i])
                Bitmap.Set(known, i);
        }
        return new FixedColumn<TResult>(results, new Bitmap(known, count));
    }

    private void AddOne(int group, TSum value, bool hasValue)
    {
        _sums[group] += value;
        _hasValue[group] |= hasValue;
    }
}
