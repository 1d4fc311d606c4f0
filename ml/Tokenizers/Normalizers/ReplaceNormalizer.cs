using VecSQL.Ml.Tokenizers.Patterns;

namespace VecSQL.Ml.Tokenizers.Normalizers;

/// <summary>Puts a text in the place of every match of a pattern.</summary>
internal sealed class ReplaceNormalizer(Pattern pattern, string content) : Normalizer
{
    internal override void Run(ReadOnlySpan<char> source, TextBuffer target)
    {
        int from = 0;
        for (int at = 0; pattern.TryFind(source, at, out int start, out int length);)
        {
            target.Append(source[from..start]);
            target.Append(content);
            if (start == 0 && (length > 0 || content.Length > 0))
                target.IsStartLost = content.Length == 0;
            from = start + length;
            at = length > 0 ? from : from + 1; // an empty match is followed by one further on
        }
        target.Append(source[from..]);
    }
}
