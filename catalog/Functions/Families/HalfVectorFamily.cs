namespace VecSQL.Catalog.Functions.Families;

/// <summary>halfvec: pgvector's functions, operators and casts under object ids of ours.</summary>
internal static class HalfVectorFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            16601 l2_distance(halfvec, halfvec) float8 as halfvec_l2_distance public
            16602 inner_product(halfvec, halfvec) float8 as halfvec_inner_product public
            16603 cosine_distance(halfvec, halfvec) float8 as halfvec_cosine_distance public
            16604 l1_distance(halfvec, halfvec) float8 as halfvec_l1_distance public
            16605 halfvec_l2_squared_distance(halfvec, halfvec) float8 public
            16606 halfvec_negative_inner_product(halfvec, halfvec) float8 public
            16611 halfvec_spherical_distance(halfvec, halfvec) float8 public
            16612 vector_dims(halfvec) int4 as halfvec_vector_dims public
            16613 binary_quantize(halfvec) bit as halfvec_binary_quantize public
            16614 subvector(halfvec, int4, int4) halfvec as halfvec_subvector public
            16615 halfvec_add(halfvec, halfvec) halfvec public
            16616 halfvec_sub(halfvec, halfvec) halfvec public
            16617 halfvec_mul(halfvec, halfvec) halfvec public
            16618 halfvec_concat(halfvec, halfvec) halfvec public
            16623 l2_norm(halfvec) float8 as halfvec_l2_norm public
            16624 l2_normalize(halfvec) halfvec as halfvec_l2_normalize public
            16625 halfvec_lt(halfvec, halfvec) bool public
            16627 halfvec_le(halfvec, halfvec) bool public
            16629 halfvec_eq(halfvec, halfvec) bool public
            16631 halfvec_ne(halfvec, halfvec) bool public
            16633 halfvec_ge(halfvec, halfvec) bool public
            16635 halfvec_gt(halfvec, halfvec) bool public
            16637 halfvec_cmp(halfvec, halfvec) int4 public
            16638 halfvec(halfvec, int4, bool) halfvec public
            16639 halfvec_to_vector(halfvec, int4, bool) vector public
            16640 vector_to_halfvec(vector, int4, bool) halfvec public
            16641 array_to_halfvec(int4[], int4, bool) halfvec public
            16642 array_to_halfvec(float4[], int4, bool) halfvec public
            16643 array_to_halfvec(float8[], int4, bool) halfvec public
            16644 array_to_halfvec(numeric[], int4, bool) halfvec public
            16645 halfvec_to_float4(halfvec, int4, bool) float4[] public
            16646 avg(halfvec) halfvec aggregate public
            16647 sum(halfvec) halfvec aggregate public
            16648 halfvec_accum(float8[], halfvec) float8[] public
            16649 halfvec_combine(float8[], float8[]) float8[] as vector_combine public
            16650 halfvec_avg(float8[]) halfvec public
            """,
        operators: """
            16607 halfvec <-> halfvec 16601 commutator <-> public
            16608 halfvec <#> halfvec 16606 commutator <#> public
            16609 halfvec <=> halfvec 16603 commutator <=> public
            16610 halfvec <+> halfvec 16604 commutator <+> public
            16619 halfvec + halfvec 16615 commutator + public
            16620 halfvec - halfvec 16616 public
            16621 halfvec * halfvec 16617 commutator * public
            16622 halfvec || halfvec 16618 public
            16626 halfvec < halfvec 16625 commutator > negator >= public
            16628 halfvec <= halfvec 16627 commutator >= negator > public
            16630 halfvec = halfvec 16629 commutator = negator <> hash merge public
            16632 halfvec <> halfvec 16631 commutator <> negator = public
            16634 halfvec >= halfvec 16633 commutator <= negator < public
            16636 halfvec > halfvec 16635 commutator < negator <= public
            """,
        casts: """
            halfvec halfvec implicit 16638
            halfvec vector assignment 16639
            vector halfvec implicit 16640
            int4[] halfvec assignment 16641
            float4[] halfvec assignment 16642
            float8[] halfvec assignment 16643
            numeric[] halfvec assignment 16644
            halfvec float4[] assignment 16645
            """);
}
