using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions;

/// <summary>An aggregate's states for many groups at once. Not thread-safe.</summary>
/// <remarks>Groups are numbered from 0; states beyond the last <see cref="Resize"/> do not exist. DISTINCT, FILTER
/// and ORDER BY
/// are the operator's business: it hands in only the rows that count, in their order.</remarks>
public abstract class Accumulator
{
    /// <summary>Makes room for groups up to <paramref name="groupCount"/>, the new ones empty.</summary>
    public abstract void Resize(int groupCount);

    /// <summary>Adds rows.</summary>
    /// <param name="arguments">The call's arguments, each <paramref name="rowCount"/> long (or constant).</param>
    /// <param name="groups">The group of each row; one 0 in all rows of an aggregate without GROUP BY is given as an
    /// empty span.</param>
    public abstract void Add(
        ReadOnlySpan<Column> arguments, ReadOnlySpan<int> groups, int rowCount, EvaluationContext context);

    /// <summary>Adds the states of another accumulator of the same aggregate: its group i goes to
    /// <c>groups[i]</c>.</summary>
    public abstract void Merge(Accumulator other, ReadOnlySpan<int> groups);

    /// <summary>The results of groups <paramref name="start"/> to <c>start + count</c>.</summary>
    public abstract Column Finish(int start, int count, EvaluationContext context);

    /// <summary>About how many bytes the states take.</summary>
    public abstract long SizeBytes { get; }
}
