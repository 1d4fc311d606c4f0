using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>count(*) and count(value), which passes over nulls.</summary>
internal sealed class CountAccumulator(bool hasArgument) : Accumulator
{
    private long[] _counts = new long[1];

    public override long SizeBytes => (long)_counts.Length * sizeof(long);

    public override void Resize(int groupCount) => GroupStates.Grow(ref _counts, groupCount);

    public override void Add(
        ReadOnlySpan<Column> arguments, ReadOnlySpan<int> groups, int rowCount, EvaluationContext context)
    {
        Bitmap validity = hasArgument ? Columns.ValidityOf(arguments[0]) : default;
        if (groups.IsEmpty)
        {
            _counts[0] += validity.IsAbsent ? rowCount : validity.CountSet();
            return;
        }
        long[] counts = _counts;
        for (int row = 0; row < rowCount; row++)
        {
            if (validity.IsAbsent || validity[row])
                counts[groups[row]]++;
        }
    }

    public override void Merge(Accumulator other, ReadOnlySpan<int> groups)
    {
        var source = (CountAccumulator)other;
        for (int i = 0; i < groups.Length; i++)
            _counts[groups[i]] += source._counts[i];
    }

    public override Column Finish(int start, int count, EvaluationContext context) =>
        new FixedColumn<long>(_counts.AsSpan(start, count).ToArray());
}
