namespace VecSQL.Catalog.Functions.Families;

/// <summary>embed(): text to vectors by a model.</summary>
/// <remarks>Stable, since a model's name may come to stand for another version. Where the call says which model, binding finds the
/// version, and the call becomes immutable: under one name and version an embedder never changes its output.</remarks>
internal static class EmbedFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            16801 embed(input text) vector stable public
            16802 embed(model text, input text, input_type text =) vector as embed_model stable public
            16803 embed(input text[]) vector[] as embed_array stable public
            16804 embed(model text, input text[], input_type text =) vector[] as embed_model_array stable public
            16805 vecsql_wait_embeddings(regclass) void volatile public
            """);
}
