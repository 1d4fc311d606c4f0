using System.Buffers.Binary;
using VecSQL.Catalog.Placement;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Log;

/// <summary>What a replica must not forget beside its log: whose it is, what it has promised, and where its log begins.</summary>
/// <remarks>
/// Layout, little-endian:
/// <code>
///  0  8 bytes "VSQLFNC", 0    8 u32 version             12 u32 shard
/// 16  u32 fence: a term      20 u32 1 while the log is being begun anew
/// 24  u32 base's term        28 u32 zero                32 u64 base's sequence
/// 40  u32 CRC-32C of bytes 0 to 39
/// </code>
/// It is replaced whole.
/// </remarks>
/// <param name="Fence">The greatest term that was accepted: nothing of a lesser one is.</param>
/// <param name="Base">The entry before the log's first.</param>
/// <param name="IsReset">The log's files are of another time and go; it begins anew after the base.</param>
internal readonly record struct FenceFile(ShardId Shard, Term Fence, LogPosition Base, bool IsReset)
{
    public const string FileName = "fence";

    private const int Version = 1, Bytes = 44, ChecksumOffset = 40;

    private static ReadOnlySpan<byte> Magic => "VSQLFNC\0"u8;

    public void Write(IFileSystem files, string directory)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Shard.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], Fence.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], IsReset ? 1u : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], Base.Term.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], Base.Sequence.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumOffset..], Checksum.Crc32C(bytes[..ChecksumOffset]));
        files.ReplaceDurably(Path.Combine(directory, FileName), bytes);
    }

    /// <exception cref="StorageException">Damaged, of another shard, or of a newer version.</exception>
    public static FenceFile Read(IFileSystem files, string directory, ShardId shard)
    {
        string path = Path.Combine(directory, FileName);
        byte[] bytes = files.ReadAll(path);
        if (bytes.Length != Bytes || !bytes.AsSpan().StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(ChecksumOffset)) != Checksum.Crc32C(bytes.AsSpan(0, ChecksumOffset)))
        {
            throw new StorageException($"file \"{path}\" is damaged: remove the replica's directory, and it is copied anew from the others");
        }
        uint version = Field(bytes, 8), found = Field(bytes, 12);
        if (version != Version)
        {
            throw new StorageException($"file \"{path}\" has format version {version}, and this program reads version {Version}: " +
                "start the program that wrote it, or a newer one");
        }
        if (found != shard.Value)
            throw new StorageException($"file \"{path}\" is of shard {found}, where shard {shard} should be: put the directories back as they were");
        return new FenceFile(shard, new Term(Field(bytes, 16)),
            new LogPosition(new Term(Field(bytes, 24)), new LogSequence(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(32)))), Field(bytes, 20) != 0);
    }

    private static uint Field(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(offset));
}
