using System.Collections.Immutable;
using VecSQL.Catalog.Objects;

namespace VecSQL.Planner.Physical;

/// <summary>Shards at which a statement reads or changes rows: of a group those of some keys, or all.</summary>
/// <param name="Group">The group's object id; 0 for the shard of tables that are whole.</param>
/// <param name="KeyTable">The table by whose columns the keys are of a shard; of no meaning without any.</param>
/// <param name="Keys">Shard keys; empty for all shards.</param>
public readonly record struct ShardSite(uint Group, TableId KeyTable, ImmutableArray<ShardKeyRange> Keys);
