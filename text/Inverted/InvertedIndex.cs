using System.Buffers.Binary;
using System.Text;

namespace VecSQL.Text.Inverted;

/// <summary>A stored inverted index.</summary>
/// <remarks>Threads: any. Memory: none of its own; it reads its parts where they lie.</remarks>
public sealed class InvertedIndex : ITextPart
{
    private const int EntryBytes = 16;

    private readonly ReadOnlyMemory<byte> _terms, _offsets, _entries, _blocks, _postings;

    /// <exception cref="ArgumentException">A part is missing, or does not fit the others.</exception>
    public InvertedIndex(Func<InvertedIndexPart, ReadOnlyMemory<byte>?> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ReadOnlyMemory<byte> Part(InvertedIndexPart part) =>
            parts(part) ?? throw new ArgumentException($"the part {part} is missing", nameof(parts));
        (_terms, _offsets, _entries) = (Part(InvertedIndexPart.Terms), Part(InvertedIndexPart.TermOffsets), Part(InvertedIndexPart.TermEntries));
        (_blocks, _postings) = (Part(InvertedIndexPart.Blocks), Part(InvertedIndexPart.Postings));
        ReadOnlyMemory<byte> lengths = Part(InvertedIndexPart.Lengths);
        TermCount = _entries.Length / EntryBytes;
        if (_entries.Length % EntryBytes != 0 || _offsets.Length != (TermCount + 1) * sizeof(int) || lengths.Length % sizeof(int) != 0
            || _blocks.Length % PostingBlock.SizeBytes != 0 || OffsetAt(TermCount) != _terms.Length)
        {
            throw new ArgumentException("the parts do not fit together", nameof(parts));
        }
        int[] counts = new int[lengths.Length / sizeof(int)];
        for (int i = 0; i < counts.Length; i++)
        {
            counts[i] = BinaryPrimitives.ReadInt32LittleEndian(lengths.Span[(i * sizeof(int))..]);
            DocumentsWithText += counts[i] > 0 ? 1 : 0;
            TermTotal += counts[i];
        }
        Lengths = counts;
        Bytes = _terms.Length + (long)_offsets.Length + _entries.Length + _blocks.Length + _postings.Length + lengths.Length;
    }

    public int TermCount { get; }

    public int DocumentCount => Lengths.Length;

    /// <summary>Documents that have any term.</summary>
    public int DocumentsWithText { get; }

    /// <summary>Terms of all documents, counted as often as they stand in them.</summary>
    public long TermTotal { get; }

    /// <summary>Bytes of all parts.</summary>
    public long Bytes { get; }

    public ReadOnlyMemory<int> Lengths { get; }

    public int CountOf(string term) => IndexOf(term) is >= 0 and var at ? Entry(at).Count : 0;

    public PostingCursor? Open(string term, TermScore score)
    {
        int at = IndexOf(term);
        if (at < 0)
            return null;
        (int count, int block, long offset) = Entry(at);
        return new PostingCursor(
            _blocks.Slice(block * PostingBlock.SizeBytes, count / PostingBlock.Rows * PostingBlock.SizeBytes),
            _postings[(int)offset..], count, Lengths.Span, score);
    }

    private int IndexOf(string term)
    {
        ReadOnlySpan<byte> wanted = Encoding.UTF8.GetBytes(term), terms = _terms.Span;
        int low = 0, high = TermCount - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = terms[OffsetAt(middle)..OffsetAt(middle + 1)].SequenceCompareTo(wanted);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return -1;
    }

    private int OffsetAt(int term) => BinaryPrimitives.ReadInt32LittleEndian(_offsets.Span[(term * sizeof(int))..]);

    private (int Count, int Block, long Offset) Entry(int term)
    {
        ReadOnlySpan<byte> entry = _entries.Span.Slice(term * EntryBytes, EntryBytes);
        return (BinaryPrimitives.ReadInt32LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(entry[8..]));
    }
}
