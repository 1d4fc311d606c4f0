namespace VecSQL.Ml.Tokenizers.Vocabularies;

/// <summary>A piece is a token, or unknown.</summary>
internal sealed class WordLevelVocabulary(TokenTable tokens, int unknown) : Vocabulary(tokens)
{
    internal override void Encode(ReadOnlySpan<char> piece, TokenList target) =>
        target.Add(Tokens.TryFind(piece, out int id) ? id : unknown);
}
