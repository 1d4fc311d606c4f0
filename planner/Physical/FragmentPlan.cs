using System.Collections.Immutable;
using VecSQL.Catalog.Objects;

namespace VecSQL.Planner.Physical;

/// <summary>A plan that is run once for each shard of a group, where the shard is and over the rows that are there: all that comes out.</summary>
/// <param name="Group">The group's object id; 0 for the shard of tables that are whole.</param>
public sealed record FragmentPlan(PhysicalPlan Plan, uint Group) : PhysicalPlan
{
    /// <summary>The tables that the plan reads, in subqueries too.</summary>
    public ImmutableArray<TableId> Tables { get; init; } = [];

    /// <summary>Shard keys of which all rows have one that can come out: only their shards are asked. Empty where all shards are.</summary>
    public ImmutableArray<ShardKeyRange> Keys { get; init; } = [];

    /// <summary>The table by whose columns the keys are of a shard; of no meaning without any.</summary>
    public TableId KeyTable { get; init; }

    /// <summary>In which order shards are asked, and how many; null for all at once. The distance is the last output.</summary>
    public NearestShards? Nearest { get; init; }

    /// <summary>Whether rows come shard after shard, and not in any order: who locks them as they come is not to wait for another who does.</summary>
    public bool InOrder { get; init; }

    /// <summary>What goes along with it.</summary>
    public ImmutableArray<FeedPlan> Feeds { get; init; } = [];

    /// <summary>How many bytes of that at most, for each shard.</summary>
    public long FeedBytesMax { get; init; }

    /// <summary>Gives the same rows, and runs where the session is, over the feeds and fragments without any: for feeds that turn out larger. Null
    /// where there are none.</summary>
    public PhysicalPlan? Instead { get; init; }
}
