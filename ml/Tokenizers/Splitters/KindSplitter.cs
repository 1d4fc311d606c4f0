using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Splitters;

/// <summary>Cuts at code points of some kinds.</summary>
/// <param name="removed">These go.</param>
/// <param name="isolated">These are pieces of their own.</param>
/// <param name="joined">These are one piece with such beside them.</param>
internal sealed class KindSplitter(CodePointKinds removed, CodePointKinds isolated, CodePointKinds joined = 0) : Splitter
{
    internal override void Split(ReadOnlySpan<char> piece, bool isFirst, PieceList target)
    {
        int from = 0;
        bool isJoined = false;
        for (int at = 0; at < piece.Length;)
        {
            CodePointKinds kinds = CodePoints.KindsOf(CodePoints.At(piece, at, out int length));
            int end = at + length;
            if ((kinds & (removed | isolated)) != 0)
            {
                target.Add(piece[from..at], isFirst && from == 0);
                if ((kinds & removed) == 0)
                    target.Add(piece[at..end], isFirst && at == 0);
                from = end;
            }
            else if ((kinds & joined) != 0 != isJoined)
            {
                target.Add(piece[from..at], isFirst && from == 0);
                from = at;
                isJoined = !isJoined;
            }
            at = end;
        }
        target.Add(piece[from..], isFirst && from == 0);
    }
}
