using VecSQL.Catalog.Placement;

namespace VecSQL.Storage.Log;

/// <summary>Where the entries of a shard's log lie, and which terms they have.</summary>
/// <remarks>Memory: a mark for each <see cref="StrideBytes"/> of log; entries between two marks are found by walking.</remarks>
internal sealed class LogIndex(LogPosition start)
{
    public const int StrideBytes = 1024;

    private readonly List<LogFile> _files = [];

    /// <summary>Where each term begins; the first is the base's own.</summary>
    private readonly List<(long First, Term Term)> _terms = [(start.Sequence.Value, start.Term)];

    /// <summary>Where the records of the last file end.</summary>
    public long End
    {
        set => _files[^1].End = value;
    }

    /// <summary>Goes on with a file, unless it is the last already.</summary>
    public void Begin(long first)
    {
        if (_files.Count > 0 && _files[^1].First == first)
            return;
        if (_files.Count > 0 && _files[^1].Marks.Count == 0)
            _files.RemoveAt(_files.Count - 1);
        _files.Add(new LogFile(first));
    }

    public void Add(long sequence, Term term, long offset)
    {
        if (_terms[^1].Term != term)
            _terms.Add((sequence, term));
        List<(long Sequence, long Offset)> marks = _files[^1].Marks;
        if (marks.Count == 0 || offset >= marks[^1].Offset + StrideBytes)
            marks.Add((sequence, offset));
    }

    public Term? TermAt(long sequence)
    {
        int at = RunOf(sequence);
        return at < 0 ? null : _terms[at].Term;
    }

    public long FirstOfTermAt(long sequence) => Math.Max(_terms[RunOf(sequence)].First, _terms[0].First + 1);

    /// <summary>The mark at or before an entry that is there.</summary>
    public Place Find(long sequence)
    {
        int file = _files.Count - 1;
        while (_files[file].First > sequence || _files[file].Marks.Count == 0)
            file--;
        List<(long Sequence, long Offset)> marks = _files[file].Marks;
        int low = 0;
        for (int high = marks.Count - 1; low < high;)
        {
            int middle = (low + high + 1) / 2;
            if (marks[middle].Sequence <= sequence)
                low = middle;
            else
                high = middle - 1;
        }
        return new Place(_files[file].First, marks[low].Sequence, marks[low].Offset, _files[file].End);
    }

    /// <summary>The first entry of the last file that begins no later than after the given entry.</summary>
    public long FileAfter(long sequence)
    {
        int file = _files.Count - 1;
        while (file > 0 && _files[file].First > sequence + 1)
            file--;
        return _files[file].First;
    }

    /// <summary>Forgets an entry that is there and all after it.</summary>
    /// <param name="offset">Where it begins.</param>
    public void CutFrom(long sequence, long offset)
    {
        while (_files.Count > 0 && _files[^1].First >= sequence)
            _files.RemoveAt(_files.Count - 1);
        if (_files.Count > 0 && _files[^1].Marks.RemoveAll(mark => mark.Sequence >= sequence) >= 0 && offset > LogFormat.FileHeaderBytes)
            _files[^1].End = offset;
        while (_terms.Count > 1 && _terms[^1].First >= sequence)
            _terms.RemoveAt(_terms.Count - 1);
    }

    public void DropBefore(LogPosition position)
    {
        _files.RemoveAll(file => file.First <= position.Sequence.Value);
        int run = RunOf(position.Sequence.Value);
        _terms.RemoveRange(0, run);
        _terms[0] = (position.Sequence.Value, position.Term);
    }

    public void Reset(LogPosition position)
    {
        _files.Clear();
        _terms.Clear();
        _terms.Add((position.Sequence.Value, position.Term));
    }

    private int RunOf(long sequence)
    {
        int at = _terms.Count - 1;
        while (at >= 0 && _terms[at].First > sequence)
            at--;
        return at;
    }

    /// <summary>A record that can be read by its place, and where its file's records end.</summary>
    internal readonly record struct Place(long FileFirst, long Sequence, long Offset, long End);

    private sealed class LogFile(long first)
    {
        public long First => first;

        public long End { get; set; } = LogFormat.FileHeaderBytes;

        public List<(long Sequence, long Offset)> Marks { get; } = [];
    }
}
