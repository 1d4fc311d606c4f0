using VecSQL.Catalog.Placement;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Files;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Replication;

/// <summary>Segments whose files are on their way by the log, and which no record has named yet.</summary>
/// <remarks>
/// End:     by the record that names it; or with the term in which it was begun, since only the primary of that term can name it.
/// Durable: a file is, when its last part is applied; before that, what a manifest counts on is flushed first.
/// Threads: any.
/// </remarks>
internal sealed class ArrivingFiles(SegmentFiles segments)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, Term> _terms = [];

    /// <summary>Each with the term of its parts, in the order of their numbers.</summary>
    public IReadOnlyList<(SegmentId Segment, Term Term)> List()
    {
        lock (_lock)
            return [.. _terms.Select(static file => (new SegmentId(file.Key), file.Value))];
    }

    public bool Has(SegmentId segment)
    {
        lock (_lock)
            return _terms.ContainsKey(segment.Value);
    }

    public void Add(SegmentId segment, Term term)
    {
        lock (_lock)
            _terms[segment.Value] = term;
    }

    /// <summary>A record has named it, or nobody will.</summary>
    public void Remove(SegmentId segment)
    {
        lock (_lock)
            _terms.Remove(segment.Value);
    }

    /// <summary>Forgets those that were begun before a term.</summary>
    public List<SegmentId> TakeBefore(Term term)
    {
        List<SegmentId> gone = [];
        lock (_lock)
        {
            foreach ((long segment, Term begun) in _terms)
            {
                if (begun < term)
                    gone.Add(new SegmentId(segment));
            }
            foreach (SegmentId segment in gone)
                _terms.Remove(segment.Value);
        }
        return gone;
    }

    /// <summary>Writes a part where a record of its file's name will look for it.</summary>
    public void Write(FilePart part, Term term)
    {
        Add(part.Segment, term);
        using IFile file = segments.Files.Open(Path.Combine(segments.Directory, part.FileName), FileOpening.OpenOrCreate);
        file.Write(part.Offset, part.Bytes.Span);
        if (part.IsLast)
            file.Flush();
    }

    /// <summary>Makes durable what has come, for a manifest after which it does not come again.</summary>
    public void Flush(IReadOnlyList<(SegmentId Segment, Term Term)> files)
    {
        foreach ((SegmentId segment, _) in files)
        {
            foreach (string name in (string[])[segment.ArrowName, segment.SidecarName])
            {
                string path = Path.Combine(segments.Directory, name);
                if (!segments.Files.FileExists(path))
                    continue;
                using IFile file = segments.Files.Open(path, FileOpening.Write);
                file.Flush();
            }
        }
    }
}
