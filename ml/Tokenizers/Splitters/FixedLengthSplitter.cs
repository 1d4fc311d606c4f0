using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Splitters;

/// <summary>Pieces of so many code points.</summary>
internal sealed class FixedLengthSplitter(int length) : Splitter
{
    internal override void Split(ReadOnlySpan<char> piece, bool isFirst, PieceList target)
    {
        int from = 0, count = 0;
        for (int at = 0; at < piece.Length; count++)
        {
            if (count == length)
            {
                target.Add(piece[from..at], isFirst && from == 0);
                (from, count) = (at, 0);
            }
            CodePoints.At(piece, at, out int width);
            at += width;
        }
        target.Add(piece[from..], isFirst && from == 0);
    }
}
