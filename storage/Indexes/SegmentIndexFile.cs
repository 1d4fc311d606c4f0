using System.Buffers.Binary;
using System.Globalization;
using VecSQL.Storage.Files;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Indexes;

/// <summary>Names of the files of indexes over segments, and how such a file comes to be.</summary>
internal static class SegmentIndexFile
{
    private const string UnfinishedEnd = ".new";

    /// <summary>What the heads of all kinds begin with: the segment's id and rows, and the index's oid.</summary>
    public const int HeadStart = 16;

    public static byte[] NewHead(SegmentInfo segment, uint indexOid, int lengthBytes)
    {
        byte[] head = new byte[lengthBytes];
        BinaryPrimitives.WriteInt64LittleEndian(head, segment.Id.Value);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), segment.RowCount);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(12), indexOid);
        return head;
    }

    /// <summary>Opens a file; null where there is none.</summary>
    /// <param name="head">What its head has behind <see cref="HeadStart"/>.</param>
    /// <exception cref="CorruptFileException">It is damaged, or of another index or segment.</exception>
    public static SidecarFile? TryOpen(IFileSystem files, string path, ushort fileKind, SidecarSectionKind headKind, int headBytes,
        SegmentInfo segment, uint indexOid, out ReadOnlySpan<byte> head)
    {
        head = default;
        if (!files.FileExists(path))
            return null;
        SidecarFile sidecar = new(files.Map(path), fileKind);
        if (sidecar.Find(headKind) is not { } section || section.Length != headBytes)
            throw new CorruptFileException(path, 0, "the head of the index is missing");
        head = section.Read(0, headBytes);
        if (!head[..HeadStart].SequenceEqual(NewHead(segment, indexOid, HeadStart)))
            throw new CorruptFileException(path, 0, $"it is not an index of segment {segment.Id}");
        head = head[HeadStart..];
        return sidecar;
    }

    /// <summary>A part of a file, verified once, so that searches need not ask; null where there is none.</summary>
    public static ReadOnlyMemory<byte>? Part(SidecarFile sidecar, SidecarSectionKind kind, uint number)
    {
        if (sidecar.Find(kind, number) is not { } section)
            return null;
        section.Read(0, section.Length);
        return section.Memory;
    }

    public static string NameOf(SegmentId segment, uint indexOid, string extension) =>
        string.Create(CultureInfo.InvariantCulture, $"{segment}.{indexOid}{extension}");

    /// <summary>Whether it is named as an index's file, finished or not: segment, oid, and what kind it is.</summary>
    public static bool IsName(string name) =>
        name.Split('.') is [{ Length: 16 }, var oid, _, ..] && uint.TryParse(oid, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    public static bool IsFinished(string name) => IsName(name) && !name.EndsWith(UnfinishedEnd, StringComparison.Ordinal);

    /// <summary>Writes a file that is whole or absent: it is written beside, flushed, and renamed.</summary>
    public static void Write(IFileSystem files, string path, SidecarWriter content, SegmentInfo segment)
    {
        string beside = path + UnfinishedEnd;
        files.Delete(beside);
        content.Write(files, beside, segment.ArrowBytes);
        files.Rename(beside, path);
        files.FlushDirectory(Path.GetDirectoryName(path) ?? ".");
    }
}
