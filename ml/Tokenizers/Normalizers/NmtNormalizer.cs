namespace VecSQL.Ml.Tokenizers.Normalizers;

/// <summary>SentencePiece's cleaning for translation: drops control characters, makes odd white space blanks.</summary>
internal sealed class NmtNormalizer : Normalizer
{
    internal override void Run(ReadOnlySpan<char> source, TextBuffer target)
    {
        for (int i = 0; i < source.Length; i++)
        {
            char letter = source[i];
            switch (letter)
            {
                case >= '\x01' and <= '\x08' or '\x0B' or >= '\x0E' and <= '\x1F' or '\x7F' or '\x8F' or '\x9F':
                    target.IsStartLost |= i == 0;
                    break;
                case '\t' or '\n' or '\f' or '\r' or '\u1680' or >= '\u200B' and <= '\u200F' or '\u2028' or '\u2029'
                    or '\u2581' or '\uFEFF' or '\uFFFD':
                    target.Append(' ');
                    break;
                default:
                    target.Append(letter);
                    break;
            }
        }
    }
}
