namespace VecSQL.Catalog.Functions.Families;

/// <summary>to_char, to_date, to_timestamp and to_number.</summary>
internal static class TemplateFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            1768 to_char(interval, text) text as interval_to_char stable
            1770 to_char(timestamptz, text) text as timestamptz_to_char stable
            1772 to_char(numeric, text) text as numeric_to_char stable
            1773 to_char(int4, text) text as int4_to_char stable
            1774 to_char(int8, text) text as int8_to_char stable
            1775 to_char(float4, text) text as float4_to_char stable
            1776 to_char(float8, text) text as float8_to_char stable
            1777 to_number(text, text) numeric as numeric_to_number stable
            1778 to_timestamp(text, text) timestamptz stable
            1780 to_date(text, text) date stable
            2049 to_char(timestamp, text) text as timestamp_to_char stable
            """);
}
