namespace VecSQL.Ml.Models;

/// <summary>How the vectors of a text's tokens become the text's one vector.</summary>
public enum ModelPooling
{
    /// <summary>The mean over the tokens that the attention mask keeps.</summary>
    Mean,

    /// <summary>The first token's.</summary>
    Cls,

    /// <summary>The last token's that the attention mask keeps.</summary>
    Last,
}
