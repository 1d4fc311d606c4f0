namespace VecSQL.Catalog.Functions.Families;

/// <summary>interval, time and timetz.</summary>
internal static class TimeFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            1102 time_lt(time, time) bool
            1103 time_le(time, time) bool
            1104 time_gt(time, time) bool
            1105 time_ge(time, time) bool
            1106 time_ne(time, time) bool
            1107 time_cmp(time, time) int4
            1145 time_eq(time, time) bool
            1162 interval_eq(interval, interval) bool
            1163 interval_ne(interval, interval) bool
            1164 interval_lt(interval, interval) bool
            1165 interval_le(interval, interval) bool
            1166 interval_ge(interval, interval) bool
            1167 interval_gt(interval, interval) bool
            1168 interval_um(interval) interval
            1169 interval_pl(interval, interval) interval
            1170 interval_mi(interval, interval) interval
            1175 justify_hours(interval) interval as interval_justify_hours
            1197 interval_smaller(interval, interval) interval
            1198 interval_larger(interval, interval) interval
            1200 interval(interval, int4) interval as interval_scale
            1271 overlaps(timetz, timetz, timetz, timetz) bool as overlaps_timetz nonstrict
            1295 justify_days(interval) interval as interval_justify_days
            1297 datetimetz_pl(date, timetz) timestamptz as datetimetz_timestamptz
            1298 timetzdate_pl(timetz, date) timestamptz
            1304 overlaps(timestamptz, timestamptz, timestamptz, timestamptz) bool as overlaps_timestamp nonstrict
            1305 overlaps(timestamptz, interval, timestamptz, interval) bool as overlaps_interval nonstrict stable
            1306 overlaps(timestamptz, timestamptz, timestamptz, interval) bool as overlaps_interval nonstrict stable
            1307 overlaps(timestamptz, interval, timestamptz, timestamptz) bool as overlaps_interval nonstrict stable
            1308 overlaps(time, time, time, time) bool as overlaps_time nonstrict
            1309 overlaps(time, interval, time, interval) bool as overlaps_interval nonstrict
            1310 overlaps(time, time, time, interval) bool as overlaps_interval nonstrict
            1311 overlaps(time, interval, time, time) bool as overlaps_interval nonstrict
            1315 interval_cmp(interval, interval) int4
            1316 time(timestamp) time as timestamp_time
            1326 interval_div(interval, float8) interval
            1352 timetz_eq(timetz, timetz) bool
            1353 timetz_ne(timetz, timetz) bool
            1354 timetz_lt(timetz, timetz) bool
            1355 timetz_le(timetz, timetz) bool
            1356 timetz_ge(timetz, timetz) bool
            1357 timetz_gt(timetz, timetz) bool
            1358 timetz_cmp(timetz, timetz) int4
            1359 timestamptz(date, timetz) timestamptz as datetimetz_timestamptz
            1370 interval(time) interval as time_interval
            1377 time_larger(time, time) time
            1378 time_smaller(time, time) time
            1379 timetz_larger(timetz, timetz) timetz
            1380 timetz_smaller(timetz, timetz) timetz
            1388 timetz(timestamptz) timetz as timestamptz_timetz stable
            1390 isfinite(interval) bool as interval_finite
            1419 time(interval) time as interval_time
            1618 interval_mul(interval, float8) interval
            1624 mul_d_interval(float8, interval) interval
            1690 time_mi_time(time, time) interval
            1747 time_pl_interval(time, interval) time
            1748 time_mi_interval(time, interval) time
            1749 timetz_pl_interval(timetz, interval) timetz
            1750 timetz_mi_interval(timetz, interval) timetz
            1848 interval_pl_time(interval, time) time
            1968 time(time, int4) time as time_scale
            1969 timetz(timetz, int4) timetz as timetz_scale
            2019 time(timestamptz) time as timestamptz_time stable
            2037 timezone(text, timetz) timetz as timetz_zone stable
            2038 timezone(interval, timetz) timetz as timetz_izone
            2041 overlaps(timestamp, timestamp, timestamp, timestamp) bool as overlaps_timestamp nonstrict
            2042 overlaps(timestamp, interval, timestamp, interval) bool as overlaps_interval nonstrict
            2043 overlaps(timestamp, timestamp, timestamp, interval) bool as overlaps_interval nonstrict
            2044 overlaps(timestamp, interval, timestamp, timestamp) bool as overlaps_interval nonstrict
            2046 time(timetz) time as timetz_time
            2047 timetz(time) timetz as time_timetz stable
            2547 interval_pl_timetz(interval, timetz) timetz
            2711 justify_interval(interval) interval as interval_justify_interval
            """,
        operators: """
            1108 time = time 1145 commutator = negator <> hash merge
            1109 time <> time 1106 commutator <> negator =
            1110 time < time 1102 commutator > negator >=
            1111 time <= time 1103 commutator >= negator >
            1112 time > time 1104 commutator < negator <=
            1113 time >= time 1105 commutator <= negator <
            1330 interval = interval 1162 commutator = negator <> hash merge
            1331 interval <> interval 1163 commutator <> negator =
            1332 interval < interval 1164 commutator > negator >=
            1333 interval <= interval 1165 commutator >= negator >
            1334 interval > interval 1167 commutator < negator <=
            1335 interval >= interval 1166 commutator <= negator <
            1336 none - interval 1168
            1337 interval + interval 1169 commutator +
            1338 interval - interval 1170
            1361 date + timetz 1297 commutator +
            1366 timetz + date 1298 commutator +
            1399 time - time 1690
            1550 timetz = timetz 1352 commutator = negator <> hash merge
            1551 timetz <> timetz 1353 commutator <> negator =
            1552 timetz < timetz 1354 commutator > negator >=
            1553 timetz <= timetz 1355 commutator >= negator >
            1554 timetz > timetz 1357 commutator < negator <=
            1555 timetz >= timetz 1356 commutator <= negator <
            1583 interval * float8 1618 commutator *
            1584 float8 * interval 1624 commutator *
            1585 interval / float8 1326
            1800 time + interval 1747 commutator +
            1801 time - interval 1748
            1802 timetz + interval 1749 commutator +
            1803 timetz - interval 1750
            1849 interval + time 1848 commutator +
            2552 interval + timetz 2547 commutator +
            """,
        casts: """
            time interval implicit 1370
            time timetz implicit 2047
            timestamp time assignment 1316
            timestamptz time assignment 2019
            timestamptz timetz assignment 1388
            interval time assignment 1419
            timetz time assignment 2046
            time time implicit 1968
            interval interval implicit 1200
            timetz timetz implicit 1969
            """);
}
