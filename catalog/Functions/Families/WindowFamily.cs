namespace VecSQL.Catalog.Functions.Families;

/// <summary>Functions that exist only over windows; the window operator computes them.</summary>
internal static class WindowFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            3100 row_number() int8 as window_row_number window nonstrict
            3101 rank() int8 as window_rank window nonstrict
            3102 dense_rank() int8 as window_dense_rank window nonstrict
            3103 percent_rank() float8 as window_percent_rank window nonstrict
            3104 cume_dist() float8 as window_cume_dist window nonstrict
            3105 ntile(int4) int4 as window_ntile window
            3106 lag(anyelement) anyelement as window_lag window
            3107 lag(anyelement, int4) anyelement as window_lag_with_offset window
            3108 lag(anycompatible, int4, anycompatible) anycompatible as window_lag_with_offset_and_default window
            3109 lead(anyelement) anyelement as window_lead window
            3110 lead(anyelement, int4) anyelement as window_lead_with_offset window
            3111 lead(anycompatible, int4, anycompatible) anycompatible as window_lead_with_offset_and_default window
            3112 first_value(anyelement) anyelement as window_first_value window
            3113 last_value(anyelement) anyelement as window_last_value window
            3114 nth_value(anyelement, int4) anyelement as window_nth_value window
            """);
}
