using System.Buffers.Binary;
using System.Collections.Immutable;
using VecSQL.Storage.Files;
using VecSQL.Storage.Segments;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Sparse;

namespace VecSQL.Storage.Indexes;

/// <summary>Inverted lists over one segment, as a file beside the segment's.</summary>
/// <remarks>Layout: a sidecar of kind 4, see <see cref="SidecarFormat"/>. It follows from the segment and the index's definition.</remarks>
internal static class SparseIndexFile
{
    public const string Extension = ".sidx";

    private const int HeadBytes = 32;

    public static void Write(
        IFileSystem files, string directory, SegmentInfo segment, SparseIndexDefinition definition, IReadOnlyList<byte[]> blocks)
    {
        byte[] head = SegmentIndexFile.NewHead(segment, definition.Oid, HeadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(16), (int)definition.Metric);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(20), definition.Dimensions);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(24), blocks.Count);
        SidecarWriter writer = new(SidecarFormat.SparseIndexKind);
        writer.Add(SidecarSectionKind.SparseIndex, 0, head);
        for (int block = 0; block < blocks.Count; block++)
            writer.Add(SidecarSectionKind.SparseIndexBlock, (uint)block, blocks[block]);
        SegmentIndexFile.Write(files, PathOf(directory, segment, definition), writer, segment);
    }

    /// <summary>Opens the file, all of whose checksums are verified; null where there is none.</summary>
    /// <exception cref="CorruptFileException">It is damaged, or does not fit the segment.</exception>
    public static SparseIndex? TryOpen(IFileSystem files, string directory, SegmentInfo segment, SparseIndexDefinition definition)
    {
        string path = PathOf(directory, segment, definition);
        if (SegmentIndexFile.TryOpen(files, path, SidecarFormat.SparseIndexKind, SidecarSectionKind.SparseIndex, HeadBytes,
            segment, definition.Oid, out ReadOnlySpan<byte> head) is not { } sidecar)
            return null;
        bool fits = BinaryPrimitives.ReadInt32LittleEndian(head) == (int)definition.Metric
            && BinaryPrimitives.ReadInt32LittleEndian(head[4..]) == definition.Dimensions;
        int count = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        if (!fits || count != (segment.RowCount + SparseBlock.RowsMax - 1) / SparseBlock.RowsMax)
            throw new CorruptFileException(path, 0, $"it is not an index of segment {segment.Id}");
        var blocks = ImmutableArray.CreateBuilder<SparseBlock>(count);
        try
        {
            for (int block = 0; block < count; block++)
                blocks.Add(Open(path, sidecar, block, definition.Metric));
            return new SparseIndex(definition.Metric, definition.Dimensions, blocks.MoveToImmutable());
        }
        catch (ArgumentException cause)
        {
            throw new CorruptFileException(path, 0, cause.Message);
        }
    }

    private static SparseBlock Open(string path, SidecarFile sidecar, int block, DistanceMetric metric)
    {
        ReadOnlyMemory<byte> content = SegmentIndexFile.Part(sidecar, SidecarSectionKind.SparseIndexBlock, (uint)block)
            ?? throw new CorruptFileException(path, 0, $"block {block} of the index is missing");
        return new SparseBlock(content, metric);
    }

    private static string PathOf(string directory, SegmentInfo segment, SparseIndexDefinition definition) =>
        Path.Combine(directory, SegmentIndexFile.NameOf(segment.Id, definition.Oid, Extension));
}
