namespace VecSQL.Ml.Tokenizers.Patterns;

/// <summary>Finds where something matches in a text. Threads: any.</summary>
internal abstract class Pattern
{
    /// <summary>The first match at or behind an index; it may be empty.</summary>
    internal abstract bool TryFind(ReadOnlySpan<char> text, int at, out int start, out int length);
}
