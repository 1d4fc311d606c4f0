namespace VecSQL.Catalog.Functions.Families;

/// <summary>Mathematics on double precision.</summary>
internal static class MathFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            228 dround(float8) float8
            229 dtrunc(float8) float8
            230 dsqrt(float8) float8
            231 dcbrt(float8) float8
            232 dpow(float8, float8) float8
            233 dexp(float8) float8
            234 dlog1(float8) float8
            320 width_bucket(float8, float8, float8, int4) int4 as width_bucket_float8
            1194 log10(float8) float8 as dlog10
            1339 dlog10(float8) float8
            1340 log(float8) float8 as dlog10
            1341 ln(float8) float8 as dlog1
            1342 round(float8) float8 as dround
            1343 trunc(float8) float8 as dtrunc
            1344 sqrt(float8) float8 as dsqrt
            1345 cbrt(float8) float8 as dcbrt
            1346 pow(float8, float8) float8 as dpow
            1347 exp(float8) float8 as dexp
            1368 power(float8, float8) float8 as dpow
            1598 random() float8 as drandom volatile
            1599 setseed(float8) void volatile
            1600 asin(float8) float8 as dasin
            1601 acos(float8) float8 as dacos
            1602 atan(float8) float8 as datan
            1603 atan2(float8, float8) float8 as datan2
            1604 sin(float8) float8 as dsin
            1605 cos(float8) float8 as dcos
            1606 tan(float8) float8 as dtan
            1607 cot(float8) float8 as dcot
            1608 degrees(float8) float8
            1609 radians(float8) float8
            1610 pi() float8 as dpi
            2308 ceil(float8) float8 as dceil
            2309 floor(float8) float8 as dfloor
            2310 sign(float8) float8 as dsign
            2320 ceiling(float8) float8 as dceil
            2462 sinh(float8) float8 as dsinh
            2463 cosh(float8) float8 as dcosh
            2464 tanh(float8) float8 as dtanh
            2465 asinh(float8) float8 as dasinh
            2466 acosh(float8) float8 as dacosh
            2467 atanh(float8) float8 as datanh
            2731 asind(float8) float8 as dasind
            2732 acosd(float8) float8 as dacosd
            2733 atand(float8) float8 as datand
            2734 atan2d(float8, float8) float8 as datan2d
            2735 sind(float8) float8 as dsind
            2736 cosd(float8) float8 as dcosd
            2737 tand(float8) float8 as dtand
            2738 cotd(float8) float8 as dcotd
            """,
        operators: """
            596 none |/ float8 230
            597 none ||/ float8 231
            965 float8 ^ float8 232
            """);
}
