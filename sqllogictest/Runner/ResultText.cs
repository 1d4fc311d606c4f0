using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace VecSQL.SqlLogicTest.Runner;

/// <summary>Turns result values into the lines that files hold.</summary>
/// <remarks>
/// NULL is <c>NULL</c>, an empty string <c>(empty)</c>; a column of type R has three decimals, one of type I no fraction;
/// a long result is <c>N values hashing to</c> the MD5 of each value and a newline.
/// Source: sqlite.org/sqllogictest, "Result formats".
/// </remarks>
internal static class ResultText
{
    public static string Value(string? value, char type)
    {
        if (value is null)
            return "NULL";
        if (value.Length == 0)
            return "(empty)";
        switch (type)
        {
            case 'R' when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real):
                return decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal exact)
                    ? exact.ToString("F3", CultureInfo.InvariantCulture)
                    : real.ToString("F3", CultureInfo.InvariantCulture);
            case 'I' when value is "t" or "f":
                return value == "t" ? "1" : "0";
            case 'I' when decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number):
                return decimal.Truncate(number).ToString(CultureInfo.InvariantCulture);
            case 'I':
                return LeadingInteger(value); // text in an integer column: the original runner prints it with %d
            default:
                return Printable(value);
        }
    }

    /// <summary>Values in file order: row by row, sorted as the record asks.</summary>
    public static List<string[]> Rows(SqlRows result, string types, SortMode sort)
    {
        List<string[]> rows = result.Rows
            .Select(row => row.Select((value, i) => Value(value, i < types.Length ? types[i] : 'T')).ToArray()).ToList();
        if (sort == SortMode.Row)
            rows.Sort((left, right) => CompareRows(left, right));
        if (sort == SortMode.Value)
        {
            string[] values = rows.SelectMany(row => row).Order(StringComparer.Ordinal).ToArray();
            int columnCount = Math.Max(result.ColumnCount, 1);
            rows = values.Chunk(columnCount).ToList();
        }
        return rows;
    }

    public static string Hash(IReadOnlyCollection<string> values)
    {
        StringBuilder text = new();
        foreach (string value in values)
            text.Append(value).Append('\n');
#pragma warning disable CA5351 // the format fixes MD5; nothing is protected by it
        byte[] hash = MD5.HashData(Encoding.UTF8.GetBytes(text.ToString()));
#pragma warning restore CA5351
        return $"{values.Count} values hashing to {Convert.ToHexStringLower(hash)}";
    }

    private static string LeadingInteger(string value)
    {
        int end = value[0] is '-' or '+' ? 1 : 0;
        while (end < value.Length && char.IsAsciiDigit(value[end]))
            end++;
        return long.TryParse(value.AsSpan(0, end), CultureInfo.InvariantCulture, out long number)
            ? number.ToString(CultureInfo.InvariantCulture)
            : "0";
    }

    private static int CompareRows(string[] left, string[] right)
    {
        for (int i = 0; i < left.Length; i++)
        {
            int order = string.CompareOrdinal(left[i], right[i]);
            if (order != 0)
                return order;
        }
        return 0;
    }

    /// <summary>Control characters would break lines: they print as @; letters of any language stay.</summary>
    private static string Printable(string value) =>
        value.Any(char.IsControl) ? string.Concat(value.Select(letter => char.IsControl(letter) ? '@' : letter)) : value;
}
