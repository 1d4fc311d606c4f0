namespace VecSQL.Text.Inverted;

/// <summary>Reads the documents of one term in ascending order, passing over blocks without unpacking them.</summary>
/// <remarks>Threads: one.</remarks>
public sealed class PostingCursor
{
    /// <summary>The document behind the last.</summary>
    public const int End = int.MaxValue;

    private readonly ReadOnlyMemory<byte> _blocks, _postings;
    private readonly int[] _lasts;     // of each block, and End for what follows the blocks
    private readonly double[] _bounds; // the same
    private readonly int _tailStart;
    private readonly int[] _tail, _tailFrequencies;
    private int[] _documents, _frequencies;
    private int _block, _at, _size, _peek;
    private bool _hasFrequencies;

    /// <summary>Documents that lie in memory.</summary>
    internal PostingCursor(Postings postings, ReadOnlySpan<int> lengths, TermScore score)
    {
        (_lasts, _tail, _tailFrequencies) = ([End], postings.Documents.ToArray(), postings.Frequencies.ToArray());
        (_documents, _frequencies) = (_tail, _tailFrequencies);
        _bounds = [TailBound(lengths, score)];
        Start();
    }

    /// <param name="blocks">The term's own.</param>
    /// <param name="postings">From the term's first on; may go on behind its last.</param>
    internal PostingCursor(
        ReadOnlyMemory<byte> blocks, ReadOnlyMemory<byte> postings, int count, ReadOnlySpan<int> lengths, TermScore score)
    {
        (_blocks, _postings) = (blocks, postings);
        int blockCount = count / PostingBlock.Rows;
        (_lasts, _bounds) = (new int[blockCount + 1], new double[blockCount + 1]);
        int before = -1;
        ReadOnlySpan<byte> heads = blocks.Span;
        for (int i = 0; i < blockCount; i++)
        {
            PostingBlock block = PostingBlock.Read(heads[(i * PostingBlock.SizeBytes)..]);
            (_lasts[i], _bounds[i], before) = (block.LastDocument, score.Bound(block), block.LastDocument);
            _tailStart = block.Offset + BytesOf(block);
        }
        _lasts[^1] = End;
        int rest = count % PostingBlock.Rows, at = _tailStart;
        (_tail, _tailFrequencies) = (new int[rest], new int[rest]);
        Varint.ReadPostings(postings.Span, ref at, before, _tail, _tailFrequencies);
        _bounds[^1] = TailBound(lengths, score);
        bool hasBlocks = blockCount > 0;
        (_documents, _frequencies) = hasBlocks ? (new int[PostingBlock.Rows], new int[PostingBlock.Rows]) : (_tail, _tailFrequencies);
        Start();
    }

    /// <summary>The document it stands on; <see cref="End"/> behind the last.</summary>
    public int Document { get; private set; }

    /// <summary>How often the document has the term.</summary>
    public int Frequency
    {
        get
        {
            if (!_hasFrequencies)
                UnpackFrequencies();
            return _frequencies[_at];
        }
    }

    /// <summary>The most that the term adds to any document.</summary>
    internal double Bound { get; private set; }

    public void MoveNext()
    {
        if (++_at < _size)
            Document = _documents[_at];
        else
            Load(_block + 1);
    }

    /// <summary>Moves to the first document from <paramref name="target"/> on; never back.</summary>
    public void Seek(int target)
    {
        if (Document >= target)
            return;
        if (_lasts[_block] < target)
        {
            int block = _block + 1;
            while (block < _lasts.Length && _lasts[block] < target)
                block++;
            Load(block);
        }
        while (Document < target)
        {
            // Near is likely: look at the next few, then halve.
            int end = Math.Min(_at + 8, _size);
            while (_at < end && _documents[_at] < target)
                _at++;
            if (_at == end && end < _size)
            {
                int found = _documents.AsSpan(_at, _size - _at).BinarySearch(target);
                _at += found < 0 ? ~found : found;
            }
            if (_at < _size)
                Document = _documents[_at];
            else
                Load(_block + 1);
        }
    }

    /// <summary>The most that the term adds to documents from <paramref name="target"/> to <paramref name="last"/>.</summary>
    /// <param name="target">Not before one that was asked for earlier.</param>
    internal double BoundFrom(int target, out int last)
    {
        while (_lasts[_peek] < target)
            _peek++;
        last = _lasts[_peek];
        return _bounds[_peek];
    }

    private void Start()
    {
        foreach (double bound in _bounds)
            Bound = Math.Max(Bound, bound);
        Load(0);
    }

    private double TailBound(ReadOnlySpan<int> lengths, TermScore score)
    {
        double bound = 0;
        for (int i = 0; i < _tail.Length; i++)
            bound = Math.Max(bound, score.Of(_tailFrequencies[i], lengths[_tail[i]]));
        return bound;
    }

    private void Load(int block)
    {
        (_at, _size) = (0, 0);
        if (block >= _lasts.Length)
        {
            (_block, Document) = (_lasts.Length - 1, End);
            return;
        }
        _block = block;
        if (block == _lasts.Length - 1)
            (_documents, _frequencies, _size, _hasFrequencies) = (_tail, _tailFrequencies, _tail.Length, true);
        else
            UnpackDocuments();
        Document = _size > 0 ? _documents[0] : End;
    }

    private PostingBlock Head() => PostingBlock.Read(_blocks.Span[(_block * PostingBlock.SizeBytes)..]);

    private void UnpackDocuments()
    {
        PostingBlock block = Head();
        BitPacking.Unpack(_postings.Span[block.Offset..], block.GapBits, _documents);
        int document = _block == 0 ? -1 : _lasts[_block - 1];
        foreach (ref int gap in _documents.AsSpan())
            gap = document += gap + 1;
        (_size, _hasFrequencies) = (PostingBlock.Rows, false);
    }

    private void UnpackFrequencies()
    {
        PostingBlock block = Head();
        int offset = block.Offset + BitPacking.BytesOf(PostingBlock.Rows, block.GapBits);
        BitPacking.Unpack(_postings.Span[offset..], block.FrequencyBits, _frequencies);
        foreach (ref int frequency in _frequencies.AsSpan())
            frequency++;
        _hasFrequencies = true;
    }

    private static int BytesOf(PostingBlock block) =>
        BitPacking.BytesOf(PostingBlock.Rows, block.GapBits) + BitPacking.BytesOf(PostingBlock.Rows, block.FrequencyBits);
}
