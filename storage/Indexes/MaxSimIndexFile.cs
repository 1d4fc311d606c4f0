using System.Runtime.InteropServices;
using VecSQL.Storage.Files;
using VecSQL.Storage.Segments;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.MultiVectors;

namespace VecSQL.Storage.Indexes;

/// <summary>An index of arrays of vectors over one segment, as a file beside the segment's.</summary>
/// <remarks>Layout: a sidecar of kind 5, see <see cref="SidecarFormat"/>: what <see cref="VectorIndexFile"/> writes, and efforts.</remarks>
internal static class MaxSimIndexFile
{
    public const string Extension = ".midx";

    public static void Write(
        IFileSystem files, string directory, SegmentInfo segment, uint indexOid, CellIndexImage image, MaxSimPoint[] points)
    {
        SidecarWriter writer = VectorIndexFile.WriterOf(SidecarFormat.MaxSimIndexKind, segment, indexOid, image);
        writer.Add(SidecarSectionKind.MaxSimEfforts, 0, MemoryMarshal.AsBytes(points.AsSpan()).ToArray());
        SegmentIndexFile.Write(files, PathOf(directory, segment, indexOid), writer, segment);
    }

    /// <summary>Opens the file, all of whose checksums are verified; null where there is none.</summary>
    /// <exception cref="CorruptFileException">It is damaged, or does not fit the segment.</exception>
    public static MaxSimIndex? TryOpen(IFileSystem files, string directory, SegmentInfo segment, uint indexOid)
    {
        string path = PathOf(directory, segment, indexOid);
        if (VectorIndexFile.TryReadImage(files, path, SidecarFormat.MaxSimIndexKind, segment, indexOid, out SidecarFile? sidecar) is not { } image
            || sidecar is null)
            return null;
        ReadOnlyMemory<byte> points = SegmentIndexFile.Part(sidecar, SidecarSectionKind.MaxSimEfforts, 0)
            ?? throw new CorruptFileException(path, 0, "the efforts of the index are missing");
        try
        {
            return new MaxSimIndex(image, MemoryMarshal.Cast<byte, MaxSimPoint>(points.Span), segment.RowCount);
        }
        catch (ArgumentException cause)
        {
            throw new CorruptFileException(path, 0, cause.Message);
        }
    }

    private static string PathOf(string directory, SegmentInfo segment, uint indexOid) =>
        Path.Combine(directory, SegmentIndexFile.NameOf(segment.Id, indexOid, Extension));
}
