using VecSQL.Storage.Files;

namespace VecSQL.Storage.Log;

/// <summary>Appends records to the log.</summary>
/// <remarks>
/// Zeros:   the file is made longer ahead of short records, so that a flush need not write its length too, which costs half as much
///          again. A reader takes them for the end of the log; a file that another one follows has none.
/// Errors:  a failed write is cut off again, and the log goes on. When that fails too, or a flush fails, nothing is
///          known any more
///          about what is on disk: the log is broken, and every later call throws.
/// Threads: one at a time.
/// </remarks>
internal sealed class LogWriter : IDisposable
{
    private const int ShortBytes = 64 * 1024, AheadBytesMin = 16 * 1024, AheadBytesMax = 256 * 1024;

    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly long _fileBytesMax;
    private IFile _file;
    private long _offset;
    private long _length; // of the file, with the zeros ahead
    private FileFaultException? _broken;

    /// <summary>Starts a file whose first record will be <paramref name="nextSequence"/>.</summary>
    public LogWriter(IFileSystem files, string directory, long nextSequence, long fileBytesMax)
    {
        _files = files;
        _directory = directory;
        _fileBytesMax = fileBytesMax;
        NextSequence = nextSequence;
        DurableSequence = nextSequence - 1;
        _file = StartFile();
    }

    public long NextSequence { get; private set; }

    public long LastSequence => NextSequence - 1;

    /// <summary>The first record of the file that is written now.</summary>
    public long FileFirst { get; private set; }

    /// <summary>Where the records of the file that is written now end.</summary>
    public long FileEnd => _offset;

    /// <summary>Records up to this one are on disk.</summary>
    public long DurableSequence { get; private set; }

    /// <summary>Bytes appended since the start.</summary>
    public long WrittenBytes { get; private set; }

    public bool IsBroken => _broken is not null;

    /// <summary>Writes the records one after the other; not yet durable.</summary>
    /// <exception cref="FileFaultException">Nothing was appended.</exception>
    public void Append(IReadOnlyList<LogEntry> entries)
    {
        ThrowIfBroken();
        if (_offset >= _fileBytesMax)
            Rotate();
        List<ReadOnlyMemory<byte>> pieces = new(entries.Count * 3);
        byte[] headers = new byte[entries.Count * LogFormat.RecordHeaderBytes];
        long sequence = NextSequence, end = _offset;
        for (int i = 0; i < entries.Count; i++)
        {
            LogEntry entry = entries[i];
            Memory<byte> header = headers.AsMemory(i * LogFormat.RecordHeaderBytes, LogFormat.RecordHeaderBytes);
            LogFormat.WriteRecordHeader(header.Span,
                new LogRecordHeader(entry.Payload.Length, 0, sequence++, entry.Timestamp, DurableSequence,
                    entry.Term.Value, entry.Kind),
                entry.Payload.Span);
            pieces.Add(header);
            pieces.Add(entry.Payload);
            int padded = LogFormat.PaddedLength(entry.Payload.Length);
            int padding = padded - LogFormat.RecordHeaderBytes - entry.Payload.Length;
            if (padding > 0)
                pieces.Add(Zeros.AsMemory(0, padding));
            end += padded;
        }
        MakeLonger(end);
        Write(pieces);
        _length = Math.Max(_length, end);
        WrittenBytes += end - _offset;
        _offset = end;
        NextSequence = sequence;
    }

    /// <summary>Returns when all records are on disk.</summary>
    /// <exception cref="FileFaultException">They may or may not be; the log is broken.</exception>
    public void Flush()
    {
        ThrowIfBroken();
        if (DurableSequence < LastSequence)
            FlushFile();
    }

    private void FlushFile()
    {
        try
        {
            _file.Flush();
        }
        catch (FileFaultException fault)
        {
            _broken = fault;
            throw;
        }
        DurableSequence = LastSequence;
    }

    /// <summary>Ends the file, durably, and starts the next one.</summary>
    public void Rotate()
    {
        ThrowIfBroken();
        if (_length > _offset)
        {
            _file.Truncate(_offset);
            _length = _offset;
            FlushFile(); // the length too
        }
        Flush();
        if (_offset == LogFormat.FileHeaderBytes)
            return;
        IFile next = StartFile();
        _file.Dispose();
        _file = next;
    }

    /// <summary>Reads from the file that is written now.</summary>
    public void Read(long offset, Span<byte> target) => _file.ReadExactly(offset, target);

    public void Dispose() => _file.Dispose();

    private static byte[] Zeros { get; } = new byte[AheadBytesMax];

    private IFile StartFile()
    {
        string path = Path.Combine(_directory, LogFormat.FileName(NextSequence));
        IFile file = _files.Open(path, FileOpening.Replace);
        try
        {
            file.Write(0, LogFormat.FileHeader(NextSequence));
            file.Flush();
            _files.FlushDirectory(_directory);
        }
        catch (FileFaultException)
        {
            file.Dispose(); // what is left of it has no records, which a reader passes over
            throw;
        }
        _length = _offset = LogFormat.FileHeaderBytes;
        FileFirst = NextSequence;
        return file;
    }

    private void MakeLonger(long end)
    {
        if (end <= _length || end - _offset > ShortBytes)
            return;
        try
        {
            int ahead = (int)Math.Clamp(_length, AheadBytesMin, AheadBytesMax); // in proportion, so that a short log stays short
            _file.Write(_length, Zeros.AsSpan(0, ahead));
            _length += ahead;
        }
        catch (FileFaultException)
        {
            CutOff(); // the record itself may have room
        }
    }

    private void Write(List<ReadOnlyMemory<byte>> pieces)
    {
        try
        {
            _file.Write(_offset, pieces);
        }
        catch (FileFaultException)
        {
            CutOff();
            throw;
        }
    }

    /// <summary>
    /// Removes what a failed write has left, so that the next record does not follow half of another.
    /// </summary>
    private void CutOff()
    {
        try
        {
            _file.Truncate(_offset);
            _length = _offset;
        }
        catch (FileFaultException fault)
        {
            _broken = fault;
        }
    }

    private void ThrowIfBroken()
    {
        if (_broken is not null)
        {
            throw new FileFaultException(_broken.Fault, "write", _file.Path, _offset,
                $"an earlier operation failed ({_broken.Message})", _broken);
        }
    }
}
