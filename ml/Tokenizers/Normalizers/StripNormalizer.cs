using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Normalizers;

/// <summary>Drops white space at the ends.</summary>
internal sealed class StripNormalizer(bool atStart, bool atEnd) : Normalizer
{
    internal override void Run(ReadOnlySpan<char> source, TextBuffer target)
    {
        int start = 0, end = source.Length; // white space lies in the basic plane
        while (atStart && start < end && CodePoints.Is(source[start], CodePointKinds.Space))
            start++;
        while (atEnd && start < end && CodePoints.Is(source[end - 1], CodePointKinds.Space))
            end--;
        target.IsStartLost |= start > 0;
        target.Append(source[start..end]);
    }
}
