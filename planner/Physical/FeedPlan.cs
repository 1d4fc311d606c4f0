using System.Collections.Immutable;
using VecSQL.Catalog.Objects;

namespace VecSQL.Planner.Physical;

/// <summary>Rows that go along with a fragment: they are read once, where the statement's session is.</summary>
/// <param name="Number">No other of the statement has it.</param>
public sealed record FeedPlan(int Number, PhysicalPlan Input)
{
    /// <summary>Outputs that say to which shard a row goes, as the shard key of the table would; empty where all rows go to all shards.</summary>
    public ImmutableArray<int> Keys { get; init; } = [];

    /// <summary>The table in whose shards the rows belong; of no meaning without keys.</summary>
    public TableId KeyTable { get; init; }

    /// <summary>Whether each row goes to one shard.</summary>
    public bool IsParted => !Keys.IsEmpty;
}
