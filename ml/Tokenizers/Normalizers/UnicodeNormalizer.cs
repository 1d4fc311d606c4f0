using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Normalizers;

/// <summary>One of Unicode's four normal forms.</summary>
internal sealed class UnicodeNormalizer(bool isCompatible, bool composes) : Normalizer
{
    internal override void Run(ReadOnlySpan<char> source, TextBuffer target)
    {
        if (NormalForm.IsPlain(source))
        {
            target.Append(source);
        }
        else if (!composes)
        {
            NormalForm.Decompose(source, target, isCompatible);
        }
        else
        {
            TextBuffer decomposed = Spare<TextBuffer>.Take();
            NormalForm.Decompose(source, decomposed, isCompatible);
            NormalForm.Compose(decomposed.Span, target);
            Spare<TextBuffer>.Return(decomposed);
        }
    }
}
