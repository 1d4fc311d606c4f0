using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Vocabularies;

/// <summary>BERT's: from the left, always the longest token; a word that does not come out is unknown as a whole.</summary>
internal sealed class WordPieceVocabulary(TokenTable tokens, int unknown, string continuation, int wordSignsMax)
    : Vocabulary(tokens)
{
    private readonly uint _continuationHash = TokenTable.HashOf(continuation);

    internal override void Encode(ReadOnlySpan<char> piece, TokenList target)
    {
        int before = target.Count;
        if (!IsTooLong(piece))
        {
            int start = 0;
            while (start < piece.Length && TryFindLongest(piece, start, out int id, out int length))
            {
                target.Add(id);
                start += length;
            }
            if (start == piece.Length)
                return;
        }
        target.Truncate(before);
        target.Add(unknown);
    }

    private bool IsTooLong(ReadOnlySpan<char> piece)
    {
        if (piece.Length <= wordSignsMax)
            return false;
        int count = 0;
        for (int at = 0; at < piece.Length && count <= wordSignsMax; count++)
        {
            CodePoints.At(piece, at, out int length);
            at += length;
        }
        return count > wordSignsMax;
    }

    private bool TryFindLongest(ReadOnlySpan<char> piece, int start, out int id, out int length)
    {
        ReadOnlySpan<char> prefix = start == 0 ? default : continuation;
        int most = Math.Min(piece.Length - start, Tokens.LengthMax - prefix.Length);
        if (most <= 0)
        {
            (id, length) = (-1, 0);
            return false;
        }
        Span<uint> hashes = most <= 256 ? stackalloc uint[most] : new uint[most];
        uint hash = start == 0 ? TokenTable.HashStart : _continuationHash;
        for (int i = 0; i < most; i++)
            hashes[i] = hash = TokenTable.HashNext(hash, piece[start + i]);
        for (length = most; length > 0; length--)
        {
            if (Tokens.TryFind(hashes[length - 1], prefix, piece.Slice(start, length), out id))
                return true;
        }
        id = -1;
        return false;
    }
}
