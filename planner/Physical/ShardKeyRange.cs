using System.Collections.Immutable;

namespace VecSQL.Planner.Physical;

/// <summary>Shard keys: those that begin with some values, and whose next value is within limits. Of no row's values.</summary>
/// <param name="Prefix">Values of the first columns; of all where it is one key.</param>
public sealed record ShardKeyRange(ImmutableArray<ScalarExpression> Prefix)
{
    public ShardKeyLimit? Low { get; init; }

    public ShardKeyLimit? High { get; init; }

    /// <summary>All values that say where it is.</summary>
    public IEnumerable<ScalarExpression> Values =>
        [.. Prefix, .. Low is { } low ? [low.Value] : Array.Empty<ScalarExpression>(), .. High is { } high ? [high.Value] : Array.Empty<ScalarExpression>()];
}
