using System.Buffers.Binary;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Log;

/// <summary>The fixed part before a record's payload.</summary>
/// <param name="Durable">Records up to this sequence were on disk when this one was written.</param>
/// <param name="Term">The term of the primary that wrote it; 0 on a node that is alone.</param>
internal readonly record struct LogRecordHeader(
    int Length, uint Checksum, long Sequence, long Timestamp, long Durable, uint Term, LogRecordKind Kind);

/// <summary>How a log file is laid out. All integers are little-endian.</summary>
/// <remarks>
/// Layout:
/// <code>
/// file    0  8 bytes "VSQLLOG", 0   8 u32 version   12 u32 zero   16 u64 sequence of the first record   24 u32 zero
/// 28 u32 CRC-32C of bytes 0 to 27
/// record  0  u32 payload length     4 u32 CRC-32C of bytes 8 to the end of the payload
///         8  u64 sequence          16 i64 commit timestamp      24 u64 durable
///        32  u32 term              36 u8 kind, three zeros      40 payload, then zeros up to a multiple of 8
/// </code>
/// Sequences grow by one from record to record and from file to file. A file's name is its first sequence in 16
/// hexadecimal digits.
/// </remarks>
internal static class LogFormat
{
    public const int Version = 1, FileHeaderBytes = 32, RecordHeaderBytes = 40, Alignment = 8;

    public const int PayloadBytesMax = 1 << 30;

    private const int VersionOffset = 8, FirstOffset = 16, FileChecksumOffset = 28;

    private static ReadOnlySpan<byte> Magic => "VSQLLOG\0"u8;

    public static string FileName(long firstSequence) => $"{firstSequence:x16}.log";

    public static bool TryParseName(string name, out long firstSequence)
    {
        firstSequence = 0;
        return name.Length == 20 && name.EndsWith(".log", StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, 16), System.Globalization.NumberStyles.HexNumber, null, out firstSequence);
    }

    public static int PaddedLength(int payloadLength) =>
        checked(RecordHeaderBytes + payloadLength + Alignment - 1) & ~(Alignment - 1);

    /// <summary>Bytes of the record that begins here, by what its header says; -1 where that makes no sense.</summary>
    public static int RecordLength(ReadOnlySpan<byte> header)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(header);
        return length is >= 0 and <= PayloadBytesMax ? PaddedLength(length) : -1;
    }

    public static byte[] FileHeader(long firstSequence)
    {
        byte[] header = new byte[FileHeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(VersionOffset), Version);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(FirstOffset), firstSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(
            header.AsSpan(FileChecksumOffset), Checksum.Crc32C(header.AsSpan(0, FileChecksumOffset)));
        return header;
    }

    /// <exception cref="StorageException">Of a newer version.</exception>
    /// <returns>False where this is not a whole header.</returns>
    public static bool TryReadFileHeader(string path, ReadOnlySpan<byte> bytes, out long firstSequence)
    {
        firstSequence = 0;
        if (bytes.Length < FileHeaderBytes || !bytes.StartsWith(Magic))
            return false;
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes[FileChecksumOffset..]);
        if (stored != Checksum.Crc32C(bytes[..FileChecksumOffset]))
            return false;
        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes[VersionOffset..]);
        if (version != Version)
        {
            throw new StorageException(
                $"log file \"{path}\" has format version {version}, and this program reads version {Version}: " +
                "start the program that wrote it, or a newer one");
        }
        firstSequence = BinaryPrimitives.ReadInt64LittleEndian(bytes[FirstOffset..]);
        return true;
    }

    /// <summary>Writes the header; its checksum covers the payload, which is given.</summary>
    public static void WriteRecordHeader(Span<byte> target, LogRecordHeader header, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, payload.Length);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], header.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], header.Timestamp);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], header.Durable);
        BinaryPrimitives.WriteUInt32LittleEndian(target[32..], header.Term);
        BinaryPrimitives.WriteUInt32LittleEndian(target[36..], (uint)header.Kind);
        uint checksum = Checksum.Crc32C(payload, Checksum.Crc32C(target[8..RecordHeaderBytes]));
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], checksum);
    }

    /// <summary>A whole record with the right checksum at the start of the bytes; false where there is none.</summary>
    public static bool TryReadRecord(ReadOnlySpan<byte> bytes, out LogRecordHeader header)
    {
        header = default;
        if (bytes.Length < RecordHeaderBytes)
            return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > PayloadBytesMax || PaddedLength(length) > bytes.Length)
            return false;
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        uint kind = BinaryPrimitives.ReadUInt32LittleEndian(bytes[36..]);
        if (kind == 0 || Checksum.Crc32C(bytes[8..(RecordHeaderBytes + length)]) != checksum)
            return false;
        header = new LogRecordHeader(
            length, checksum, BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]), (LogRecordKind)kind);
        return true;
    }
}
