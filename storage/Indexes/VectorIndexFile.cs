using System.Buffers.Binary;
using VecSQL.Storage.Files;
using VecSQL.Storage.Segments;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Storage.Indexes;

/// <summary>A vector index over one segment, as a file beside the segment's.</summary>
/// <remarks>
/// Layout: a sidecar of kind 2, see <see cref="SidecarFormat"/>. It follows from the segment, the index's definition and its seed.
/// </remarks>
internal static class VectorIndexFile
{
    public const string Extension = ".vidx";

    private const int HeadBytes = 40;

    public static string NameOf(SegmentId segment, uint indexOid) => SegmentIndexFile.NameOf(segment, indexOid, Extension);

    public static void Write(IFileSystem files, string directory, SegmentInfo segment, uint indexOid, CellIndexImage image)
    {
        byte[] head = new byte[HeadBytes];
        BinaryPrimitives.WriteInt64LittleEndian(head, segment.Id.Value);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), segment.RowCount);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(12), indexOid);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(16), (int)image.Metric);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(20), image.Dimensions);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(24), image.RowCount);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(28), image.CellCount);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(32), image.Seed);
        SidecarWriter writer = new(SidecarFormat.VectorIndexKind);
        writer.Add(SidecarSectionKind.VectorIndex, 0, head);
        foreach ((CellIndexPart part, ReadOnlyMemory<byte> content) in image.Parts)
            writer.Add(SidecarSectionKind.VectorIndexPart, (uint)part, content);
        SegmentIndexFile.Write(files, Path.Combine(directory, NameOf(segment.Id, indexOid)), writer, segment);
    }

    /// <summary>Opens the file, all of whose checksums are verified; null where there is none.</summary>
    /// <exception cref="CorruptFileException">It is damaged, or does not fit the segment.</exception>
    public static CellIndex? TryOpen(IFileSystem files, string directory, SegmentInfo segment, uint indexOid)
    {
        string path = Path.Combine(directory, NameOf(segment.Id, indexOid));
        if (!files.FileExists(path))
            return null;
        MappedFile file = files.Map(path);
        SidecarFile sidecar = new(file, SidecarFormat.VectorIndexKind);
        SidecarSection? head = sidecar.Find(SidecarSectionKind.VectorIndex);
        if (head is not { Length: HeadBytes })
            throw new CorruptFileException(path, 0, "the head of the index is missing");
        ReadOnlySpan<byte> bytes = head.Read(0, HeadBytes);
        bool fits = BinaryPrimitives.ReadInt64LittleEndian(bytes) == segment.Id.Value
            && BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) == segment.RowCount
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) == indexOid;
        if (!fits)
            throw new CorruptFileException(path, 0, $"it is not an index of segment {segment.Id}");
        Dictionary<CellIndexPart, ReadOnlyMemory<byte>> parts = [];
        foreach (CellIndexPart part in Enum.GetValues<CellIndexPart>())
        {
            SidecarSection section = sidecar.Find(SidecarSectionKind.VectorIndexPart, (uint)part)
                ?? throw new CorruptFileException(path, 0, $"{part} of the index is missing");
            section.Read(0, section.Length); // verified once, so that searches need not ask
            parts.Add(part, section.Memory);
        }
        try
        {
            CellIndex index = new(new CellIndexImage(
                (DistanceMetric)BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[28..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]), parts));
            if (index.PositionMax >= segment.RowCount)
                throw new CorruptFileException(path, 0, $"it names row {index.PositionMax} of {segment.RowCount}");
            return index;
        }
        catch (ArgumentException cause)
        {
            throw new CorruptFileException(path, 0, cause.Message);
        }
    }
}
