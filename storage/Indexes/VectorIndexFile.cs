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

    public static void Write(IFileSystem files, string directory, SegmentInfo segment, VectorIndexDefinition definition,
        CellIndexImage image, CellIndex index)
    {
        SidecarWriter writer = WriterOf(SidecarFormat.VectorIndexKind, segment, definition.Oid, image);
        foreach (short column in definition.Include)
        {
            if (index.FindKeys(column) is { } keys)
                writer.Add(SidecarSectionKind.VectorIndexKeys, (uint)column, keys.Content);
        }
        SegmentIndexFile.Write(files, Path.Combine(directory, NameOf(segment.Id, definition.Oid)), writer, segment);
    }

    /// <summary>A file of this kind or another, with the cells in it.</summary>
    public static SidecarWriter WriterOf(ushort fileKind, SegmentInfo segment, uint indexOid, CellIndexImage image)
    {
        byte[] head = SegmentIndexFile.NewHead(segment, indexOid, HeadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(16), (int)image.Metric);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(20), image.Dimensions);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(24), image.RowCount);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(28), image.CellCount);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(32), image.Seed);
        SidecarWriter writer = new(fileKind);
        writer.Add(SidecarSectionKind.VectorIndex, 0, head);
        foreach ((CellIndexPart part, ReadOnlyMemory<byte> content) in image.Parts)
            writer.Add(SidecarSectionKind.VectorIndexPart, (uint)part, content);
        return writer;
    }

    /// <summary>Opens the file, all of whose checksums are verified; null where there is none.</summary>
    /// <exception cref="CorruptFileException">It is damaged, or does not fit the segment.</exception>
    public static CellIndex? TryOpen(IFileSystem files, string directory, SegmentInfo segment, VectorIndexDefinition definition)
    {
        string path = Path.Combine(directory, NameOf(segment.Id, definition.Oid));
        if (TryReadImage(files, path, SidecarFormat.VectorIndexKind, segment, definition.Oid, out SidecarFile? sidecar) is not { } image
            || sidecar is null)
            return null;
        try
        {
            CellIndex index = new(image);
            if (index.PositionMax >= segment.RowCount)
                throw new CorruptFileException(path, 0, $"it names row {index.PositionMax} of {segment.RowCount}");
            foreach (short column in definition.Include)
            {
                // Files of earlier builds have none.
                if (SegmentIndexFile.Part(sidecar, SidecarSectionKind.VectorIndexKeys, (uint)column) is { } keys)
                    index.Add(column, CellKeys.Open(index, keys));
            }
            return index;
        }
        catch (ArgumentException cause)
        {
            throw new CorruptFileException(path, 0, cause.Message);
        }
    }

    /// <summary>Reads the cells of a file; null where there is none.</summary>
    /// <exception cref="CorruptFileException">A part is damaged or missing.</exception>
    public static CellIndexImage? TryReadImage(
        IFileSystem files, string path, ushort fileKind, SegmentInfo segment, uint indexOid, out SidecarFile? sidecar)
    {
        sidecar = SegmentIndexFile.TryOpen(
            files, path, fileKind, SidecarSectionKind.VectorIndex, HeadBytes, segment, indexOid, out ReadOnlySpan<byte> head);
        if (sidecar is null)
            return null;
        Dictionary<CellIndexPart, ReadOnlyMemory<byte>> parts = [];
        foreach (CellIndexPart part in Enum.GetValues<CellIndexPart>())
        {
            parts.Add(part, SegmentIndexFile.Part(sidecar, SidecarSectionKind.VectorIndexPart, (uint)part)
                ?? throw new CorruptFileException(path, 0, $"{part} of the index is missing"));
        }
        return new CellIndexImage(
            (DistanceMetric)BinaryPrimitives.ReadInt32LittleEndian(head),
            BinaryPrimitives.ReadInt32LittleEndian(head[4..]), BinaryPrimitives.ReadInt32LittleEndian(head[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(head[12..]), BinaryPrimitives.ReadUInt64LittleEndian(head[16..]), parts);
    }
}
