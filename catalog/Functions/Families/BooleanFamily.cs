namespace VecSQL.Catalog.Functions.Families;

/// <summary>Truth values.</summary>
internal static class BooleanFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            56 boollt(bool, bool) bool
            57 boolgt(bool, bool) bool
            60 booleq(bool, bool) bool
            84 boolne(bool, bool) bool
            1691 boolle(bool, bool) bool
            1692 boolge(bool, bool) bool
            1693 btboolcmp(bool, bool) int4
            2515 booland_statefunc(bool, bool) bool
            2516 boolor_statefunc(bool, bool) bool
            2557 bool(int4) bool as int4_bool
            2558 int4(bool) int4 as bool_int4
            2971 text(bool) text as booltext
            """,
        operators: """
            58 bool < bool 56 commutator > negator >=
            59 bool > bool 57 commutator < negator <=
            85 bool <> bool 84 commutator <> negator =
            91 bool = bool 60 commutator = negator <> hash merge
            1694 bool <= bool 1691 commutator >= negator >
            1695 bool >= bool 1692 commutator <= negator <
            """,
        casts: """
            int4 bool explicit 2557
            bool int4 explicit 2558
            bool text assignment 2971
            bool varchar assignment 2971
            bool bpchar assignment 2971
            """);
}
