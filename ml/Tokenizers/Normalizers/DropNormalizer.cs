using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Normalizers;

/// <summary>Drops code points of some kinds.</summary>
internal sealed class DropNormalizer(CodePointKinds kinds) : Normalizer
{
    internal override void Run(ReadOnlySpan<char> source, TextBuffer target) => Drop(source, target, kinds);

    internal static void Drop(ReadOnlySpan<char> source, TextBuffer target, CodePointKinds kinds)
    {
        for (int i = 0; i < source.Length;)
        {
            int point = CodePoints.At(source, i, out int length);
            i += length;
            if (!CodePoints.Is(point, kinds))
                target.Append(point);
            else if (i == length)
                target.IsStartLost = true;
        }
    }
}
