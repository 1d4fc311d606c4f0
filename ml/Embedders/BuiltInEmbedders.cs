namespace VecSQL.Ml.Embedders;

/// <summary>The embedders that come with VecSQL and need no registration.</summary>
public static class BuiltInEmbedders
{
    /// <summary>The embedder of that name, or the default one for null; null where there is none.</summary>
    public static ITextEmbedder? Find(string? name) =>
        name is null || name == WordsEmbedder.Instance.Name ? WordsEmbedder.Instance : null;
}
