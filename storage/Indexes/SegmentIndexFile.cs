using System.Globalization;
using VecSQL.Storage.Files;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Indexes;

/// <summary>Names of the files of indexes over segments, and how such a file comes to be.</summary>
internal static class SegmentIndexFile
{
    private const string UnfinishedEnd = ".new";

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
