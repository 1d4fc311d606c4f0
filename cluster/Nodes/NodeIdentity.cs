using System.Buffers.Binary;
using System.Collections.Immutable;
using Google.Protobuf;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;
using VecSQL.Cluster.Shards;
using VecSQL.Storage;
using VecSQL.Storage.Files;

namespace VecSQL.Cluster.Nodes;

/// <summary>Who a data directory is, and what its node has seen of the cluster's metadata: the file <c>NODE</c>. Integers are little-endian.</summary>
/// <remarks>
/// Use:    a store of metadata that has gone back to an older state, as a restored backup does, is known by it, even after all nodes were stopped.
/// Layout:
/// <code>
///  0  8 bytes "VSQLNODE"   8 u32 version   12 u32 CRC-32C of bytes 16 to the end   16 a NodeIdentityMessage of cluster/Protocol/nodes.proto
/// </code>
/// </remarks>
/// <param name="Registered">The revision of the node's own record when it last put it.</param>
/// <param name="Seen">A revision that the store has had: written before anything is done because of one.</param>
/// <param name="Shards">What was last acted on of the shards that the node has replicas of.</param>
public sealed record NodeIdentity(
    string ClusterId, NodeId Id, long Registered, long Seen, ImmutableSortedDictionary<ShardId, ShardMark> Shards)
{
    public const string FileName = "NODE";

    private const int Version = 1, HeaderBytes = 16;

    private static ReadOnlySpan<byte> Magic => "VSQLNODE"u8;

    /// <summary>Who the directory is; null where it is nobody yet.</summary>
    /// <exception cref="CorruptFileException">The file is not as it was written.</exception>
    /// <exception cref="StorageException">Of a newer version.</exception>
    public static NodeIdentity? Read(IFileSystem files, string directory)
    {
        string path = Path.Combine(directory, FileName);
        if (!files.FileExists(path))
            return null;
        byte[] bytes = files.ReadAll(path);
        if (bytes.Length < HeaderBytes || !bytes.AsSpan().StartsWith(Magic))
            throw new CorruptFileException(path, 0, "it does not begin as a node's identity does");
        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
        if (version != Version)
            throw new StorageException($"\"{path}\" has format version {version}, and this program reads version {Version}: start the program that wrote it, or a newer one");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)) != Checksum.Crc32C(bytes.AsSpan(HeaderBytes)))
            throw new CorruptFileException(path, HeaderBytes, "its checksum is wrong");
        try
        {
            return Decode(bytes.AsSpan(HeaderBytes));
        }
        catch (InvalidDataException cause)
        {
            throw new CorruptFileException(path, HeaderBytes, cause.Message, cause);
        }
    }

    /// <summary>Puts it in place of what was there, durably.</summary>
    public void Write(IFileSystem files, string directory)
    {
        NodeIdentityMessage message = new() { ClusterId = ClusterId, Id = Id.Value, Registered = Registered, Seen = Seen };
        foreach ((ShardId shard, ShardMark mark) in Shards)
        {
            message.Shards.Add(new ShardMarkMessage
            {
                Shard = shard.Value,
                Term = mark.Term.Value,
                Primary = mark.Primary.Value,
                Epoch = mark.Epoch,
                HasReplica = mark.HasReplica,
            });
        }
        byte[] bytes = new byte[HeaderBytes + message.CalculateSize()];
        message.WriteTo(bytes.AsSpan(HeaderBytes));
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Checksum.Crc32C(bytes.AsSpan(HeaderBytes)));
        files.ReplaceDurably(Path.Combine(directory, FileName), bytes);
    }

    private static NodeIdentity Decode(ReadOnlySpan<byte> bytes)
    {
        NodeIdentityMessage message = NodeRecord.Read(NodeIdentityMessage.Parser, bytes, "node's identity");
        if (message.Id <= 0 || message.ClusterId.Length == 0)
            throw new InvalidDataException("a node's identity names no node");
        ImmutableSortedDictionary<ShardId, ShardMark>.Builder shards = ImmutableSortedDictionary.CreateBuilder<ShardId, ShardMark>();
        foreach (ShardMarkMessage mark in message.Shards)
            shards[new ShardId(mark.Shard)] = new ShardMark(new Term(mark.Term), new NodeId(mark.Primary), mark.Epoch, mark.HasReplica);
        return new NodeIdentity(message.ClusterId, new NodeId(message.Id), message.Registered, message.Seen, shards.ToImmutable());
    }
}

/// <summary>How far a shard's state was when a node last acted on it.</summary>
/// <param name="HasReplica">The node has a replica, or what is left of one that has not been told that it is none any more.</param>
public readonly record struct ShardMark(Term Term, NodeId Primary, long Epoch, bool HasReplica)
{
    public static ShardMark Of(ShardState state) => new(state.Term, state.Primary, state.Epoch, HasReplica: true);

    /// <summary>Whether a state cannot have come after this one: then the store has gone back. A term has one primary, and what is agreed on only grows.</summary>
    public bool IsAfter(ShardState state) => state.Term < Term || state.Epoch < Epoch
        || (state.Term == Term && !Primary.IsNone && state.Primary != Primary);
}
