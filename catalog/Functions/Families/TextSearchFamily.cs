namespace VecSQL.Catalog.Functions.Families;

/// <summary>Full-text search by BM25, and the fusion of ranks.</summary>
/// <remarks>The forms with two numbers are what the planner makes of the others where the text is a table's column: its table's oid and its
/// number say which corpus and which tokenizer count.</remarks>
internal static class TextSearchFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            17101 bm25_score(text, text) float8 nonstrict stable public
            17102 bm25_score(text, text, int8, int8) float8 as bm25_score_in nonstrict stable public
            17103 bm25_match(text, text) bool public
            17104 bm25_match(text, text, int8, int8) bool as bm25_match_in public
            17106 rrf(rank int8, k int4 = 60, weight float8 = 1) float8 nonstrict public
            17107 rrf_score(rank int8, k int4 = 60, weight float8 = 1) float8 aggregate public
            """,
        operators: """
            17105 text @@@ text 17103 public
            """);
}
