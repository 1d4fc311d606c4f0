using System.Numerics;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>avg() of floats, in double precision.</summary>
internal sealed class FloatAverageAccumulator<T> : Accumulator where T : unmanaged, INumber<T>
{
    private double[] _sums = new double[1];
    private long[] _counts = new long[1];
    private readonly HashSet<int> _infinite = []; // groups that an infinity was added to

    public override long SizeBytes => _sums.Length * 16L;

    public override void Resize(int groupCount)
    {
        GroupStates.Grow(ref _sums, groupCount);
        GroupStates.Grow(ref _counts, groupCount);
    }

    public override void Add(
        ReadOnlySpan<Column> arguments, ReadOnlySpan<int> groups, int rowCount, EvaluationContext context)
    {
        var column = (FixedColumn<T>)arguments[0];
        for (int row = 0; row < rowCount; row++)
        {
            if (column.IsNull(row))
                continue;
            int group = GroupStates.GroupOf(groups, row);
            double value = double.CreateTruncating(column[row]);
            double sum = _sums[group] + value;
            if (!double.IsFinite(sum))
                NoteInfinity(group, value, sum);
            _sums[group] = sum;
            _counts[group]++;
        }
    }

    public override void Merge(Accumulator other, ReadOnlySpan<int> groups)
    {
        var source = (FloatAverageAccumulator<T>)other;
        for (int i = 0; i < groups.Length; i++)
        {
            double sum = _sums[groups[i]] + source._sums[i];
            if (source._infinite.Contains(i))
                _infinite.Add(groups[i]);
            else if (double.IsInfinity(sum))
                NoteInfinity(groups[i], source._sums[i], sum);
            _sums[groups[i]] = sum;
            _counts[groups[i]] += source._counts[i];
        }
    }

    public override Column Finish(int start, int count, EvaluationContext context)
    {
        var results = new double[count];
        ulong[] known = Bitmap.Allocate(count);
        for (int i = 0; i < count; i++)
        {
            if (_counts[start + i] == 0)
                continue;
            results[i] = _sums[start + i] / _counts[start + i];
            Bitmap.Set(known, i);
        }
        return new FixedColumn<double>(results, new Bitmap(known, count));
    }

    private void NoteInfinity(int group, double value, double sum)
    {
        if (double.IsInfinity(value))
            _infinite.Add(group);
        else if (double.IsInfinity(sum) && !_infinite.Contains(group))
            throw NumberErrors.FloatOverflow();
    }
}
