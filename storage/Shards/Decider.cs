using System.Buffers.Binary;
using VecSQL.Catalog.Placement;

namespace VecSQL.Storage.Shards;

/// <summary>Who decides a transaction over several shards: one of these, or the log of the catalog.</summary>
/// <param name="Shard">Null for the log of the catalog.</param>
public readonly record struct Decider(ShardId? Shard)
{
    private const uint CatalogLog = uint.MaxValue;

    /// <summary>What a prepared transaction keeps of it.</summary>
    public byte[] Encode()
    {
        byte[] name = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(name, Shard?.Value ?? CatalogLog);
        return name;
    }

    /// <summary>Who a prepared transaction says decides it; null where it was prepared by something else.</summary>
    public static Decider? Of(ReadOnlySpan<byte> coordinator)
    {
        if (coordinator.Length != sizeof(uint))
            return null;
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(coordinator);
        return value == CatalogLog ? default(Decider) : new Decider(new ShardId(value));
    }
}
