using VecSQL.Storage.Log;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Replication;

/// <summary>Bytes of a file of a segment, on their way to the replicas by the log, before the record that names the segment.</summary>
/// <remarks>Layout, after the record's header: segment's number; byte, 1 for the sidecar; byte, 1 for the file's last part; offset; the bytes.</remarks>
internal readonly record struct FilePart(SegmentId Segment, bool IsSidecar, bool IsLast, long Offset, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Bytes of a part: as long as fits into a few messages, and few enough to lie in memory for each replica.</summary>
    public const int BytesMax = 1 << 20;

    public string FileName => IsSidecar ? Segment.SidecarName : Segment.ArrowName;

    public PayloadWriter Encode()
    {
        PayloadWriter target = new(Bytes.Length + 32);
        target.WriteVarint(Segment.Value);
        target.WriteByte(IsSidecar ? (byte)1 : (byte)0);
        target.WriteByte(IsLast ? (byte)1 : (byte)0);
        target.WriteVarint(Offset);
        target.WriteRaw(Bytes.Span);
        return target;
    }

    /// <exception cref="InvalidDataException">The bytes are not a record.</exception>
    public static FilePart Decode(ReadOnlyMemory<byte> payload)
    {
        PayloadReader source = new(payload.Span);
        SegmentId segment = new(source.ReadInt64());
        byte isSidecar = source.ReadByte(), isLast = source.ReadByte();
        long offset = source.ReadInt64();
        return isSidecar <= 1 && isLast <= 1
            ? new FilePart(segment, isSidecar == 1, isLast == 1, offset, payload[^source.Remaining..])
            : throw new InvalidDataException($"file part's flags {isSidecar} and {isLast}");
    }
}
