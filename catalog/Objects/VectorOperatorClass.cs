using VecSQL.Catalog.Types;

namespace VecSQL.Catalog.Objects;

/// <summary>pgvector's operator classes and VectorChord's of MaxSim: which distance a vector index answers.</summary>
/// <remarks>Source: pgvector's README, "Indexing".</remarks>
public static class VectorOperatorClass
{
    /// <summary>Whether an access method is one of vectors.</summary>
    public static bool IsVectorMethod(string method) => method is "hnsw" or "ivfflat" or "vecsql";

    /// <summary>The class that is meant where none is named; null where one has to be.</summary>
    public static string? DefaultFor(string method, SqlType type) => (method, type.Oid) switch
    {
        ("hnsw", _) => null,
        (_, TypeOid.Bit) => "bit_hamming_ops",
        (_, TypeOid.Vector) => "vector_l2_ops",
        (_, TypeOid.HalfVector) => "halfvec_l2_ops",
        _ => null,
    };

    /// <summary>The type whose columns a class indexes; 0 where there is no such class for the method.</summary>
    public static uint TypeOf(string method, string name) => name switch
    {
        "vector_l2_ops" or "vector_ip_ops" or "vector_cosine_ops" => TypeOid.Vector,
        "halfvec_l2_ops" or "halfvec_ip_ops" or "halfvec_cosine_ops" => TypeOid.HalfVector,
        "vector_l1_ops" when method != "ivfflat" => TypeOid.Vector,
        "halfvec_l1_ops" when method != "ivfflat" => TypeOid.HalfVector,
        "vector_maxsim_ops" => TypeOid.VectorArray,
        "halfvec_maxsim_ops" => TypeOid.HalfVectorArray,
        "bit_hamming_ops" => TypeOid.Bit,
        "bit_jaccard_ops" when method != "ivfflat" => TypeOid.Bit,
        "sparsevec_l2_ops" or "sparsevec_ip_ops" or "sparsevec_cosine_ops" or "sparsevec_l1_ops"
            when method != "ivfflat" => TypeOid.SparseVector,
        _ => 0,
    };

    /// <summary>The operator that an index orders by; null for an index that is not one of vectors.</summary>
    public static string? OperatorOf(IndexEntry index)
    {
        ArgumentNullException.ThrowIfNull(index);
        if (!IsVectorMethod(index.Method) || index.OperatorClasses.IsEmpty)
            return null;
        string name = index.OperatorClasses[0];
        return name[(name.IndexOf('_', StringComparison.Ordinal) + 1)..] switch
        {
            "l2_ops" => "<->",
            "ip_ops" => "<#>",
            "cosine_ops" => "<=>",
            "l1_ops" => "<+>",
            "hamming_ops" => "<~>",
            "jaccard_ops" => "<%>",
            "maxsim_ops" => "@#",
            _ => null,
        };
    }
}
