using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Normalizers;

/// <summary>Lower case, one code point at a time: a sigma at a word's end is like any other.</summary>
internal sealed class LowercaseNormalizer : Normalizer
{
    internal override void Run(ReadOnlySpan<char> source, TextBuffer target) => Lower(source, target);

    internal static void Lower(ReadOnlySpan<char> source, TextBuffer target)
    {
        for (int i = 0; i < source.Length;)
        {
            char letter = source[i];
            if (letter < 0x80)
            {
                target.Append(letter is >= 'A' and <= 'Z' ? (char)(letter | 0x20) : letter);
                i++;
                continue;
            }
            int point = CodePoints.At(source, i, out int length);
            i += length;
            if (CodePoints.Is(point, CodePointKinds.HasLower))
                target.Append(UnicodeTables.Instance.Lower[point]);
            else
                target.Append(point);
        }
    }
}
