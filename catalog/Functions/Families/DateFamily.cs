namespace VecSQL.Catalog.Functions.Families;

/// <summary>date, timestamp and timestamptz.</summary>
internal static class DateFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            274 timeofday() text volatile
            1026 timezone(interval, timestamptz) timestamp as timestamptz_izone
            1086 date_eq(date, date) bool
            1087 date_lt(date, date) bool
            1088 date_le(date, date) bool
            1089 date_gt(date, date) bool
            1090 date_ge(date, date) bool
            1091 date_ne(date, date) bool
            1092 date_cmp(date, date) int4
            1138 date_larger(date, date) date
            1139 date_smaller(date, date) date
            1140 date_mi(date, date) int4
            1141 date_pli(date, int4) date
            1142 date_mii(date, int4) date
            1152 timestamptz_eq(timestamptz, timestamptz) bool as timestamp_eq
            1153 timestamptz_ne(timestamptz, timestamptz) bool as timestamp_ne
            1154 timestamptz_lt(timestamptz, timestamptz) bool as timestamp_lt
            1155 timestamptz_le(timestamptz, timestamptz) bool as timestamp_le
            1156 timestamptz_ge(timestamptz, timestamptz) bool as timestamp_ge
            1157 timestamptz_gt(timestamptz, timestamptz) bool as timestamp_gt
            1158 to_timestamp(float8) timestamptz as float8_timestamptz
            1159 timezone(text, timestamptz) timestamp as timestamptz_zone
            1171 date_part(text, timestamptz) float8 as timestamptz_part stable
            1172 date_part(text, interval) float8 as interval_part
            1174 timestamptz(date) timestamptz as date_timestamptz stable
            1176 timestamptz(date, time) timestamptz as datetime_timestamptz stable
            1178 date(timestamptz) date as timestamptz_date stable
            1188 timestamptz_mi(timestamptz, timestamptz) interval as timestamp_mi
            1189 timestamptz_pl_interval(timestamptz, interval) timestamptz stable
            1190 timestamptz_mi_interval(timestamptz, interval) timestamptz stable
            1195 timestamptz_smaller(timestamptz, timestamptz) timestamptz as timestamp_smaller
            1196 timestamptz_larger(timestamptz, timestamptz) timestamptz as timestamp_larger
            1199 age(timestamptz, timestamptz) interval as timestamptz_age
            1217 date_trunc(text, timestamptz) timestamptz as timestamptz_trunc stable
            1218 date_trunc(text, interval) interval as interval_trunc
            1272 datetime_pl(date, time) timestamp as datetime_timestamp
            1273 date_part(text, timetz) float8 as timetz_part
            1284 date_trunc(text, timestamptz, text) timestamptz as timestamptz_trunc_zone stable
            1296 timedate_pl(time, date) timestamp
            1299 now() timestamptz stable
            1314 timestamptz_cmp(timestamptz, timestamptz) int4 as timestamp_cmp
            1373 isfinite(date) bool as date_finite
            1384 date_part(text, date) float8 as date_part_date
            1385 date_part(text, time) float8 as time_part
            1386 age(timestamptz) interval as timestamptz_age_today stable
            1389 isfinite(timestamptz) bool as timestamp_finite
            1961 timestamp(timestamp, int4) timestamp as timestamp_scale
            1967 timestamptz(timestamptz, int4) timestamptz as timestamptz_scale
            2020 date_trunc(text, timestamp) timestamp as timestamp_trunc
            2021 date_part(text, timestamp) float8 as timestamp_part
            2024 timestamp(date) timestamp as date_timestamp
            2025 timestamp(date, time) timestamp as datetime_timestamp
            2027 timestamp(timestamptz) timestamp as timestamptz_timestamp stable
            2028 timestamptz(timestamp) timestamptz as timestamp_timestamptz stable
            2029 date(timestamp) date as timestamp_date
            2031 timestamp_mi(timestamp, timestamp) interval
            2032 timestamp_pl_interval(timestamp, interval) timestamp
            2033 timestamp_mi_interval(timestamp, interval) timestamp
            2035 timestamp_smaller(timestamp, timestamp) timestamp
            2036 timestamp_larger(timestamp, timestamp) timestamp
            2045 timestamp_cmp(timestamp, timestamp) int4
            2048 isfinite(timestamp) bool as timestamp_finite
            2052 timestamp_eq(timestamp, timestamp) bool
            2053 timestamp_ne(timestamp, timestamp) bool
            2054 timestamp_lt(timestamp, timestamp) bool
            2055 timestamp_le(timestamp, timestamp) bool
            2056 timestamp_ge(timestamp, timestamp) bool
            2057 timestamp_gt(timestamp, timestamp) bool
            2058 age(timestamp, timestamp) interval as timestamp_age
            2059 age(timestamp) interval as timestamp_age_today stable
            2069 timezone(text, timestamp) timestamptz as timestamp_zone
            2070 timezone(interval, timestamp) timestamptz as timestamp_izone
            2071 date_pl_interval(date, interval) timestamp
            2072 date_mi_interval(date, interval) timestamp
            2338 date_lt_timestamp(date, timestamp) bool
            2339 date_le_timestamp(date, timestamp) bool
            2340 date_eq_timestamp(date, timestamp) bool
            2341 date_gt_timestamp(date, timestamp) bool
            2342 date_ge_timestamp(date, timestamp) bool
            2343 date_ne_timestamp(date, timestamp) bool
            2344 date_cmp_timestamp(date, timestamp) int4
            2351 date_lt_timestamptz(date, timestamptz) bool stable
            2352 date_le_timestamptz(date, timestamptz) bool stable
            2353 date_eq_timestamptz(date, timestamptz) bool stable
            2354 date_gt_timestamptz(date, timestamptz) bool stable
            2355 date_ge_timestamptz(date, timestamptz) bool stable
            2356 date_ne_timestamptz(date, timestamptz) bool stable
            2357 date_cmp_timestamptz(date, timestamptz) int4 stable
            2364 timestamp_lt_date(timestamp, date) bool
            2365 timestamp_le_date(timestamp, date) bool
            2366 timestamp_eq_date(timestamp, date) bool
            2367 timestamp_gt_date(timestamp, date) bool
            2368 timestamp_ge_date(timestamp, date) bool
            2369 timestamp_ne_date(timestamp, date) bool
            2370 timestamp_cmp_date(timestamp, date) int4
            2377 timestamptz_lt_date(timestamptz, date) bool stable
            2378 timestamptz_le_date(timestamptz, date) bool stable
            2379 timestamptz_eq_date(timestamptz, date) bool stable
            2380 timestamptz_gt_date(timestamptz, date) bool stable
            2381 timestamptz_ge_date(timestamptz, date) bool stable
            2382 timestamptz_ne_date(timestamptz, date) bool stable
            2383 timestamptz_cmp_date(timestamptz, date) int4 stable
            2520 timestamp_lt_timestamptz(timestamp, timestamptz) bool stable
            2521 timestamp_le_timestamptz(timestamp, timestamptz) bool stable
            2522 timestamp_eq_timestamptz(timestamp, timestamptz) bool stable
            2523 timestamp_gt_timestamptz(timestamp, timestamptz) bool stable
            2524 timestamp_ge_timestamptz(timestamp, timestamptz) bool stable
            2525 timestamp_ne_timestamptz(timestamp, timestamptz) bool stable
            2526 timestamp_cmp_timestamptz(timestamp, timestamptz) int4 stable
            2527 timestamptz_lt_timestamp(timestamptz, timestamp) bool stable
            2528 timestamptz_le_timestamp(timestamptz, timestamp) bool stable
            2529 timestamptz_eq_timestamp(timestamptz, timestamp) bool stable
            2530 timestamptz_gt_timestamp(timestamptz, timestamp) bool stable
            2531 timestamptz_ge_timestamp(timestamptz, timestamp) bool stable
            2532 timestamptz_ne_timestamp(timestamptz, timestamp) bool stable
            2533 timestamptz_cmp_timestamp(timestamptz, timestamp) int4 stable
            2546 interval_pl_date(interval, date) timestamp
            2548 interval_pl_timestamp(interval, timestamp) timestamp
            2549 interval_pl_timestamptz(interval, timestamptz) timestamptz stable
            2550 integer_pl_date(int4, date) date
            2647 transaction_timestamp() timestamptz as now stable
            2648 statement_timestamp() timestamptz stable
            2649 clock_timestamp() timestamptz volatile
            3461 make_timestamp(year int4, month int4, mday int4, hour int4, min int4, sec float8) timestamp
            3462 make_timestamptz(year int4, month int4, mday int4, hour int4, min int4, sec float8) timestamptz stable
            3463 make_timestamptz(year int4, month int4, mday int4, hour int4, min int4, sec float8, timezone text) timestamptz as make_timestamptz_at_timezone stable
            3464 make_interval(years int4 =0, months int4 =0, weeks int4 =0, days int4 =0, hours int4 =0, mins int4 =0, secs float8 =0) interval
            3846 make_date(year int4, month int4, day int4) date
            3847 make_time(hour int4, min int4, sec float8) time
            6177 date_bin(interval, timestamp, timestamp) timestamp as timestamp_bin
            6178 date_bin(interval, timestamptz, timestamptz) timestamptz as timestamptz_bin
            6199 extract(text, date) numeric as extract_date
            6200 extract(text, time) numeric as extract_time
            6201 extract(text, timetz) numeric as extract_timetz
            6202 extract(text, timestamp) numeric as extract_timestamp
            6203 extract(text, timestamptz) numeric as extract_timestamptz stable
            6204 extract(text, interval) numeric as extract_interval
            """,
        operators: """
            1076 date + interval 2071 commutator +
            1077 date - interval 2072
            1093 date = date 1086 commutator = negator <> hash merge
            1094 date <> date 1091 commutator <> negator =
            1095 date < date 1087 commutator > negator >=
            1096 date <= date 1088 commutator >= negator >
            1097 date > date 1089 commutator < negator <=
            1098 date >= date 1090 commutator <= negator <
            1099 date - date 1140
            1100 date + int4 1141 commutator +
            1101 date - int4 1142
            1320 timestamptz = timestamptz 1152 commutator = negator <> hash merge
            1321 timestamptz <> timestamptz 1153 commutator <> negator =
            1322 timestamptz < timestamptz 1154 commutator > negator >=
            1323 timestamptz <= timestamptz 1155 commutator >= negator >
            1324 timestamptz > timestamptz 1157 commutator < negator <=
            1325 timestamptz >= timestamptz 1156 commutator <= negator <
            1327 timestamptz + interval 1189 commutator +
            1328 timestamptz - timestamptz 1188
            1329 timestamptz - interval 1190
            1360 date + time 1272 commutator +
            1363 time + date 1296 commutator +
            2060 timestamp = timestamp 2052 commutator = negator <> hash merge
            2061 timestamp <> timestamp 2053 commutator <> negator =
            2062 timestamp < timestamp 2054 commutator > negator >=
            2063 timestamp <= timestamp 2055 commutator >= negator >
            2064 timestamp > timestamp 2057 commutator < negator <=
            2065 timestamp >= timestamp 2056 commutator <= negator <
            2066 timestamp + interval 2032 commutator +
            2067 timestamp - timestamp 2031
            2068 timestamp - interval 2033
            2345 date < timestamp 2338 commutator > negator >=
            2346 date <= timestamp 2339 commutator >= negator >
            2347 date = timestamp 2340 commutator = negator <> merge
            2348 date >= timestamp 2342 commutator <= negator <
            2349 date > timestamp 2341 commutator < negator <=
            2350 date <> timestamp 2343 commutator <> negator =
            2358 date < timestamptz 2351 commutator > negator >=
            2359 date <= timestamptz 2352 commutator >= negator >
            2360 date = timestamptz 2353 commutator = negator <> merge
            2361 date >= timestamptz 2355 commutator <= negator <
            2362 date > timestamptz 2354 commutator < negator <=
            2363 date <> timestamptz 2356 commutator <> negator =
            2371 timestamp < date 2364 commutator > negator >=
            2372 timestamp <= date 2365 commutator >= negator >
            2373 timestamp = date 2366 commutator = negator <> merge
            2374 timestamp >= date 2368 commutator <= negator <
            2375 timestamp > date 2367 commutator < negator <=
            2376 timestamp <> date 2369 commutator <> negator =
            2384 timestamptz < date 2377 commutator > negator >=
            2385 timestamptz <= date 2378 commutator >= negator >
            2386 timestamptz = date 2379 commutator = negator <> merge
            2387 timestamptz >= date 2381 commutator <= negator <
            2388 timestamptz > date 2380 commutator < negator <=
            2389 timestamptz <> date 2382 commutator <> negator =
            2534 timestamp < timestamptz 2520 commutator > negator >=
            2535 timestamp <= timestamptz 2521 commutator >= negator >
            2536 timestamp = timestamptz 2522 commutator = negator <> merge
            2537 timestamp >= timestamptz 2524 commutator <= negator <
            2538 timestamp > timestamptz 2523 commutator < negator <=
            2539 timestamp <> timestamptz 2525 commutator <> negator =
            2540 timestamptz < timestamp 2527 commutator > negator >=
            2541 timestamptz <= timestamp 2528 commutator >= negator >
            2542 timestamptz = timestamp 2529 commutator = negator <> merge
            2543 timestamptz >= timestamp 2531 commutator <= negator <
            2544 timestamptz > timestamp 2530 commutator < negator <=
            2545 timestamptz <> timestamp 2532 commutator <> negator =
            2551 interval + date 2546 commutator +
            2553 interval + timestamp 2548 commutator +
            2554 interval + timestamptz 2549 commutator +
            2555 int4 + date 2550 commutator +
            """,
        casts: """
            date timestamp implicit 2024
            date timestamptz implicit 1174
            timestamp date assignment 2029
            timestamp timestamptz implicit 2028
            timestamptz date assignment 1178
            timestamptz timestamp assignment 2027
            timestamp timestamp implicit 1961
            timestamptz timestamptz implicit 1967
            """);
}
