namespace VecSQL.Ml.Tokenizers;

/// <summary>A token that is looked for in the text before anything else is done with it.</summary>
/// <param name="IsWord">Only where no word goes on at either side.</param>
/// <param name="TakesLeft">White space before it is part of it.</param>
/// <param name="TakesRight">White space behind it is part of it.</param>
/// <param name="IsNormalized">Looked for once the text is normalised, not before.</param>
internal sealed record AddedToken(
    string Content, int Id, bool IsWord, bool TakesLeft, bool TakesRight, bool IsNormalized);
