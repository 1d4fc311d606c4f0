using System.Buffers.Binary;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Replication;

/// <summary>An engine's copy on its way to another: what files it consists of. Integers are little-endian.</summary>
/// <remarks>
/// Layout:
/// <code>
/// head    0  8 bytes "VSQLCPY", 0    8 u32 version    12 u32 bytes of the list    16 u32 bytes of the manifest    20 u32 CRC-32C of bytes 0 to 19
///            the list: count of files, each: name as text, length; the manifest's bytes; u32 CRC-32C of the list and the manifest
/// then the files in the order of the list, each in frames: up to <see cref="FrameBytes"/> of it, u32 CRC-32C of them
/// </code>
/// </remarks>
internal sealed record SnapshotLayout(IReadOnlyList<(string Name, long Length)> Files, byte[] Manifest)
{
    public const int HeadBytes = 24, ChecksumBytes = 4;

    /// <summary>A frame with its checksum is a chunk of the default size.</summary>
    public const int FrameBytes = (1 << 20) - ChecksumBytes;

    private const int Version = 1, ListBytesMax = 256 << 20;

    private static ReadOnlySpan<byte> Magic => "VSQLCPY\0"u8;

    /// <summary>Bytes of a file with the checksums of its frames.</summary>
    public static long FramedLength(long length) => length + ((length + FrameBytes - 1) / FrameBytes * ChecksumBytes);

    public byte[] Encode()
    {
        PayloadWriter list = new(64 * (Files.Count + 1));
        list.WriteVarint(Files.Count);
        foreach ((string name, long length) in Files)
        {
            list.WriteText(name);
            list.WriteVarint(length);
        }
        byte[] bytes = new byte[HeadBytes + list.Length + Manifest.Length + ChecksumBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), list.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), Manifest.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), Checksum.Crc32C(bytes.AsSpan(0, 20)));
        list.Written.Span.CopyTo(bytes.AsSpan(HeadBytes));
        Manifest.CopyTo(bytes, HeadBytes + list.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - ChecksumBytes), Checksum.Crc32C(bytes.AsSpan(HeadBytes, list.Length + Manifest.Length)));
        return bytes;
    }

    /// <summary>Bytes up to the first file, by the head; 0 where the head is none.</summary>
    public static long LengthByHead(ReadOnlySpan<byte> head)
    {
        long list = BinaryPrimitives.ReadInt32LittleEndian(head[12..]), manifest = BinaryPrimitives.ReadInt32LittleEndian(head[16..]);
        bool isHead = head.StartsWith(Magic) && BinaryPrimitives.ReadUInt32LittleEndian(head[20..]) == Checksum.Crc32C(head[..20])
            && BinaryPrimitives.ReadInt32LittleEndian(head[8..]) == Version && list is >= 0 and <= ListBytesMax && manifest is >= 0 and <= ListBytesMax;
        return isHead ? HeadBytes + list + manifest + ChecksumBytes : 0;
    }

    /// <param name="bytes">Up to the first file.</param>
    /// <exception cref="InvalidDataException">They are damaged, or name what is no file of a segment.</exception>
    public static SnapshotLayout Decode(ReadOnlySpan<byte> bytes)
    {
        int listBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        ReadOnlySpan<byte> body = bytes[HeadBytes..^ChecksumBytes];
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[^ChecksumBytes..]) != Checksum.Crc32C(body))
            throw new InvalidDataException("the checksum of the list is wrong");
        PayloadReader source = new(body[..listBytes]);
        var files = new (string, long)[source.ReadCount(2)];
        for (int i = 0; i < files.Length; i++)
        {
            string name = source.ReadText();
            if (name.Length == 0 || name[0] == '.' || name.Any(static letter => !char.IsAsciiLetterOrDigit(letter) && letter != '.'))
                throw new InvalidDataException($"\"{name}\" is no file of a segment");
            files[i] = (name, source.ReadInt64());
        }
        return source.IsAtEnd ? new SnapshotLayout(files, body[listBytes..].ToArray()) : throw new InvalidDataException("the list is too long");
    }
}
