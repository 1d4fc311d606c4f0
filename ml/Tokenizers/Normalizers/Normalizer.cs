namespace VecSQL.Ml.Tokenizers.Normalizers;

/// <summary>Rewrites a text before it is cut. Threads: any.</summary>
internal abstract class Normalizer
{
    /// <summary>Appends the source, rewritten, to the target, and says there whether its start was lost.</summary>
    internal abstract void Run(ReadOnlySpan<char> source, TextBuffer target);
}
