using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Splitters;

/// <summary>Pieces are runs of word signs, and runs of what is neither that nor white space.</summary>
internal sealed class WhitespaceWordSplitter : Splitter
{
    internal override void Split(ReadOnlySpan<char> piece, bool isFirst, PieceList target)
    {
        int from = 0;
        CodePointKinds now = CodePointKinds.Space;
        for (int at = 0; at < piece.Length;)
        {
            int point = CodePoints.At(piece, at, out int length);
            CodePointKinds kind = CodePoints.KindsOf(point) & (CodePointKinds.Word | CodePointKinds.Space);
            if (point is 0x200C or 0x200D)
                kind = CodePointKinds.Word; // joiners
            if (kind != now)
            {
                if (now != CodePointKinds.Space)
                    target.Add(piece[from..at], isFirst && from == 0);
                (from, now) = (at, kind);
            }
            at += length;
        }
        if (now != CodePointKinds.Space)
            target.Add(piece[from..], isFirst && from == 0);
    }
}
