namespace VecSQL.Ml.Tokenizers.Splitters;

/// <summary>Cuts by one of the patterns of <see cref="WordScanner"/>.</summary>
internal sealed class WordSplitter(WordScanner scanner) : Splitter
{
    internal override void Split(ReadOnlySpan<char> piece, bool isFirst, PieceList target)
    {
        for (int at = 0; at < piece.Length;)
        {
            int length = scanner.LengthAt(piece, at);
            target.Add(piece.Slice(at, length), isFirst && at == 0);
            at += length;
        }
    }
}
