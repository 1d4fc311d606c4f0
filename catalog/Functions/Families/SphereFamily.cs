namespace VecSQL.Catalog.Functions.Families;

/// <summary>Rows within a distance, in VectorChord's words: <c>v &lt;&lt;-&gt;&gt; sphere(center, radius)</c>.</summary>
internal static class SphereFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            16821 sphere(vector, float4) record public
            16822 sphere(halfvec, float4) record as halfvec_sphere public
            16823 vector_sphere_l2_in(vector, record) bool public
            16824 vector_sphere_ip_in(vector, record) bool public
            16825 vector_sphere_cosine_in(vector, record) bool public
            16826 halfvec_sphere_l2_in(halfvec, record) bool public
            16827 halfvec_sphere_ip_in(halfvec, record) bool public
            16828 halfvec_sphere_cosine_in(halfvec, record) bool public
            """,
        operators: """
            16829 vector <<->> record 16823 public
            16830 vector <<#>> record 16824 public
            16831 vector <<=>> record 16825 public
            16832 halfvec <<->> record 16826 public
            16833 halfvec <<#>> record 16827 public
            16834 halfvec <<=>> record 16828 public
            """);
}
