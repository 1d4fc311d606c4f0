namespace VecSQL.Catalog.Functions.Families;

/// <summary>embed(): text to vectors by a model.</summary>
internal static class EmbedFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            16801 embed(text) vector stable public
            16802 embed(model text, input text) vector as embed_model stable public
            """);
}
