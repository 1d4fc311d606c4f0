namespace VecSQL.Catalog.Functions.Families;

/// <summary>PostgreSQL's text search types: what is done with tsvector and tsquery as they are.</summary>
internal static class LexemeFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            3616 tsvector_lt(tsvector, tsvector) bool
            3617 tsvector_le(tsvector, tsvector) bool
            3618 tsvector_eq(tsvector, tsvector) bool
            3619 tsvector_ne(tsvector, tsvector) bool
            3620 tsvector_ge(tsvector, tsvector) bool
            3621 tsvector_gt(tsvector, tsvector) bool
            3622 tsvector_cmp(tsvector, tsvector) int4
            3623 strip(tsvector) tsvector as tsvector_strip
            3624 setweight(tsvector, char) tsvector as tsvector_setweight
            3320 setweight(tsvector, char, text[]) tsvector as tsvector_setweight_by_filter
            3625 tsvector_concat(tsvector, tsvector) tsvector
            3711 length(tsvector) int4 as tsvector_length
            3321 ts_delete(tsvector, text) tsvector as tsvector_delete_str
            3323 ts_delete(tsvector, text[]) tsvector as tsvector_delete_arr
            3319 ts_filter(tsvector, char[]) tsvector as tsvector_filter
            3326 tsvector_to_array(tsvector) text[]
            3327 array_to_tsvector(text[]) tsvector
            3634 ts_match_vq(tsvector, tsquery) bool
            3635 ts_match_qv(tsquery, tsvector) bool
            3664 tsquery_eq(tsquery, tsquery) bool
            3665 tsquery_ne(tsquery, tsquery) bool
            3669 tsquery_and(tsquery, tsquery) tsquery
            3670 tsquery_or(tsquery, tsquery) tsquery
            3671 tsquery_not(tsquery) tsquery
            5003 tsquery_phrase(tsquery, tsquery) tsquery
            5004 tsquery_phrase(tsquery, tsquery, int4) tsquery as tsquery_phrase_distance
            3672 numnode(tsquery) int4 as tsquery_numnode
            3703 ts_rank(float4[], tsvector, tsquery, int4) float4 as ts_rank_wttf
            3704 ts_rank(float4[], tsvector, tsquery) float4 as ts_rank_wtt
            3705 ts_rank(tsvector, tsquery, int4) float4 as ts_rank_ttf
            3706 ts_rank(tsvector, tsquery) float4 as ts_rank_tt
            """,
        operators: """
            3627 tsvector < tsvector 3616 commutator > negator >=
            3628 tsvector <= tsvector 3617 commutator >= negator >
            3629 tsvector = tsvector 3618 commutator = negator <> merge
            3630 tsvector <> tsvector 3619 commutator <> negator =
            3631 tsvector >= tsvector 3620 commutator <= negator <
            3632 tsvector > tsvector 3621 commutator < negator <=
            3633 tsvector || tsvector 3625
            3636 tsvector @@ tsquery 3634 commutator @@
            3637 tsquery @@ tsvector 3635 commutator @@
            3676 tsquery = tsquery 3664 commutator = negator <> merge
            3677 tsquery <> tsquery 3665 commutator <> negator =
            3680 tsquery && tsquery 3669
            3681 tsquery || tsquery 3670
            3682 none !! tsquery 3671
            5005 tsquery <-> tsquery 5003
            """);
}
