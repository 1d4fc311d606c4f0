using VecSQL.Ml.Tokenizers.Patterns;

namespace VecSQL.Ml.Tokenizers.Splitters;

/// <summary>Cuts where a pattern matches, or (<paramref name="isInverted"/>) takes what lies between for matches.</summary>
internal sealed class PatternSplitter(Pattern pattern, SplitBehavior behavior, bool isInverted) : Splitter
{
    internal override void Split(ReadOnlySpan<char> piece, bool isFirst, PieceList target)
    {
        List<(int Start, int End, bool IsMatch)> parts = [];
        int from = 0;
        for (int at = 0; pattern.TryFind(piece, at, out int start, out int length);)
        {
            if (start > from)
                parts.Add((from, start, isInverted));
            parts.Add((start, start + length, !isInverted));
            from = start + length;
            at = length > 0 ? from : from + 1; // an empty match is followed by one further on
        }
        if (from < piece.Length)
            parts.Add((from, piece.Length, isInverted));
        Merge(parts);
        foreach ((int start, int end, bool isMatch) in parts)
        {
            if (!isMatch || behavior != SplitBehavior.Removed)
                target.Add(piece[start..end], isFirst && start == 0);
        }
    }

    private void Merge(List<(int Start, int End, bool IsMatch)> parts)
    {
        if (behavior is SplitBehavior.Removed or SplitBehavior.Isolated)
            return;
        bool isBackwards = behavior == SplitBehavior.MergedWithNext;
        if (isBackwards)
            parts.Reverse();
        List<(int Start, int End, bool IsMatch)> merged = [];
        bool wasMatch = false, isBegun = false;
        foreach ((int start, int end, bool isMatch) in parts)
        {
            bool joins = merged.Count > 0
                && (behavior == SplitBehavior.Contiguous ? isBegun && isMatch == wasMatch : isMatch && !wasMatch);
            if (joins)
                merged[^1] = (Math.Min(merged[^1].Start, start), Math.Max(merged[^1].End, end), false);
            else
                merged.Add((start, end, false));
            (wasMatch, isBegun) = (isMatch, true);
        }
        if (isBackwards)
            merged.Reverse();
        parts.Clear();
        parts.AddRange(merged);
    }
}
