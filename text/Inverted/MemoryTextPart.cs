namespace VecSQL.Text.Inverted;

/// <summary>The first documents of an index that may be growing.</summary>
/// <remarks>Threads: any; the builder's lock is held while it is read.</remarks>
public sealed class MemoryTextPart(InvertedIndexBuilder builder, Lock gate, int count) : ITextPart
{
    public int DocumentCount => count;

    public ReadOnlyMemory<int> Lengths { get; } = Copy(builder, gate, count);

    public int CountOf(string term)
    {
        lock (gate)
            return builder.Find(term, count)?.Count ?? 0;
    }

    public PostingCursor? Open(string term, TermScore score)
    {
        Postings? postings;
        lock (gate)
            postings = builder.Find(term, count);
        return postings is null ? null : new PostingCursor(postings, Lengths.Span, score);
    }

    private static int[] Copy(InvertedIndexBuilder builder, Lock gate, int count)
    {
        lock (gate)
            return builder.Lengths[..count].ToArray();
    }
}
