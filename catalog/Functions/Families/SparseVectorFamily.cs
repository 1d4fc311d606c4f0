namespace VecSQL.Catalog.Functions.Families;

/// <summary>sparsevec and distances of bit strings: pgvector's functions, operators and casts under object ids of ours.</summary>
internal static class SparseVectorFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            16701 l2_distance(sparsevec, sparsevec) float8 as sparsevec_l2_distance public
            16702 inner_product(sparsevec, sparsevec) float8 as sparsevec_inner_product public
            16703 cosine_distance(sparsevec, sparsevec) float8 as sparsevec_cosine_distance public
            16704 l1_distance(sparsevec, sparsevec) float8 as sparsevec_l1_distance public
            16705 sparsevec_l2_squared_distance(sparsevec, sparsevec) float8 public
            16706 sparsevec_negative_inner_product(sparsevec, sparsevec) float8 public
            16711 l2_norm(sparsevec) float8 as sparsevec_l2_norm public
            16712 l2_normalize(sparsevec) sparsevec as sparsevec_l2_normalize public
            16713 sparsevec_lt(sparsevec, sparsevec) bool public
            16715 sparsevec_le(sparsevec, sparsevec) bool public
            16717 sparsevec_eq(sparsevec, sparsevec) bool public
            16719 sparsevec_ne(sparsevec, sparsevec) bool public
            16721 sparsevec_ge(sparsevec, sparsevec) bool public
            16723 sparsevec_gt(sparsevec, sparsevec) bool public
            16725 sparsevec_cmp(sparsevec, sparsevec) int4 public
            16726 sparsevec(sparsevec, int4, bool) sparsevec public
            16727 sparsevec_to_vector(sparsevec, int4, bool) vector public
            16728 vector_to_sparsevec(vector, int4, bool) sparsevec public
            16729 sparsevec_to_halfvec(sparsevec, int4, bool) halfvec public
            16730 halfvec_to_sparsevec(halfvec, int4, bool) sparsevec public
            16731 array_to_sparsevec(int4[], int4, bool) sparsevec public
            16732 array_to_sparsevec(float4[], int4, bool) sparsevec public
            16733 array_to_sparsevec(float8[], int4, bool) sparsevec public
            16734 array_to_sparsevec(numeric[], int4, bool) sparsevec public
            16735 hamming_distance(bit, bit) float8 public
            16737 jaccard_distance(bit, bit) float8 public
            """,
        operators: """
            16707 sparsevec <-> sparsevec 16701 commutator <-> public
            16708 sparsevec <#> sparsevec 16706 commutator <#> public
            16709 sparsevec <=> sparsevec 16703 commutator <=> public
            16710 sparsevec <+> sparsevec 16704 commutator <+> public
            16714 sparsevec < sparsevec 16713 commutator > negator >= public
            16716 sparsevec <= sparsevec 16715 commutator >= negator > public
            16718 sparsevec = sparsevec 16717 commutator = negator <> hash merge public
            16720 sparsevec <> sparsevec 16719 commutator <> negator = public
            16722 sparsevec >= sparsevec 16721 commutator <= negator < public
            16724 sparsevec > sparsevec 16723 commutator < negator <= public
            16736 bit <~> bit 16735 commutator <~> public
            16738 bit <%> bit 16737 commutator <%> public
            """,
        casts: """
            sparsevec sparsevec implicit 16726
            sparsevec vector assignment 16727
            vector sparsevec implicit 16728
            sparsevec halfvec assignment 16729
            halfvec sparsevec implicit 16730
            int4[] sparsevec assignment 16731
            float4[] sparsevec assignment 16732
            float8[] sparsevec assignment 16733
            numeric[] sparsevec assignment 16734
            """);
}
