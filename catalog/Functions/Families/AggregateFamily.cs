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
            2244 max(bpchar) bpchar aggregate
            2245 min(bpchar) bpchar aggregate
            2797 max(tid) tid aggregate
            2798 min(tid) tid aggregate
            2803 count() int8 aggregate
            3526 max(anyenum) anyenum aggregate
            3527 min(anyenum) anyenum aggregate
            """);
}
