using System.Collections.Immutable;

namespace VecSQL.Ml.Tokenizers.Splitters;

/// <summary>Several, each cutting what the one before left.</summary>
internal sealed class SplitterChain(ImmutableArray<Splitter> parts) : Splitter
{
    internal override int PassCount { get; } = Math.Max(1, parts.Sum(part => part.PassCount));

    internal override void Split(ReadOnlySpan<char> piece, bool isFirst, PieceList target)
    {
        PieceList current = Spare<PieceList>.Take(), next = Spare<PieceList>.Take();
        current.Add(piece, isFirst);
        foreach (Splitter part in parts)
        {
            next.Clear();
            for (int i = 0; i < current.Count; i++)
                part.Split(current[i], current.IsFirst(i), next);
            (current, next) = (next, current);
        }
        for (int i = 0; i < current.Count; i++)
            target.Add(current[i], current.IsFirst(i));
        Spare<PieceList>.Return(current);
        Spare<PieceList>.Return(next);
    }
}
