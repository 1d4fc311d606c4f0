namespace VecSQL.Ml.Tokenizers.Vocabularies;

/// <summary>Turns a piece of text into tokens (a tokenizer's "model"). Threads: any.</summary>
internal abstract class Vocabulary(TokenTable tokens)
{
    internal TokenTable Tokens { get; } = tokens;

    internal abstract void Encode(ReadOnlySpan<char> piece, TokenList target);
}
