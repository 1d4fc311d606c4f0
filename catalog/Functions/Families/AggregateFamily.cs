namespace VecSQL.Catalog.Functions.Families;

/// <summary>Aggregates; their implementations go by name and argument types.</summary>
internal static class AggregateFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            2050 max(anyarray) anyarray aggregate
            2051 min(anyarray) anyarray aggregate
            2100 avg(int8) numeric aggregate
            2101 avg(int4) numeric aggregate
            2102 avg(int2) numeric aggregate
            2103 avg(numeric) numeric aggregate
            2104 avg(float4) float8 aggregate
            2105 avg(float8) float8 aggregate
            2106 avg(interval) interval aggregate
            2107 sum(int8) numeric aggregate
            2108 sum(int4) int8 aggregate
            2109 sum(int2) int8 aggregate
            2110 sum(float4) float4 aggregate
            2111 sum(float8) float8 aggregate
            2113 sum(interval) interval aggregate
            2114 sum(numeric) numeric aggregate
            2115 max(int8) int8 aggregate
            2116 max(int4) int4 aggregate
            2117 max(int2) int2 aggregate
            2118 max(oid) oid aggregate
            2119 max(float4) float4 aggregate
            2120 max(float8) float8 aggregate
            2122 max(date) date aggregate
            2123 max(time) time aggregate
            2124 max(timetz) timetz aggregate
            2126 max(timestamp) timestamp aggregate
            2127 max(timestamptz) timestamptz aggregate
            2128 max(interval) interval aggregate
            2129 max(text) text aggregate
            2130 max(numeric) numeric aggregate
            2131 min(int8) int8 aggregate
            2132 min(int4) int4 aggregate
            2133 min(int2) int2 aggregate
            2134 min(oid) oid aggregate
            2135 min(float4) float4 aggregate
            2136 min(float8) float8 aggregate
            2138 min(date) date aggregate
            2139 min(time) time aggregate
            2140 min(timetz) timetz aggregate
            2142 min(timestamp) timestamp aggregate
            2143 min(timestamptz) timestamptz aggregate
            2144 min(interval) interval aggregate
            2145 min(text) text aggregate
            2146 min(numeric) numeric aggregate
            2147 count(any) int8 aggregate
            2148 variance(int8) numeric aggregate
            2149 variance(int4) numeric aggregate
            2150 variance(int2) numeric aggregate
            2151 variance(float4) float8 aggregate
            2152 variance(float8) float8 aggregate
            2153 variance(numeric) numeric aggregate
            2154 stddev(int8) numeric aggregate
            2155 stddev(int4) numeric aggregate
            2156 stddev(int2) numeric aggregate
            2157 stddev(float4) float8 aggregate
            2158 stddev(float8) float8 aggregate
            2159 stddev(numeric) numeric aggregate
            2236 bit_and(int2) int2 aggregate
            2237 bit_or(int2) int2 aggregate
            2238 bit_and(int4) int4 aggregate
            2239 bit_or(int4) int4 aggregate
            2240 bit_and(int8) int8 aggregate
            2241 bit_or(int8) int8 aggregate
            2242 bit_and(bit) bit aggregate
            2243 bit_or(bit) bit aggregate
            2244 max(bpchar) bpchar aggregate
            2245 min(bpchar) bpchar aggregate
            2335 array_agg(anynonarray) anyarray aggregate
            2517 bool_and(bool) bool aggregate
            2518 bool_or(bool) bool aggregate
            2519 every(bool) bool aggregate
            2641 var_samp(int8) numeric aggregate
            2642 var_samp(int4) numeric aggregate
            2643 var_samp(int2) numeric aggregate
            2644 var_samp(float4) float8 aggregate
            2645 var_samp(float8) float8 aggregate
            2646 var_samp(numeric) numeric aggregate
            2712 stddev_samp(int8) numeric aggregate
            2713 stddev_samp(int4) numeric aggregate
            2714 stddev_samp(int2) numeric aggregate
            2715 stddev_samp(float4) float8 aggregate
            2716 stddev_samp(float8) float8 aggregate
            2717 stddev_samp(numeric) numeric aggregate
            2718 var_pop(int8) numeric aggregate
            2719 var_pop(int4) numeric aggregate
            2720 var_pop(int2) numeric aggregate
            2721 var_pop(float4) float8 aggregate
            2722 var_pop(float8) float8 aggregate
            2723 var_pop(numeric) numeric aggregate
            2724 stddev_pop(int8) numeric aggregate
            2725 stddev_pop(int4) numeric aggregate
            2726 stddev_pop(int2) numeric aggregate
            2727 stddev_pop(float4) float8 aggregate
            2728 stddev_pop(float8) float8 aggregate
            2729 stddev_pop(numeric) numeric aggregate
            2797 max(tid) tid aggregate
            2798 min(tid) tid aggregate
            2803 count() int8 aggregate
            2818 regr_count(float8, float8) int8 aggregate
            2819 regr_sxx(float8, float8) float8 aggregate
            2820 regr_syy(float8, float8) float8 aggregate
            2821 regr_sxy(float8, float8) float8 aggregate
            2822 regr_avgx(float8, float8) float8 aggregate
            2823 regr_avgy(float8, float8) float8 aggregate
            2824 regr_r2(float8, float8) float8 aggregate
            2825 regr_slope(float8, float8) float8 aggregate
            2826 regr_intercept(float8, float8) float8 aggregate
            2827 covar_pop(float8, float8) float8 aggregate
            2828 covar_samp(float8, float8) float8 aggregate
            2829 corr(float8, float8) float8 aggregate
            3175 json_agg(anyelement) json aggregate stable
            3197 json_object_agg(any, any) json aggregate stable
            3267 jsonb_agg(anyelement) jsonb aggregate stable
            3270 jsonb_object_agg(any, any) jsonb aggregate
            3538 string_agg(text, text) text aggregate
            3545 string_agg(bytea, bytea) bytea aggregate
            3972 percentile_disc(float8, anyelement) anyelement ordered 1
            3974 percentile_cont(float8, float8) float8 ordered 1
            3976 percentile_cont(float8, interval) interval ordered 1
            3978 percentile_disc(float8[], anyelement) anyarray ordered 1
            3980 percentile_cont(float8[], float8) float8[] ordered 1
            3982 percentile_cont(float8[], interval) interval[] ordered 1
            3984 mode(anyelement) anyelement ordered 0
            3986 rank(variadic any) int8 hypothetical 1
            3988 percent_rank(variadic any) float8 hypothetical 1
            3990 cume_dist(variadic any) float8 hypothetical 1
            3992 dense_rank(variadic any) int8 hypothetical 1
            4053 array_agg(anyarray) anyarray aggregate
            6164 bit_xor(int2) int2 aggregate
            6165 bit_xor(int4) int4 aggregate
            6166 bit_xor(int8) int8 aggregate
            6167 bit_xor(bit) bit aggregate
            6292 any_value(anyelement) anyelement aggregate
            """);
}
