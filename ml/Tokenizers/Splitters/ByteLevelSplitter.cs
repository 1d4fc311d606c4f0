namespace VecSQL.Ml.Tokenizers.Splitters;

/// <summary>GPT-2's: cuts words with the blank before them, then writes every byte as a letter.</summary>
internal sealed class ByteLevelSplitter(bool addsBlank, bool cuts) : Splitter
{
    internal override void Split(ReadOnlySpan<char> piece, bool isFirst, PieceList target)
    {
        if (addsBlank && piece[0] != ' ')
            piece = string.Concat(" ", piece);
        if (!cuts)
        {
            ByteLetters.Append(piece, target.Begin());
            target.End(isFirst);
            return;
        }
        for (int at = 0; at < piece.Length;)
        {
            int length = WordScanner.Gpt2.LengthAt(piece, at);
            ByteLetters.Append(piece.Slice(at, length), target.Begin());
            target.End(isFirst && at == 0);
            at += length;
        }
    }
}
