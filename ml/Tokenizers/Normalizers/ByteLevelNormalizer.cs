using VecSQL.Ml.Tokenizers.Splitters;

namespace VecSQL.Ml.Tokenizers.Normalizers;

/// <summary>Every byte of the text in UTF-8 as one visible character.</summary>
internal sealed class ByteLevelNormalizer : Normalizer
{
    internal override void Run(ReadOnlySpan<char> source, TextBuffer target) => ByteLetters.Append(source, target);
}
