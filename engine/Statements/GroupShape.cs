using System.Collections.Immutable;
using System.Globalization;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Storage.Shards;

namespace VecSQL.Engine.Statements;

/// <summary>What tables have in common that lie together in a group of shards.</summary>
/// <param name="Cut">How they are divided, in words: a part of the group's name.</param>
/// <param name="Count">Of the shards.</param>
internal sealed record GroupShape(ShardMethod Method, string Cut, int Count)
{
    /// <summary>Where the shards of a range group begin, but the first.</summary>
    internal ImmutableArray<RangeBound> Bounds { get; init; } = [];

    /// <summary>Null for as many as shards usually have.</summary>
    internal int? Replicas { get; init; }

    /// <summary>Null for what is usual.</summary>
    internal ReplicationMode? Replication { get; init; }

    internal bool HasReplication => Replicas is not null || Replication is not null;

    /// <summary>The name of the group that is like this.</summary>
    internal string Name => NameOf(Cut, Replicas, Replication);

    internal static string NameOf(string cut, int? replicas, ReplicationMode? mode) => cut + ReplicationText(replicas, mode);

    internal static GroupShape Hash(int count) => new(ShardMethod.Hash, string.Create(CultureInfo.InvariantCulture, $"hash {count}"), count);

    /// <param name="types">Of the columns of the key.</param>
    internal static GroupShape Range(IEnumerable<SqlType> types, ImmutableArray<RangeBound> bounds)
    {
        string key = string.Join(", ", types.Select(static type => BuiltinTypes.FormatType(new SqlType(RowRouter.Widened(type).Oid))));
        return new GroupShape(ShardMethod.Range, $"range ({key}): {string.Join(", ", bounds.Select(static bound => bound.Text))}", bounds.Length + 1) { Bounds = bounds };
    }

    /// <param name="type">Of the key.</param>
    internal static GroupShape Vector(SqlType type, int count) =>
        new(ShardMethod.Vector, string.Create(CultureInfo.InvariantCulture, $"vector ({BuiltinTypes.FormatType(type)}): {count}"), count);

    /// <summary>How a group is divided, without how it is replicated.</summary>
    internal static GroupShape Of(ShardGroupEntry group) =>
        new(group.Method, group.Name[..^ReplicationText(group.Replicas, group.Replication).Length], group.Shards.Length) { Bounds = group.Bounds };

    internal bool IsCutAs(ShardGroupEntry group) => Of(group).Cut == Cut;

    /// <summary>A group of this shape.</summary>
    internal ShardGroupEntry Over(uint oid, ImmutableArray<ShardId> shards)
    {
        ShardGroupEntry group = Method switch
        {
            ShardMethod.Range => new ShardGroupEntry(oid, Name, shards, []) { Method = Method, Bounds = Bounds },
            _ => ShardGroupEntry.Even(oid, Name, shards) with { Method = Method },
        };
        return group with { Replicas = Replicas, Replication = Replication };
    }

    private static string ReplicationText(int? replicas, ReplicationMode? mode) =>
        (replicas is { } count ? string.Create(CultureInfo.InvariantCulture, $", {count} replicas") : "") + (mode is { } known ? $", {known.Name()}" : "");
}
