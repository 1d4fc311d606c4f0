using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;

namespace VecSQL.Cluster.Shards;

/// <summary>How the shards of a group are to be replicated: a key of the metadata store beside the catalog, which the controller follows.</summary>
/// <remarks>Layout: <c>cluster/Protocol/shards.proto</c>. There is a key for groups that say something of it, or once did.</remarks>
/// <param name="Replicas">Null for as many as shards usually have.</param>
/// <param name="Mode">Null for what is usual.</param>
public sealed record GroupReplication(uint Group, ImmutableArray<ShardId> Shards, int? Replicas, ReplicationMode? Mode)
{
    public static string KeyPrefix => "groups/";

    public static string KeyOf(uint group) => $"{KeyPrefix}{group.ToString("x8", CultureInfo.InvariantCulture)}";

    public static GroupReplication Of(ShardGroupEntry group) => new(group.Oid, [.. group.Shards.Distinct()], group.Replicas, group.Replication);

    public byte[] Encode()
    {
        GroupReplicationRecord record = new() { Replicas = Replicas ?? 0, Mode = Mode is { } mode ? (int)mode + 1 : 0 };
        record.Shards.AddRange(Shards.Select(static shard => shard.Value));
        return record.ToByteArray();
    }

    /// <exception cref="InvalidDataException">They are none.</exception>
    public static GroupReplication Decode(string key, ReadOnlySpan<byte> bytes)
    {
        if (!uint.TryParse(key.AsSpan(KeyPrefix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint group))
            throw new InvalidDataException($"metadata key {key} names no group of shards");
        try
        {
            GroupReplicationRecord record = GroupReplicationRecord.Parser.ParseFrom(bytes);
            if (record.Replicas < 0 || record.Mode is < 0 or > (int)ReplicationMode.Sync + 1)
                throw new InvalidDataException($"group {group} is to have {record.Replicas} replicas of mode {record.Mode}");
            return new GroupReplication(group, [.. record.Shards.Select(static shard => new ShardId(shard))],
                record.Replicas == 0 ? null : record.Replicas, record.Mode == 0 ? null : (ReplicationMode)(record.Mode - 1));
        }
        catch (InvalidProtocolBufferException damage)
        {
            throw new InvalidDataException($"metadata key {key} cannot be read: {damage.Message}", damage);
        }
    }
}
