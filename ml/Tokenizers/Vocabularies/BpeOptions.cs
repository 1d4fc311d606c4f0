namespace VecSQL.Ml.Tokenizers.Vocabularies;

/// <summary>What a byte-pair vocabulary does beside merging.</summary>
/// <param name="Unknown">The token of a sign that is none; -1: such signs are dropped.</param>
/// <param name="ContinuationPrefix">Stands before every sign of a piece but the first.</param>
/// <param name="EndSuffix">Stands behind the last.</param>
/// <param name="FusesUnknown">Whether unknown signs in a row are one token.</param>
/// <param name="FallsBackToBytes">Whether a sign that is no token is written as tokens of its bytes.</param>
/// <param name="KeepsWhole">Whether a piece that is a token is that token, whatever the merges say.</param>
internal sealed record BpeOptions(
    int Unknown, string ContinuationPrefix, string EndSuffix, bool FusesUnknown, bool FallsBackToBytes, bool KeepsWhole);
