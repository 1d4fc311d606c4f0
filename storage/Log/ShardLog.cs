using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Log;

/// <summary>A shard's log on one node, as replication needs it: appended, read back, cut, and begun anew; with the fence beside it.</summary>
/// <remarks>
/// Durable: what <see cref="Flush"/> returned for. Fence, cut and base are on disk when their calls return.
/// Errors:  a failed write appends nothing. After a failed flush nothing is known about what is on disk: every later call throws, until the log is
///          opened again.
/// Memory:  a mark for each KiB of log, and one for each term.
/// Threads: one at a time.
/// </remarks>
public sealed class ShardLog : IDisposable
{
    /// <summary>Bytes of one file; more make fewer files, fewer are dropped sooner.</summary>
    private const long FileBytesMax = 64L << 20;

    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly string _logDirectory;
    private readonly long _fileBytesMax;
    private readonly LogIndex _index;
    private LogWriter _writer;
    private FenceFile _fence;

    private ShardLog(IFileSystem files, string directory, FenceFile fence, LogIndex index, long nextSequence, long fileBytesMax)
    {
        _files = files;
        _directory = directory;
        _logDirectory = LogDirectory(directory);
        _fileBytesMax = fileBytesMax;
        _fence = fence;
        _index = index;
        _writer = new LogWriter(files, _logDirectory, nextSequence, fileBytesMax);
        _index.Begin(_writer.FileFirst);
    }

    public ShardId Shard => _fence.Shard;

    /// <summary>The greatest term that was accepted.</summary>
    public Term Fence => _fence.Fence;

    /// <summary>The entry before the first that can be read.</summary>
    public LogPosition Base => _fence.Base;

    public LogPosition Last => new(_index.TermAt(_writer.LastSequence) ?? Base.Term, new LogSequence(_writer.LastSequence));

    /// <summary>Entries up to this one are on disk.</summary>
    public LogSequence Durable => new(_writer.DurableSequence);

    /// <summary>Bytes appended since the log was opened or cut.</summary>
    public long WrittenBytes => _writer.WrittenBytes;

    /// <summary>Opens the log of a shard's directory, or makes an empty one; cuts off what a crash left of an entry.</summary>
    /// <exception cref="StorageException">What was durable is gone or damaged, or is another shard's.</exception>
    public static ShardLog Open(IFileSystem files, string directory, ShardId shard, long fileBytesMax = FileBytesMax)
    {
        string logDirectory = LogDirectory(directory);
        files.CreateDirectory(logDirectory);
        if (!files.FileExists(Path.Combine(directory, FenceFile.FileName)))
            Begin(files, directory, shard);
        FenceFile fence = FenceFile.Read(files, directory, shard);
        LogReader reader = new(files, logDirectory);
        if (fence.IsReset)
        {
            DeleteFiles(files, reader.ListFiles());
            new LogWriter(files, logDirectory, fence.Base.Sequence.Value + 1, fileBytesMax).Dispose();
            fence = fence with { IsReset = false };
            fence.Write(files, directory);
        }
        LogIndex index = new(fence.Base);
        foreach ((long first, string path) in reader.ListFiles())
        {
            if (first <= fence.Base.Sequence.Value)
                files.Delete(path); // dropped before, up to a crash
        }
        foreach (LogRecord record in reader.ReadAfter(fence.Base.Sequence.Value))
        {
            if (record.Offset == LogFormat.FileHeaderBytes)
                index.Begin(record.Header.Sequence);
            index.Add(record.Header.Sequence, new Term(record.Header.Term), record.Offset);
            index.End = record.Offset + LogFormat.PaddedLength(record.Header.Length);
        }
        reader.CutEnd();
        return new ShardLog(files, directory, fence, index, reader.NextSequence, fileBytesMax);
    }

    /// <summary>Promises to accept nothing of a lesser term; durable when the call returns.</summary>
    public void RaiseFence(Term term)
    {
        Invariant.Holds(term > Fence);
        WriteFence(_fence with { Fence = term });
    }

    /// <summary>Appends entries of a primary's own, after the last; not yet durable.</summary>
    /// <exception cref="FileFaultException">Nothing was appended.</exception>
    /// <returns>The last.</returns>
    public LogSequence Append(LogEntry[] entries)
    {
        Write(entries);
        return new LogSequence(_writer.LastSequence);
    }

    /// <summary>Appends what another's log has after the last entry of this one; not yet durable.</summary>
    /// <remarks>A record's word about what was durable is of the disk that it lies on: it is written anew.</remarks>
    /// <exception cref="FileFaultException">Nothing was appended.</exception>
    public void Append(IReadOnlyList<RawRecord> records)
    {
        LogEntry[] entries = new LogEntry[records.Count];
        for (int i = 0; i < entries.Length; i++)
        {
            Invariant.Holds(records[i].Position.Sequence.Value == _writer.NextSequence + i);
            entries[i] = records[i].Entry;
        }
        Write(entries);
    }

    private void Write(LogEntry[] entries)
    {
        Invariant.Holds(entries.Length > 0 && entries[0].Term >= Last.Term);
        long sequence = _writer.NextSequence;
        _writer.Append(entries);
        _index.Begin(_writer.FileFirst);
        long offset = _writer.FileEnd;
        foreach (LogEntry entry in entries)
            offset -= LogFormat.PaddedLength(entry.Payload.Length);
        foreach (LogEntry entry in entries)
        {
            _index.Add(sequence++, entry.Term, offset);
            offset += LogFormat.PaddedLength(entry.Payload.Length);
        }
        _index.End = offset;
    }

    /// <summary>Returns when all entries are on disk.</summary>
    /// <exception cref="FileFaultException">They may or may not be; the log can only be opened again.</exception>
    public void Flush() => _writer.Flush();

    /// <summary>The term of an entry or of the base; null for what is before that or after the last.</summary>
    public Term? TermAt(LogSequence sequence) =>
        sequence.Value > _writer.LastSequence ? null : _index.TermAt(sequence.Value);

    /// <summary>The first entry that can be read of those that have the same term as this one and no other between.</summary>
    public LogSequence FirstOfTermAt(LogSequence sequence) => new(_index.FirstOfTermAt(sequence.Value));

    /// <summary>Entries from one on, as they lie in the log: at least one, if there is one, and else no more than so many bytes.</summary>
    /// <exception cref="CorruptFileException">The disk holds something else.</exception>
    public ReadOnlyMemory<byte> ReadRaw(LogSequence from, int bytesMax)
    {
        Invariant.Holds(from > Base.Sequence);
        if (from.Value > _writer.LastSequence)
            return default;
        LogIndex.Place place = _index.Find(from.Value);
        bool isCurrent = place.FileFirst == _writer.FileFirst;
        string path = Path.Combine(_logDirectory, LogFormat.FileName(place.FileFirst));
        using IFile? file = isCurrent ? null : _files.Open(path, FileOpening.Read);
        byte[] bytes = Read(file, place.Offset, (int)Math.Min(place.End - place.Offset, LogIndex.StrideBytes + (long)bytesMax));
        int start = 0, end = 0;
        for (long sequence = place.Sequence; end < bytes.Length; sequence++)
        {
            int length = bytes.Length - end < LogFormat.RecordHeaderBytes ? int.MaxValue : LogFormat.RecordLength(bytes.AsSpan(end));
            bool isCut = length > bytes.Length - end;
            if (sequence >= from.Value && (isCut || end + length - start > bytesMax))
            {
                if (end > start)
                    break;
                if (isCut)
                    return ReadOne(file, path, place.Offset + end);
                end += length;
                break;
            }
            if (length < LogFormat.RecordHeaderBytes || isCut)
                throw new CorruptFileException(path, place.Offset + end, $"record {sequence} is not there");
            end += length;
            if (sequence < from.Value)
                start = end;
        }
        return bytes.AsMemory(start, end - start);
    }

    /// <summary>As <see cref="ReadRaw"/>, cut into records and checked.</summary>
    /// <exception cref="CorruptFileException">The disk holds something else.</exception>
    public List<RawRecord> Read(LogSequence from, int bytesMax)
    {
        List<RawRecord> records = RawRecord.Split(ReadRaw(from, bytesMax), _logDirectory, -1);
        Invariant.Holds(records.Count == 0 || records[0].Position.Sequence == from);
        return records;
    }

    /// <summary>Removes all entries after one; on disk when the call returns.</summary>
    public void CutAfter(LogSequence last)
    {
        Invariant.Holds(last >= Base.Sequence && last.Value <= _writer.LastSequence);
        if (last.Value == _writer.LastSequence)
            return;
        long next = last.Value + 1;
        LogIndex.Place place = _index.Find(next);
        long offset = OffsetOf(place, next);
        _writer.Dispose();
        // From the last file back, each for good before the next: a crash leaves a log that is whole, only longer.
        foreach ((long first, string path) in Enumerable.Reverse(new LogReader(_files, _logDirectory).ListFiles()))
        {
            if (first > next)
            {
                _files.Delete(path);
                _files.FlushDirectory(_logDirectory);
            }
            else if (first < next && first == place.FileFirst)
            {
                Truncate(path, offset); // a file that begins with the entry is emptied below
            }
        }
        _index.CutFrom(next, offset);
        _writer = new LogWriter(_files, _logDirectory, next, _fileBytesMax);
        _index.Begin(next);
    }

    /// <summary>Begins a new file, so that all before it can be dropped.</summary>
    public void Rotate()
    {
        _writer.Rotate();
        _index.Begin(_writer.FileFirst);
    }

    /// <summary>Drops files that hold nothing after an entry.</summary>
    public void DropThrough(LogSequence sequence)
    {
        long first = _index.FileAfter(sequence.Value);
        if (first <= Base.Sequence.Value + 1)
            return;
        LogPosition position = new(_index.TermAt(first - 1) ?? Base.Term, new LogSequence(first - 1));
        WriteFence(_fence with { Base = position });
        _index.DropBefore(position);
        foreach ((long fileFirst, string path) in new LogReader(_files, _logDirectory).ListFiles())
        {
            if (fileFirst < first)
                _files.Delete(path);
        }
    }

    /// <summary>Forgets all entries and goes on after another's; on disk when the call returns.</summary>
    public void Reset(LogPosition position)
    {
        WriteFence(_fence with { Base = position, IsReset = true });
        _writer.Dispose();
        DeleteFiles(_files, new LogReader(_files, _logDirectory).ListFiles());
        _index.Reset(position);
        _writer = new LogWriter(_files, _logDirectory, position.Sequence.Value + 1, _fileBytesMax);
        _index.Begin(_writer.FileFirst);
        WriteFence(_fence with { IsReset = false });
    }

    public void Dispose() => _writer.Dispose();

    private static string LogDirectory(string directory) => Path.Combine(directory, "log");

    /// <summary>The log comes first: where there is a fence and no log, the log was lost.</summary>
    private static void Begin(IFileSystem files, string directory, ShardId shard)
    {
        string logDirectory = LogDirectory(directory);
        if (new LogReader(files, logDirectory).ListFiles().Exists(file => file.First > 1 || files.FileLength(file.Path) > LogFormat.FileHeaderBytes))
        {
            throw new StorageException($"file \"{Path.Combine(directory, FenceFile.FileName)}\" is missing beside a log: " +
                "put it back, or remove the replica's directory, and it is copied anew from the others");
        }
        new LogWriter(files, logDirectory, nextSequence: 1, FileBytesMax).Dispose();
        new FenceFile(shard, default, default, false).Write(files, directory);
    }

    private static void DeleteFiles(IFileSystem files, List<(long First, string Path)> found)
    {
        foreach ((_, string path) in found)
            files.Delete(path);
    }

    private void WriteFence(FenceFile fence)
    {
        fence.Write(_files, _directory);
        _fence = fence;
    }

    private void Truncate(string path, long length)
    {
        using IFile file = _files.Open(path, FileOpening.Write);
        file.Truncate(length);
        file.Flush();
    }

    private byte[] Read(IFile? file, long offset, int length)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(length);
        if (file is null)
            _writer.Read(offset, bytes);
        else
            file.ReadExactly(offset, bytes);
        return bytes;
    }

    private byte[] ReadOne(IFile? file, string path, long offset)
    {
        int length = LogFormat.RecordLength(Read(file, offset, LogFormat.RecordHeaderBytes));
        return length >= LogFormat.RecordHeaderBytes
            ? Read(file, offset, length) : throw new CorruptFileException(path, offset, "a record's length makes no sense");
    }

    private long OffsetOf(LogIndex.Place place, long sequence)
    {
        using IFile? file = place.FileFirst == _writer.FileFirst
            ? null : _files.Open(Path.Combine(_logDirectory, LogFormat.FileName(place.FileFirst)), FileOpening.Read);
        long offset = place.Offset;
        for (long at = place.Sequence; at < sequence; at++)
            offset += LogFormat.RecordLength(Read(file, offset, LogFormat.RecordHeaderBytes));
        return offset;
    }
}
