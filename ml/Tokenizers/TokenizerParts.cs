using System.Collections.Immutable;
using VecSQL.Ml.Tokenizers.Normalizers;
using VecSQL.Ml.Tokenizers.Splitters;
using VecSQL.Ml.Tokenizers.Vocabularies;

namespace VecSQL.Ml.Tokenizers;

/// <summary>What a <c>tokenizer.json</c> is made of.</summary>
/// <param name="TokensMax">Of its section on truncation; 0: it has none.</param>
/// <param name="CutsAtStart">Whether truncation drops the first tokens, not the last.</param>
internal sealed record TokenizerParts(
    ImmutableArray<AddedToken> AddedTokens,
    Normalizer? Normalizer,
    Splitter? Splitter,
    Vocabulary Vocabulary,
    TokenFrame Frame,
    int TokensMax,
    bool CutsAtStart,
    int PaddingId);
