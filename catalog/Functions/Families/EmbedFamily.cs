namespace VecSQL.Catalog.Functions.Families;

/// <summary>embed(): text to vectors by a model.</summary>
/// <remarks>Immutable, so that generated columns may use it: an embedder never changes its output under one name and version.</remarks>
internal static class EmbedFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            16801 embed(text) vector public
            16802 embed(model text, input text) vector as embed_model public
            """);
}
