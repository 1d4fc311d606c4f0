using System.Buffers.Binary;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Compaction;

/// <summary>
/// Which rows of a segment were deleted, on disk. Written anew, under a new number, when a checkpoint finds more of
/// them.
/// </summary>
/// <remarks>
/// Layout: 8 bytes "VSQLDEL", 0; u32 version; u32 payload length; u32 CRC-32C of the payload; u32 zero; payload:
///         segment number, row
/// count, count of marks, the lowest timestamp; of each mark the distance of its position from the one before, and its
/// timestamp
/// above the lowest.
/// </remarks>
internal static class DeleteFile
{
    private const int Version = 1, HeaderBytes = 24;

    private static ReadOnlySpan<byte> Magic => "VSQLDEL\0"u8;

    public static string NameOf(long number) => $"{number:x16}.del";

    /// <returns>How many marks were written.</returns>
    public static int Write(
        IFileSystem files, string directory, long number, Segments.SegmentInfo segment, DeleteMap deletes)
    {
        List<(int Position, long Timestamp)> marks = [.. deletes.Marks()];
        long lowest = marks.Count == 0 ? 0 : long.MaxValue;
        foreach ((_, long timestamp) in marks)
            lowest = Math.Min(lowest, timestamp);
        PayloadWriter payload = new(64 + (marks.Count * 4));
        payload.WriteVarint(segment.Id.Value);
        payload.WriteVarint(segment.RowCount);
        payload.WriteVarint(marks.Count);
        payload.WriteVarint(lowest);
        int before = 0;
        foreach ((int position, long timestamp) in marks)
        {
            payload.WriteVarint(position - before);
            payload.WriteVarint(timestamp - lowest);
            before = position;
        }
        byte[] header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), Checksum.Crc32C(payload.Written.Span));
        using IFile file = files.Open(Path.Combine(directory, NameOf(number)), FileOpening.Replace);
        file.Write(0, [header, payload.Written]);
        file.Flush();
        return marks.Count;
    }

    /// <exception cref="StorageException">Damaged, or of a newer version.</exception>
    public static DeleteMap Read(IFileSystem files, string directory, long number, Segments.SegmentInfo segment)
    {
        string path = Path.Combine(directory, NameOf(number));
        byte[] bytes = files.ReadAll(path);
        try
        {
            return Decode(path, bytes, segment);
        }
        catch (InvalidDataException cause)
        {
            throw new StorageException(
                $"deletions file \"{path}\" is damaged: {cause.Message}; restore the data directory from a backup",
                    cause);
        }
    }

    internal static DeleteMap Decode(string path, ReadOnlySpan<byte> bytes, Segments.SegmentInfo segment)
    {
        if (bytes.Length < HeaderBytes || !bytes.StartsWith(Magic))
            throw new InvalidDataException("it does not begin as such a file does");
        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (version != Version)
        {
            throw new StorageException(
                $"deletions file \"{path}\" has format version {version}, and this program reads version {Version}: " +
                "start the program that wrote it, or a newer one");
        }
        ReadOnlySpan<byte> payload = bytes[HeaderBytes..];
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]) != payload.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) != Checksum.Crc32C(payload))
        {
            throw new InvalidDataException("its length or checksum is wrong");
        }
        PayloadReader source = new(payload);
        if (source.ReadInt64() != segment.Id.Value || source.ReadInt64() != segment.RowCount)
            throw new InvalidDataException($"it is not of segment {segment.Id}");
        int count = source.ReadCount(2);
        long lowest = source.ReadInt64(), position = 0;
        DeleteMap map = new(segment.RowCount);
        for (int i = 0; i < count; i++)
        {
            position += source.ReadInt64();
            long timestamp = source.ReadInt64();
            if (position >= segment.RowCount || timestamp > long.MaxValue - lowest)
                throw new InvalidDataException($"a row {position} is not in the segment");
            map.Mark((int)position, lowest + timestamp);
        }
        return map;
    }
}
