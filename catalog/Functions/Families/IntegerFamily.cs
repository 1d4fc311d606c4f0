namespace VecSQL.Catalog.Functions.Families;

/// <summary>int4's arithmetic and comparisons, and the casts between integers.</summary>
internal static class IntegerFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            65 int4eq(int4, int4) bool
            66 int4lt(int4, int4) bool
            144 int4ne(int4, int4) bool
            147 int4gt(int4, int4) bool
            149 int4le(int4, int4) bool
            150 int4ge(int4, int4) bool
            141 int4mul(int4, int4) int4
            154 int4div(int4, int4) int4
            177 int4pl(int4, int4) int4
            181 int4mi(int4, int4) int4
            212 int4um(int4) int4
            480 int4(int8) int4 as int84
            481 int8(int4) int8 as int48
            """,
        operators: """
            96 int4 = int4 65 commutator = negator <> hash merge
            97 int4 < int4 66 commutator > negator >=
            514 int4 * int4 141 commutator *
            518 int4 <> int4 144 commutator <> negator =
            521 int4 > int4 147 commutator < negator <=
            523 int4 <= int4 149 commutator >= negator >
            525 int4 >= int4 150 commutator <= negator <
            528 int4 / int4 154
            551 int4 + int4 177 commutator +
            555 int4 - int4 181
            558 none - int4 212
            """,
        casts: """
            int4 int8 implicit 481
            int8 int4 assignment 480
            """);
}
