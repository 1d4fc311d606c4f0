using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using VecSQL.Text.Analysis;

namespace VecSQL.Text.Inverted;

/// <summary>An inverted index that grows by whole documents: of rows in memory, and while one is built that is stored.</summary>
/// <remarks>
/// Documents are numbered in the order in which they come. Memory: about two bytes a posting and eighty a term.
/// Threads: one at a time.
/// </remarks>
public sealed class InvertedIndexBuilder(Analyzer analyzer)
{
    private readonly TermReader _reader = new(analyzer);
    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<PostingList> _lists = [];
    private readonly List<int> _lengths = [];
    private readonly List<int> _frequencies = []; // of the current document, by term
    private readonly List<int> _touched = [];

    public int DocumentCount => _lengths.Count;

    public int TermCount => _lists.Count;

    /// <summary>How many terms each document has.</summary>
    public ReadOnlySpan<int> Lengths => CollectionsMarshal.AsSpan(_lengths);

    /// <summary>Adds the next document.</summary>
    /// <param name="utf8">Its text; empty for one without.</param>
    public void Add(ReadOnlySpan<byte> utf8)
    {
        int document = _lengths.Count, length = 0;
        if (!utf8.IsEmpty)
        {
            _reader.Begin(utf8);
            for (; _reader.MoveNext(); length++)
                Count(_reader.Term);
        }
        Span<int> frequencies = CollectionsMarshal.AsSpan(_frequencies);
        foreach (int term in _touched)
        {
            _lists[term].Add(document, frequencies[term]);
            frequencies[term] = 0;
        }
        _touched.Clear();
        _lengths.Add(length);
    }

    /// <summary>The first documents that have a term.</summary>
    /// <param name="end">Documents from here on do not count.</param>
    public Postings? Find(string term, int end)
    {
        if (!_numbers.TryGetValue(term, out int number))
            return null;
        PostingList list = _lists[number];
        int[] documents = new int[list.Count], frequencies = new int[list.Count];
        list.Read(documents, frequencies);
        int found = documents.AsSpan().BinarySearch(end), count = found < 0 ? ~found : found;
        return count == 0 ? null : new Postings(documents, frequencies, count);
    }

    /// <summary>The index over all documents, as it is stored.</summary>
    public IReadOnlyList<(InvertedIndexPart Part, ReadOnlyMemory<byte> Content)> Build()
    {
        byte[][] terms = new byte[_lists.Count][];
        int[] order = new int[_lists.Count];
        foreach ((string term, int number) in _numbers)
            (terms[number], order[number]) = (Encoding.UTF8.GetBytes(term), number);
        Array.Sort(terms, order, Comparer<byte[]>.Create(static (x, y) => x.AsSpan().SequenceCompareTo(y)));
        ImageWriter writer = new(CollectionsMarshal.AsSpan(_lengths).ToArray());
        for (int i = 0; i < terms.Length; i++)
            writer.Add(terms[i], _lists[order[i]]);
        return writer.Finish();
    }

    private void Count(string term)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, term, out bool isKnown);
        if (!isKnown)
        {
            number = _lists.Count;
            _lists.Add(new PostingList());
            _frequencies.Add(0);
        }
        ref int frequency = ref CollectionsMarshal.AsSpan(_frequencies)[number];
        if (frequency++ == 0)
            _touched.Add(number);
    }

    /// <summary>Lays the terms out, in their order.</summary>
    private sealed class ImageWriter(int[] lengths)
    {
        private readonly ArrayBufferWriter<byte> _terms = new(), _offsets = new(), _entries = new(), _blocks = new(), _postings = new();
        private int[] _documents = [], _frequencies = [];
        private byte[] _packed = new byte[PostingBlock.Rows * 8];
        private int _blockCount;

        internal void Add(ReadOnlySpan<byte> term, PostingList list)
        {
            if (_documents.Length < list.Count)
                (_documents, _frequencies) = (new int[list.Count * 2], new int[list.Count * 2]);
            Span<int> documents = _documents.AsSpan(0, list.Count), frequencies = _frequencies.AsSpan(0, list.Count);
            list.Read(documents, frequencies);
            WriteInt32(_offsets, _terms.WrittenCount);
            _terms.Write(term);
            Span<byte> entry = stackalloc byte[16];
            BinaryPrimitives.WriteInt32LittleEndian(entry, list.Count);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], _blockCount);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], _postings.WrittenCount);
            _entries.Write(entry);
            int start = _postings.WrittenCount;
            int before = -1;
            for (; documents.Length >= PostingBlock.Rows; documents = documents[PostingBlock.Rows..], frequencies = frequencies[PostingBlock.Rows..])
            {
                WriteBlock(documents[..PostingBlock.Rows], frequencies[..PostingBlock.Rows], before, _postings.WrittenCount - start);
                before = documents[PostingBlock.Rows - 1];
            }
            if (_packed.Length < documents.Length * 10)
                _packed = new byte[documents.Length * 10];
            int used = 0;
            Varint.WritePostings(documents, frequencies, before, _packed, ref used);
            _postings.Write(_packed.AsSpan(0, used));
        }

        internal IReadOnlyList<(InvertedIndexPart Part, ReadOnlyMemory<byte> Content)> Finish()
        {
            WriteInt32(_offsets, _terms.WrittenCount);
            byte[] counts = new byte[lengths.Length * sizeof(int)];
            for (int i = 0; i < lengths.Length; i++)
                BinaryPrimitives.WriteInt32LittleEndian(counts.AsSpan(i * sizeof(int)), lengths[i]);
            return
            [
                (InvertedIndexPart.Terms, _terms.WrittenMemory), (InvertedIndexPart.TermOffsets, _offsets.WrittenMemory),
                (InvertedIndexPart.TermEntries, _entries.WrittenMemory), (InvertedIndexPart.Blocks, _blocks.WrittenMemory),
                (InvertedIndexPart.Postings, _postings.WrittenMemory), (InvertedIndexPart.Lengths, counts),
            ];
        }

        private void WriteBlock(ReadOnlySpan<int> documents, ReadOnlySpan<int> frequencies, int before, int offset)
        {
            Span<int> gaps = stackalloc int[PostingBlock.Rows], counts = stackalloc int[PostingBlock.Rows];
            ulong least = PostingBlock.NoLengths;
            int frequencyMax = 0, last = before;
            for (int i = 0; i < gaps.Length; i++)
            {
                (gaps[i], counts[i], last) = (documents[i] - last - 1, frequencies[i] - 1, documents[i]);
                least = PostingBlock.With(least, frequencies[i], lengths[documents[i]]);
                frequencyMax = Math.Max(frequencyMax, frequencies[i]);
            }
            int gapBits = BitPacking.BitsOf(gaps), frequencyBits = BitPacking.BitsOf(counts);
            Span<byte> head = stackalloc byte[PostingBlock.SizeBytes];
            new PostingBlock(last, offset, (byte)gapBits, (byte)frequencyBits, (ushort)Math.Min(frequencyMax, ushort.MaxValue), least)
                .Write(head);
            _blocks.Write(head);
            _blockCount++;
            Append(gaps, gapBits);
            Append(counts, frequencyBits);
        }

        private void Append(ReadOnlySpan<int> numbers, int bits)
        {
            int bytes = BitPacking.BytesOf(numbers.Length, bits);
            BitPacking.Pack(numbers, bits, _packed);
            _postings.Write(_packed.AsSpan(0, bytes));
        }

        private static void WriteInt32(ArrayBufferWriter<byte> target, int number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
            target.Write(bytes);
        }
    }
}
