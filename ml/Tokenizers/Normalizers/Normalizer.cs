namespace VecSQL.Ml.Tokenizers.Normalizers;

/// <summary>Rewrites a text before it is cut. Threads: any.</summary>
internal abstract class Normalizer
{
    /// <summary>How often a text is gone through.</summary>
    internal virtual int PassCount => 1;

    /// <summary>Appends the source, rewritten, to the target, and says there whether its start was lost.</summary>
    internal abstract void Run(ReadOnlySpan<char> source, TextBuffer target);
}
