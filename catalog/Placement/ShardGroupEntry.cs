using System.Collections.Immutable;
using VecSQL.Catalog.Objects;

namespace VecSQL.Catalog.Placement;

/// <summary>How the tables of a group are cut.</summary>
public enum ShardMethod : byte
{
    /// <summary>By the hash of the key.</summary>
    Hash = 0,

    /// <summary>By the order of keys: each shard has those from one bound to the next.</summary>
    Range = 1,

    /// <summary>By cells of a vector: each shard has the vectors that are nearest to one of its cells' centroids.</summary>
    Vector = 2,
}

/// <summary>Tables that are cut alike and whose parts lie together: rows of equal keys are in one shard, whichever table they are of.</summary>
/// <remarks>
/// A hash group's keys fall into <see cref="SlotCount"/> slots; a shard has some of them, so that shards are divided and moved without new hashes.
/// A range group's first shard has the keys before the first bound, the next one those from there to the second, and so on.
/// A vector group's shards have some cells each, once there are cells; until then its keys fall into slots as those of a hash group do.
/// </remarks>
/// <param name="Shards">In the order in which their rows are shown; of a range group in that of their keys.</param>
/// <param name="Slots">For each slot of a hash group, or cell of a vector group, the place of its shard among the shards.</param>
public sealed record ShardGroupEntry(uint Oid, string Name, ImmutableArray<ShardId> Shards, ImmutableArray<ushort> Slots)
    : CatalogObject(Oid, Name)
{
    /// <summary>More would make shards of a group more even, and the catalog larger.</summary>
    public const int SlotCount = 4096;

    public ShardMethod Method { get; init; } = ShardMethod.Hash;

    /// <summary>Of a range group: where its shards but the first begin, in order.</summary>
    public ImmutableArray<RangeBound> Bounds
    {
        get;
        init => field = value.IsDefault ? [] : value; // an entry written before there were any lacks it
    } = [];

    /// <summary>Of a vector group: the centroids of its cells, float32 in little-endian order; empty where there are no cells yet.</summary>
    public ReadOnlyMemory<byte> Centroids { get; init; }

    /// <summary>How many replicas each shard is to have; null for as many as shards usually have.</summary>
    public int? Replicas { get; init; }

    /// <summary>How many of them have a write when it counts as committed; null for a majority.</summary>
    public ReplicationMode? Replication { get; init; }

    /// <summary>Whether it says how its shards are replicated.</summary>
    public bool HasReplication => Replicas is not null || Replication is not null;

    /// <summary>The place among the shards of a key that falls into a slot.</summary>
    /// <param name="hash">Of the key; equal for keys that are equal in SQL.</param>
    public int PlaceOf(ulong hash) => Slots[(int)(hash & (SlotCount - 1))];

    /// <summary>A group of these shards, which share the slots evenly.</summary>
    public static ShardGroupEntry Even(uint oid, string name, ImmutableArray<ShardId> shards)
    {
        var slots = ImmutableArray.CreateBuilder<ushort>(SlotCount);
        for (int slot = 0; slot < SlotCount; slot++)
            slots.Add((ushort)((long)slot * shards.Length / SlotCount));
        return new ShardGroupEntry(oid, name, shards, slots.MoveToImmutable());
    }
}

/// <summary>Where a table's rows are.</summary>
/// <param name="GroupOid">Its <see cref="ShardGroupEntry"/>.</param>
/// <param name="KeyColumns">Numbers of the columns that say which shard a row is in; none where the group is one shard.</param>
public sealed record TablePlacement(uint GroupOid, ImmutableArray<short> KeyColumns);
