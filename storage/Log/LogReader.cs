using VecSQL.Storage.Files;

namespace VecSQL.Storage.Log;

/// <summary>A record read back.</summary>
/// <param name="Offset">Where it begins in the file.</param>
internal readonly record struct LogRecord(LogRecordHeader Header, ReadOnlyMemory<byte> Payload, string Path,
    long Offset)
{
    /// <summary>The error for a payload that its checksum calls whole and that makes no sense all the same.</summary>
    public StorageException Unreadable(Exception cause) => new(
        $"log file \"{Path}\" has a record at offset {Offset} that cannot be understood: {cause.Message}; " +
        "restore the data directory from a backup", cause);
}

/// <summary>Reads the log at start: all records after a position, up to the first that never was completed.</summary>
/// <remarks>
/// A record that is not whole ends the log when nothing after it was written with the knowledge that it is on disk
/// (each record says up to where the log was durable when it was written): a crash may leave any of the unflushed
/// records behind, in part or whole. Otherwise something that was durable is gone, and the start is refused. So it is
/// when files are missing: a manifest is written only when the file after its point is there, and a file is begun only
/// when all records before it are on disk.
/// </remarks>
internal sealed class LogReader(IFileSystem files, string directory)
{
    /// <summary>The sequence after the last record that was returned.</summary>
    public long NextSequence { get; private set; }

    /// <summary>The file that holds the last records, and where they end: what follows never was completed.</summary>
    public (string Path, long Offset) End { get; private set; }

    /// <summary>All log files by first sequence.</summary>
    public List<(long First, string Path)> ListFiles()
    {
        List<(long First, string Path)> found = [];
        foreach (string name in files.ListFiles(directory))
        {
            if (LogFormat.TryParseName(name, out long first))
                found.Add((first, Path.Combine(directory, name)));
        }
        found.Sort();
        return found;
    }

    /// <summary>The records after a sequence at which a file ends, in order.</summary>
    /// <exception cref="StorageException">Damaged in the middle, records missing, or of a newer version.</exception>
    public IEnumerable<LogRecord> ReadAfter(long sequence)
    {
        List<(long First, string Path)> found = ListFiles();
        NextSequence = sequence + 1;
        int start = found.FindIndex(file => file.First == NextSequence);
        if (start < 0)
        {
            throw new StorageException(
                $"log file \"{Path.Combine(directory, LogFormat.FileName(NextSequence))}\" is missing: it has what was " +
                "committed after the last checkpoint; put it back or restore the data directory from a backup");
        }
        for (int i = start; i < found.Count; i++)
        {
            if (found[i].First != NextSequence)
            {
                if (found[i].First < NextSequence && !HasRecords(found[i].Path))
                    continue; // begun and given up, as when the disk was full
                throw Gap(found[i].Path, found[i].First);
            }
            byte[] bytes = files.ReadAll(found[i].Path);
            bool isWhole = LogFormat.TryReadFileHeader(found[i].Path, bytes, out long first) && first == found[i].First;
            long offset = isWhole ? LogFormat.FileHeaderBytes : 0;
            while (isWhole && LogFormat.TryReadRecord(bytes.AsSpan((int)offset), out LogRecordHeader header)
                && header.Sequence == NextSequence)
            {
                NextSequence++;
                yield return new LogRecord(header,
                    bytes.AsMemory((int)offset + LogFormat.RecordHeaderBytes, header.Length), found[i].Path, offset);
                offset += LogFormat.PaddedLength(header.Length);
            }
            End = (found[i].Path, offset);
            if (offset == bytes.Length && isWhole)
                continue;
            ThrowIfDamaged(found, i, bytes, offset);
            yield break;
        }
    }

    /// <summary>
    /// Removes what a crash left behind the last whole record, and makes durable what was read, before anything is
    /// written after it: a process that was killed may have left records that only the system's memory has.
    /// </summary>
    public void CutEnd()
    {
        (string path, long offset) = End;
        if (offset == 0)
            return; // no header and no record: begun anew by the writer, under the same name
        using IFile file = files.Open(path, FileOpening.Write);
        if (file.Length > offset)
            file.Truncate(offset);
        file.Flush();
    }

    private StorageException Gap(string path, long first) => new(
        $"the log file before \"{path}\" is missing or cut short: " +
        $"the log goes on with record {first} where {NextSequence} is next; " +
        "put the file back or restore the data directory from a backup");

    /// <summary>Tells a log that breaks off from one that was damaged.</summary>
    private void ThrowIfDamaged(List<(long First, string Path)> found, int at, byte[] bytes, long offset)
    {
        // A next file is begun only when all records before it are on disk, and records only behind a header that is.
        bool isDamaged = (offset == 0 && bytes.Length > LogFormat.FileHeaderBytes) || found[(at + 1)..].Exists(file =>
            file.First > NextSequence || (file.First == NextSequence && HasRecords(file.Path)));
        for (long next = Aligned(offset); !isDamaged
            && next + LogFormat.RecordHeaderBytes <= bytes.Length; next += LogFormat.Alignment)
        {
            isDamaged = LogFormat.TryReadRecord(bytes.AsSpan((int)next), out LogRecordHeader header)
                && header.Durable >= NextSequence && header.Sequence > header.Durable;
        }
        if (isDamaged)
        {
            throw new StorageException(
                $"log file \"{found[at].Path}\" is damaged at offset {offset}: " +
                $"record {NextSequence} was durable and cannot be read; " +
                "restore the data directory from a backup");
        }
    }

    /// <summary>Whether a file has more than a header and zeros.</summary>
    private bool HasRecords(string path) => files.FileLength(path) > LogFormat.FileHeaderBytes
        && files.ReadAll(path).AsSpan(LogFormat.FileHeaderBytes).ContainsAnyExcept((byte)0);

    private static long Aligned(long offset) => (offset + LogFormat.Alignment) & ~(LogFormat.Alignment - 1L);
}
