using VecSQL.Catalog.Values;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions;

/// <summary>Sizes in bytes as people write them: pg_size_bytes.</summary>
internal static class ByteSizes
{
    private static readonly (
        string Name, int Shift)[] Units = [("bytes", 0), ("kB", 10), ("MB", 20), ("GB", 30), ("TB", 40), ("PB", 50)];

    public static long Parse(string text)
    {
        string trimmed = text.Trim();
        int end = 0;
        while (end < trimmed.Length && (char.IsAsciiDigit(trimmed[end]) || trimmed[end] is '.' or '+' or '-'
            || (trimmed[end] is 'e' or 'E' && end + 1 < trimmed.Length && (char.IsAsciiDigit(trimmed[end + 1])
                || trimmed[end + 1] is '+' or '-'))))
        {
            end++;
        }
        if (!SqlNumeric.TryParse(System.Text.Encoding.UTF8.GetBytes(trimmed[..end]), out SqlNumeric number))
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid size: \"{text}\"");
        string unit = trimmed[end..].Trim();
        int shift = unit.Length == 0 || unit.Equals("B", StringComparison.OrdinalIgnoreCase) ? 0 : -1;
        foreach ((string name, int unitShift) in Units)
        {
            if (name.Equals(unit, StringComparison.OrdinalIgnoreCase))
                shift = unitShift;
        }
        if (shift < 0)
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid size: \"{text}\"",
                hint: "Valid units are \"bytes\", \"B\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".")
            { Detail = $"Invalid size unit: \"{unit}\"." };
        }
        return (number * (1L << shift)).ToInt64();
    }
}
