using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Patterns;

/// <summary>One code point of some kinds.</summary>
internal sealed class SetPattern(CodePointKinds kinds) : Pattern
{
    internal override bool TryFind(ReadOnlySpan<char> text, int at, out int start, out int length)
    {
        for (start = at; start < text.Length; start += length)
        {
            if (CodePoints.Is(CodePoints.At(text, start, out length), kinds))
                return true;
        }
        length = 0;
        return false;
    }
}
