namespace VecSQL.Catalog.Functions.Families;

/// <summary>PostgreSQL's text search: how tsvector and tsquery are made of texts, and what is done with them.</summary>
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
            3707 ts_rank_cd(float4[], tsvector, tsquery, int4) float4 as ts_rankcd_wttf
            3708 ts_rank_cd(float4[], tsvector, tsquery) float4 as ts_rankcd_wtt
            3709 ts_rank_cd(tsvector, tsquery, int4) float4 as ts_rankcd_ttf
            3710 ts_rank_cd(tsvector, tsquery) float4 as ts_rankcd_tt
            3662 tsquery_lt(tsquery, tsquery) bool
            3663 tsquery_le(tsquery, tsquery) bool
            3666 tsquery_ge(tsquery, tsquery) bool
            3667 tsquery_gt(tsquery, tsquery) bool
            3668 tsquery_cmp(tsquery, tsquery) int4
            3691 tsq_mcontains(tsquery, tsquery) bool
            3692 tsq_mcontained(tsquery, tsquery) bool
            3673 querytree(tsquery) text as tsquerytree
            3684 ts_rewrite(tsquery, tsquery, tsquery) tsquery as tsquery_rewrite
            3745 to_tsvector(regconfig, text) tsvector as to_tsvector_byid
            3749 to_tsvector(text) tsvector stable
            4211 to_tsvector(regconfig, jsonb) tsvector as jsonb_string_to_tsvector_byid
            4209 to_tsvector(jsonb) tsvector as jsonb_string_to_tsvector stable
            4212 to_tsvector(regconfig, json) tsvector as json_string_to_tsvector_byid
            4210 to_tsvector(json) tsvector as json_string_to_tsvector stable
            3746 to_tsquery(regconfig, text) tsquery as to_tsquery_byid
            3750 to_tsquery(text) tsquery stable
            3747 plainto_tsquery(regconfig, text) tsquery as plainto_tsquery_byid
            3751 plainto_tsquery(text) tsquery stable
            5006 phraseto_tsquery(regconfig, text) tsquery as phraseto_tsquery_byid
            5001 phraseto_tsquery(text) tsquery stable
            5007 websearch_to_tsquery(regconfig, text) tsquery as websearch_to_tsquery_byid
            5009 websearch_to_tsquery(text) tsquery stable
            3743 ts_headline(regconfig, text, tsquery, text) text as ts_headline_byid_opt
            3744 ts_headline(regconfig, text, tsquery) text as ts_headline_byid
            3754 ts_headline(text, tsquery, text) text as ts_headline_opt stable
            3755 ts_headline(text, tsquery) text stable
            3760 ts_match_tt(text, text) bool stable
            3761 ts_match_tq(text, tsquery) bool stable
            3723 ts_lexize(regdictionary, text) text[]
            3759 get_current_ts_config() regconfig stable
            3322 unnest(tsvector tsvector) setof record(lexeme text, positions int2[], weights text[]) as tsvector_unnest
            3713 ts_token_type(parser_oid oid) setof record(tokid int4, alias text, description text) as ts_token_type_byid
            3714 ts_token_type(parser_name text) setof record(tokid int4, alias text, description text) as ts_token_type_byname stable
            3715 ts_parse(parser_oid oid, txt text) setof record(tokid int4, token text) as ts_parse_byid
            3716 ts_parse(parser_name text, txt text) setof record(tokid int4, token text) as ts_parse_byname stable
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
            3660 tsvector @@@ tsquery 3634 commutator @@@
            3661 tsquery @@@ tsvector 3635 commutator @@@
            3762 text @@ text 3760
            3763 text @@ tsquery 3761
            3674 tsquery < tsquery 3662 commutator > negator >=
            3675 tsquery <= tsquery 3663 commutator >= negator >
            3678 tsquery >= tsquery 3666 commutator <= negator <
            3679 tsquery > tsquery 3667 commutator < negator <=
            3693 tsquery @> tsquery 3691 commutator <@
            3694 tsquery <@ tsquery 3692 commutator @>
            3676 tsquery = tsquery 3664 commutator = negator <> merge
            3677 tsquery <> tsquery 3665 commutator <> negator =
            3680 tsquery && tsquery 3669
            3681 tsquery || tsquery 3670
            3682 none !! tsquery 3671
            5005 tsquery <-> tsquery 5003
            """);
}
