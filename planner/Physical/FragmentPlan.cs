using System.Collections.Immutable;
using VecSQL.Catalog.Objects;

namespace VecSQL.Planner.Physical;

/// <summary>A plan that is run once for each shard of a group, where the shard is and over the rows that are there: all that comes out, in no order.</summary>
/// <param name="Group">The group's object id; 0 for the shard of tables that are whole.</param>
public sealed record FragmentPlan(PhysicalPlan Plan, uint Group) : PhysicalPlan
{
    /// <summary>The tables that the plan reads, in subqueries too.</summary>
    public ImmutableArray<TableId> Tables { get; init; } = [];

    /// <summary>Values of the shard key, in its order, that all rows have which can come out: only their shard is asked. They read no input.
    /// Empty where all shards are.</summary>
    public ImmutableArray<ScalarExpression> Key { get; init; } = [];

    /// <summary>The table by whose columns the key is of a shard; of no meaning without one.</summary>
    public TableId KeyTable { get; init; }
}
