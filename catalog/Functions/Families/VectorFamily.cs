namespace VecSQL.Catalog.Functions.Families;

/// <summary>vector: pgvector's functions, operators and casts under object ids of ours.</summary>
internal static class VectorFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            16501 l2_distance(vector, vector) float8 public
            16502 inner_product(vector, vector) float8 public
            16503 cosine_distance(vector, vector) float8 public
            16504 l1_distance(vector, vector) float8 public
            16505 vector_l2_squared_distance(vector, vector) float8 public
            16506 vector_negative_inner_product(vector, vector) float8 public
            16511 vector_spherical_distance(vector, vector) float8 public
            16512 vector_dims(vector) int4 public
            16513 binary_quantize(vector) bit public
            16514 subvector(vector, int4, int4) vector public
            16515 vector_add(vector, vector) vector public
            16516 vector_sub(vector, vector) vector public
            16517 vector_mul(vector, vector) vector public
            16518 vector_concat(vector, vector) vector public
            16523 vector_norm(vector) float8 public
            16524 l2_normalize(vector) vector public
            16525 vector_lt(vector, vector) bool public
            16527 vector_le(vector, vector) bool public
            16529 vector_eq(vector, vector) bool public
            16531 vector_ne(vector, vector) bool public
            16533 vector_ge(vector, vector) bool public
            16535 vector_gt(vector, vector) bool public
            16537 vector_cmp(vector, vector) int4 public
            16538 vector(vector, int4, bool) vector public
            16539 array_to_vector(int4[], int4, bool) vector public
            16540 array_to_vector(float4[], int4, bool) vector public
            16541 array_to_vector(float8[], int4, bool) vector public
            16542 array_to_vector(numeric[], int4, bool) vector public
            16543 vector_to_float4(vector, int4, bool) float4[] public
            16544 avg(vector) vector aggregate public
            16545 sum(vector) vector aggregate public
            16546 vector_accum(float8[], vector) float8[] public
            16547 vector_combine(float8[], float8[]) float8[] public
            16548 vector_avg(float8[]) vector public
            """,
        operators: """
            16507 vector <-> vector 16501 commutator <-> public
            16508 vector <#> vector 16506 commutator <#> public
            16509 vector <=> vector 16503 commutator <=> public
            16510 vector <+> vector 16504 commutator <+> public
            16519 vector + vector 16515 commutator + public
            16520 vector - vector 16516 public
            16521 vector * vector 16517 commutator * public
            16522 vector || vector 16518 public
            16526 vector < vector 16525 commutator > negator >= public
            16528 vector <= vector 16527 commutator >= negator > public
            16530 vector = vector 16529 commutator = negator <> hash merge public
            16532 vector <> vector 16531 commutator <> negator = public
            16534 vector >= vector 16533 commutator <= negator < public
            16536 vector > vector 16535 commutator < negator <= public
            """,
        casts: """
            vector vector implicit 16538
            int4[] vector assignment 16539
            float4[] vector assignment 16540
            float8[] vector assignment 16541
            numeric[] vector assignment 16542
            vector float4[] implicit 16543
            """);
}
