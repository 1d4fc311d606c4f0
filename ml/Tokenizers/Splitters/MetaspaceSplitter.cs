namespace VecSQL.Ml.Tokenizers.Splitters;

/// <summary>SentencePiece's: writes blanks as a visible mark, sets one before the text, and cuts before each.</summary>
internal sealed class MetaspaceSplitter(string mark, bool isPrepended, bool onlyAtFirst, bool cuts) : Splitter
{
    internal override void Split(ReadOnlySpan<char> piece, bool isFirst, PieceList target)
    {
        TextBuffer text = target.Begin();
        bool startsMarked = piece[0] == ' ' || piece.StartsWith(mark, StringComparison.Ordinal);
        if (isPrepended && !startsMarked && (isFirst || !onlyAtFirst))
            text.Append(mark);
        bool startsPiece = isFirst;
        for (int i = 0; i < piece.Length;)
        {
            bool isMark = piece[i] == ' ' || piece[i..].StartsWith(mark, StringComparison.Ordinal);
            if (isMark && cuts && i > 0)
            {
                target.End(startsPiece);
                startsPiece = false;
                text = target.Begin();
            }
            if (isMark)
            {
                text.Append(mark);
                i += piece[i] == ' ' ? 1 : mark.Length;
            }
            else
            {
                text.Append(piece[i++]);
            }
        }
        target.End(startsPiece);
    }
}
