namespace VecSQL.Text.Inverted;

/// <summary>What a term adds to the score of a document that has it: weight · f / (f + base + slope · length).</summary>
/// <remarks>
/// Okapi BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009: weight is the inverse document frequency
/// times k1 + 1, base is k1 · (1 − b), slope is k1 · b / mean length.
/// </remarks>
public readonly record struct TermScore(double Weight, double Base, double Slope)
{
    public double Of(int frequency, int length) => Weight * frequency / (frequency + Base + (Slope * length));

    /// <summary>The most that a document of a block can score.</summary>
    internal double Bound(PostingBlock block)
    {
        double bound = 0;
        for (int i = 0; i < PostingBlock.Classes; i++)
        {
            int length = PostingBlock.LengthOf(block.LeastLengths, i);
            if (length == PostingBlock.NoLength)
                continue;
            int frequency = i < PostingBlock.Classes - 1 ? i + 1
                : block.FrequencyMax == ushort.MaxValue ? int.MaxValue : block.FrequencyMax;
            bound = Math.Max(bound, Of(frequency, length));
        }
        return bound;
    }
}
