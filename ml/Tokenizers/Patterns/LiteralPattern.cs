namespace VecSQL.Ml.Tokenizers.Patterns;

/// <summary>A text as it stands.</summary>
internal sealed class LiteralPattern(string literal) : Pattern
{
    internal override bool TryFind(ReadOnlySpan<char> text, int at, out int start, out int length)
    {
        length = literal.Length;
        start = at > text.Length || length == 0 ? -1 : text[at..].IndexOf(literal, StringComparison.Ordinal);
        if (start < 0)
            return false;
        start += at;
        return true;
    }
}
