using System.Buffers.Binary;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Files;
using VecSQL.Storage.Segments;
using VecSQL.Text.Analysis;
using VecSQL.Text.Inverted;

namespace VecSQL.Storage.Indexes;

/// <summary>A full-text index over one segment, as a file beside the segment's.</summary>
/// <remarks>
/// Layout: a sidecar of kind <see cref="SidecarFormat.TextIndexKind"/>, see <see cref="SidecarFormat"/>. It follows from the segment
/// and the index's definition.
/// </remarks>
internal static class TextIndexFile
{
    public const string Extension = ".tidx";

    private const int HeadBytes = 24;

    public static string PathOf(SegmentFiles files, SegmentInfo segment, TextIndexDefinition index) =>
        Path.Combine(files.Directory, SegmentIndexFile.NameOf(segment.Id, index.Oid, Extension));

    /// <param name="images">By column of the index.</param>
    public static void Write(SegmentFiles files, SegmentInfo segment, TextIndexDefinition index,
        IReadOnlyList<IReadOnlyList<(InvertedIndexPart Part, ReadOnlyMemory<byte> Content)>> images)
    {
        byte[] head = SegmentIndexFile.NewHead(segment, index.Oid, HeadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(16), (int)index.Analyzer);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(20), images.Count);
        SidecarWriter writer = new(SidecarFormat.TextIndexKind);
        writer.Add(SidecarSectionKind.TextIndex, 0, head);
        for (int column = 0; column < images.Count; column++)
        {
            foreach ((InvertedIndexPart part, ReadOnlyMemory<byte> content) in images[column])
                writer.Add(SidecarSectionKind.TextIndexPart, Argument(column, part), content);
        }
        SegmentIndexFile.Write(files.Files, PathOf(files, segment, index), writer, segment);
    }

    /// <summary>Opens the file, all of whose checksums are verified; null where there is none.</summary>
    /// <exception cref="CorruptFileException">It is damaged, or does not fit the segment.</exception>
    public static TextIndex? TryOpen(SegmentFiles files, SegmentInfo segment, TextIndexDefinition index)
    {
        string path = PathOf(files, segment, index);
        if (SegmentIndexFile.TryOpen(files.Files, path, SidecarFormat.TextIndexKind, SidecarSectionKind.TextIndex, HeadBytes,
            segment, index.Oid, out ReadOnlySpan<byte> head) is not { } sidecar)
            return null;
        bool fits = (Analyzer)BinaryPrimitives.ReadInt32LittleEndian(head) == index.Analyzer
            && BinaryPrimitives.ReadInt32LittleEndian(head[4..]) == index.Columns.Length;
        if (!fits)
            throw new CorruptFileException(path, 0, $"it is not this index of segment {segment.Id}");
        try
        {
            InvertedIndex[] columns = [.. Enumerable.Range(0, index.Columns.Length).Select(column => Open(sidecar, column))];
            return Array.TrueForAll(columns, column => column.DocumentCount == segment.RowCount)
                ? new TextIndex(index.Columns, columns)
                : throw new CorruptFileException(path, 0, $"it has not the {segment.RowCount} rows of the segment");
        }
        catch (ArgumentException cause)
        {
            throw new CorruptFileException(path, 0, cause.Message);
        }
    }

    private static InvertedIndex Open(SidecarFile sidecar, int column) =>
        new(part => SegmentIndexFile.Part(sidecar, SidecarSectionKind.TextIndexPart, Argument(column, part)));

    private static uint Argument(int column, InvertedIndexPart part) => ((uint)column << 8) | (uint)part;
}
