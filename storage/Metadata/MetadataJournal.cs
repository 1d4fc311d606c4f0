using VecSQL.Catalog.Metadata;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Metadata;

/// <summary>The file that a model of metadata is kept in: a state, and each step since.</summary>
/// <remarks>
/// Format:  <see cref="MetadataFormat"/>. A file is written whole beside the old one, and then has its name; so one that is there has its state.
/// Durable: a step is flushed before <see cref="Append"/> returns, so that no more than the last record can be torn by a crash.
/// Errors:  where a step could be taken back whole, the next may succeed; after a failed flush nothing does until a restart has read what is there.
/// Threads: one at a time.
/// </remarks>
internal sealed class MetadataJournal : IMetadataJournal
{
    /// <summary>A file is written anew when it is so long, and several times what its state took.</summary>
    private const long RewriteBytesMin = 1 << 20, RewriteRatio = 4;

    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly PayloadWriter _payload = new();
    private IFile _file;
    private long _length, _next, _rewriteAt;
    private string? _broken;

    private MetadataJournal(IFileSystem files, string path, IFile file, long length, long next, long stateBytes)
    {
        _files = files;
        _path = path;
        _file = file;
        _length = length;
        _next = next;
        _rewriteAt = RewriteAt(stateBytes);
    }

    /// <summary>Reads the journal, or begins one, and cuts off what a crash has left of a step that was never answered.</summary>
    /// <exception cref="CorruptFileException">What was durable cannot be read.</exception>
    public static MetadataJournal Open(IFileSystem files, string directory, out MetadataModel model)
    {
        string path = Path.Combine(directory, FileMetadataStore.FileName);
        if (!files.FileExists(path))
        {
            files.CreateDirectory(directory);
            files.ReplaceDurably(path, Whole(new MetadataModel().Capture(), 1).Written.Span);
        }
        byte[] bytes = files.ReadAll(path);
        (model, long end, long next, long stateBytes) = Replay(path, bytes);
        IFile file = files.Open(path, FileOpening.Write);
        try
        {
            if (end < bytes.Length)
            {
                file.Truncate(end);
                file.Flush();
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }
        return new MetadataJournal(files, path, file, end, next, stateBytes);
    }

    /// <summary>The model that a journal's bytes tell, and where they end: what follows never was completed.</summary>
    internal static (MetadataModel Model, long End, long Next, long StateBytes) Replay(string path, ReadOnlySpan<byte> bytes)
    {
        long next = MetadataFormat.ReadFileHeader(path, bytes);
        int offset = MetadataFormat.FileHeaderBytes;
        if (!MetadataFormat.TryReadRecord(bytes[offset..], out long sequence, out ReadOnlySpan<byte> payload) || sequence != next)
            throw new CorruptFileException(path, offset, "the state that it begins with is not whole; restore the data directory from a backup");
        try
        {
            MetadataModel model = new(MetadataFormat.ReadState(payload), TimeSpan.Zero);
            int stateBytes = payload.Length;
            while (true)
            {
                offset += MetadataFormat.PaddedLength(payload.Length);
                next++;
                if (!MetadataFormat.TryReadRecord(bytes[offset..], out sequence, out payload) || sequence != next)
                    break;
                model.Apply(MetadataFormat.ReadStep(payload), TimeSpan.Zero);
            }
            ThrowIfDamaged(path, bytes, offset, next);
            return (model, offset, next, stateBytes);
        }
        catch (Exception cause) when (cause is InvalidDataException or InvariantException or ArgumentException or KeyNotFoundException)
        {
            throw new CorruptFileException(path, offset, $"a record cannot be understood: {cause.Message}; restore the data directory from a backup", cause);
        }
    }

    /// <inheritdoc/>
    public void Append(MetadataModel before, MetadataStep step)
    {
        if (_broken is not null)
            throw new MetadataUnavailableException($"the journal of metadata cannot be written until a restart: {_broken}", isOutcomeUnknown: false);
        if (_length >= _rewriteAt)
            Rewrite(before);
        _payload.Clear();
        MetadataFormat.WriteStep(_payload, step);
        PayloadWriter record = new(MetadataFormat.PaddedLength(_payload.Length));
        MetadataFormat.WriteRecord(record, _next, _payload.Written.Span);
        Write(record.Written.Span);
        try
        {
            _file.Flush();
        }
        catch (FileFaultException cause)
        {
            _broken = cause.Message;
            throw new MetadataUnavailableException($"a change of metadata may not be on disk: {cause.Message}", isOutcomeUnknown: true, cause);
        }
        _length += record.Length;
        _next++;
    }

    public void Dispose() => _file.Dispose();

    private void Write(ReadOnlySpan<byte> record)
    {
        try
        {
            _file.Write(_length, record);
        }
        catch (FileFaultException cause)
        {
            try
            {
                _file.Truncate(_length);
            }
            catch (FileFaultException second)
            {
                _broken = second.Message;
            }
            throw new MetadataUnavailableException($"a change of metadata could not be written: {cause.Message}", isOutcomeUnknown: _broken is not null, cause);
        }
    }

    /// <summary>Puts a file with the state alone in the place of this one. One that cannot be written is tried again when the old has grown some more.</summary>
    private void Rewrite(MetadataModel model)
    {
        PayloadWriter whole = Whole(model.Capture(), _next);
        string fresh = _path + ".new";
        IFile file;
        try
        {
            file = _files.Open(fresh, FileOpening.Replace);
        }
        catch (FileFaultException)
        {
            _rewriteAt = _length + RewriteBytesMin;
            return;
        }
        try
        {
            file.Write(0, whole.Written.Span);
            file.Flush();
        }
        catch (FileFaultException)
        {
            file.Dispose();
            _rewriteAt = _length + RewriteBytesMin;
            return;
        }
        try
        {
            _files.Rename(fresh, _path);
            _files.FlushDirectory(Path.GetDirectoryName(_path) ?? ".");
        }
        catch (FileFaultException cause)
        {
            // Which file a restart finds is unknown; both have the same state, but what is appended to one is not in the other.
            file.Dispose();
            _broken = cause.Message;
            throw new MetadataUnavailableException($"the journal of metadata cannot be written until a restart: {_broken}", isOutcomeUnknown: false, cause);
        }
        _file.Dispose();
        _file = file;
        _length = whole.Length;
        _next++;
        _rewriteAt = RewriteAt(whole.Length);
    }

    private static long RewriteAt(long stateBytes) => Math.Max(RewriteBytesMin, stateBytes * RewriteRatio);

    private static PayloadWriter Whole(MetadataState state, long sequence)
    {
        PayloadWriter payload = new(1024);
        MetadataFormat.WriteState(payload, state);
        PayloadWriter whole = new(payload.Length + 64);
        MetadataFormat.WriteFileHeader(whole, sequence);
        MetadataFormat.WriteRecord(whole, sequence, payload.Written.Span);
        return whole;
    }

    /// <summary>A record behind the end was written when all before it were on disk: so the end is no end.</summary>
    private static void ThrowIfDamaged(string path, ReadOnlySpan<byte> bytes, int end, long next)
    {
        for (int at = end + MetadataFormat.Alignment; at + MetadataFormat.RecordHeaderBytes <= bytes.Length; at += MetadataFormat.Alignment)
        {
            if (MetadataFormat.TryReadRecord(bytes[at..], out long sequence, out _) && sequence > next)
                throw new CorruptFileException(path, end, $"record {next} was durable and cannot be read; restore the data directory from a backup");
        }
    }
}
