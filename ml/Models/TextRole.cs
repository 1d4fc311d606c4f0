namespace VecSQL.Ml.Models;

/// <summary>What a text is embedded for; decides the prefix that the model expects.</summary>
public enum TextRole
{
    /// <summary>No prefix.</summary>
    Plain,

    /// <summary><see cref="ModelSpec.QueryPrefix"/>.</summary>
    Query,

    /// <summary><see cref="ModelSpec.DocumentPrefix"/>.</summary>
    Document,
}
