namespace VecSQL.Catalog.Functions.Families;

/// <summary>MaxSim of arrays of vectors, by VectorChord's operator: a document <c>@#</c> a query.</summary>
internal static class MaxSimFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            16835 max_sim(vector[], vector[]) float4 public
            16836 max_sim(halfvec[], halfvec[]) float4 as halfvec_max_sim public
            """,
        operators: """
            16837 vector[] @# vector[] 16835 public
            16838 halfvec[] @# halfvec[] 16836 public
            """);
}
