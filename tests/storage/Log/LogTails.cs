using VecSQL.Storage.Files;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Tests.Log;

/// <summary>Tells a log's records from the zeros that are written ahead of the next ones.</summary>
internal static class LogTails
{
    /// <summary>Where a file's last record ends.</summary>
    public static long EndOf(IFileSystem files, string path) => EndOf(files.ReadAll(path));

    public static long EndOf(ReadOnlySpan<byte> bytes)
    {
        long end = LogFormat.FileHeaderBytes;
        while (LogFormat.TryReadRecord(bytes[(int)end..], out LogRecordHeader header))
            end += LogFormat.PaddedLength(header.Length);
        return end;
    }
}
