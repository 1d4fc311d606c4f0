namespace VecSQL.Catalog.Functions.Families;

/// <summary>Enumerated types: their values, in their order.</summary>
internal static class EnumFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            3508 enum_eq(anyenum, anyenum) bool
            3509 enum_ne(anyenum, anyenum) bool
            3510 enum_lt(anyenum, anyenum) bool
            3511 enum_gt(anyenum, anyenum) bool
            3512 enum_le(anyenum, anyenum) bool
            3513 enum_ge(anyenum, anyenum) bool
            3514 enum_cmp(anyenum, anyenum) int4
            3524 enum_smaller(anyenum, anyenum) anyenum
            3525 enum_larger(anyenum, anyenum) anyenum
            3526 max(anyenum) anyenum aggregate
            3527 min(anyenum) anyenum aggregate
            3528 enum_first(anyenum) anyenum nonstrict stable
            3529 enum_last(anyenum) anyenum nonstrict stable
            3530 enum_range(anyenum, anyenum) anyarray as enum_range_bounds nonstrict stable
            3531 enum_range(anyenum) anyarray as enum_range_all nonstrict stable
            """,
        operators: """
            3516 anyenum = anyenum 3508 commutator = negator <> hash merge
            3517 anyenum <> anyenum 3509 commutator <> negator =
            3518 anyenum < anyenum 3510 commutator > negator >=
            3519 anyenum > anyenum 3511 commutator < negator <=
            3520 anyenum <= anyenum 3512 commutator >= negator >
            3521 anyenum >= anyenum 3513 commutator <= negator <
            """);
}
