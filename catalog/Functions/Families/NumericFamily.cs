namespace VecSQL.Catalog.Functions.Families;

/// <summary>numeric: arithmetic, comparison, rounding, conversion.</summary>
internal static class NumericFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            1376 factorial(int8) numeric as numeric_fac
            1481 log10(numeric) numeric as numeric_log10
            1703 numeric(numeric, int4) numeric
            1704 numeric_abs(numeric) numeric
            1705 abs(numeric) numeric as numeric_abs
            1706 sign(numeric) numeric as numeric_sign
            1707 round(numeric, int4) numeric as numeric_round
            1708 round(numeric) numeric as numeric_round0
            1709 trunc(numeric, int4) numeric as numeric_trunc
            1710 trunc(numeric) numeric as numeric_trunc0
            1711 ceil(numeric) numeric as numeric_ceil
            1712 floor(numeric) numeric as numeric_floor
            1718 numeric_eq(numeric, numeric) bool
            1719 numeric_ne(numeric, numeric) bool
            1720 numeric_gt(numeric, numeric) bool
            1721 numeric_ge(numeric, numeric) bool
            1722 numeric_lt(numeric, numeric) bool
            1723 numeric_le(numeric, numeric) bool
            1724 numeric_add(numeric, numeric) numeric
            1725 numeric_sub(numeric, numeric) numeric
            1726 numeric_mul(numeric, numeric) numeric
            1727 numeric_div(numeric, numeric) numeric
            1728 mod(numeric, numeric) numeric as numeric_mod
            1729 numeric_mod(numeric, numeric) numeric
            1730 sqrt(numeric) numeric as numeric_sqrt
            1731 numeric_sqrt(numeric) numeric
            1732 exp(numeric) numeric as numeric_exp
            1733 numeric_exp(numeric) numeric
            1734 ln(numeric) numeric as numeric_ln
            1735 numeric_ln(numeric) numeric
            1736 log(numeric, numeric) numeric as numeric_log
            1737 numeric_log(numeric, numeric) numeric
            1738 pow(numeric, numeric) numeric as numeric_power
            1739 numeric_power(numeric, numeric) numeric
            1740 numeric(int4) numeric as int4_numeric
            1741 log(numeric) numeric as numeric_log10
            1742 numeric(float4) numeric as float4_numeric
            1743 numeric(float8) numeric as float8_numeric
            1744 int4(numeric) int4 as numeric_int4
            1745 float4(numeric) float4 as numeric_float4
            1746 float8(numeric) float8 as numeric_float8
            1764 numeric_inc(numeric) numeric
            1766 numeric_smaller(numeric, numeric) numeric
            1767 numeric_larger(numeric, numeric) numeric
            1769 numeric_cmp(numeric, numeric) int4
            1771 numeric_uminus(numeric) numeric
            1779 int8(numeric) int8 as numeric_int8
            1781 numeric(int8) numeric as int8_numeric
            1782 numeric(int2) numeric as int2_numeric
            1783 int2(numeric) int2 as numeric_int2
            1915 numeric_uplus(numeric) numeric
            1973 div(numeric, numeric) numeric as numeric_div_trunc
            1980 numeric_div_trunc(numeric, numeric) numeric
            2167 ceiling(numeric) numeric as numeric_ceil
            2169 power(numeric, numeric) numeric as numeric_power
            2170 width_bucket(numeric, numeric, numeric, int4) int4 as width_bucket_numeric
            3281 scale(numeric) int4 as numeric_scale
            5042 min_scale(numeric) int4 as numeric_min_scale
            5043 trim_scale(numeric) numeric as numeric_trim_scale
            5048 gcd(numeric, numeric) numeric as numeric_gcd
            5049 lcm(numeric, numeric) numeric as numeric_lcm
            """,
        operators: """
            1038 numeric ^ numeric 1739
            1751 none - numeric 1771
            1752 numeric = numeric 1718 commutator = negator <> hash merge
            1753 numeric <> numeric 1719 commutator <> negator =
            1754 numeric < numeric 1722 commutator > negator >=
            1755 numeric <= numeric 1723 commutator >= negator >
            1756 numeric > numeric 1720 commutator < negator <=
            1757 numeric >= numeric 1721 commutator <= negator <
            1758 numeric + numeric 1724 commutator +
            1759 numeric - numeric 1725
            1760 numeric * numeric 1726 commutator *
            1761 numeric / numeric 1727
            1762 numeric % numeric 1729
            1763 none @ numeric 1704
            1921 none + numeric 1915
            """,
        casts: """
            int8 numeric implicit 1781
            int2 numeric implicit 1782
            int4 numeric implicit 1740
            float4 numeric assignment 1742
            float8 numeric assignment 1743
            numeric int8 assignment 1779
            numeric int2 assignment 1783
            numeric int4 assignment 1744
            numeric float4 implicit 1745
            numeric float8 implicit 1746
            numeric numeric implicit 1703
            """);
}
