using System.Globalization;
using VecSQL.Core.Errors;

namespace VecSQL.Core.Settings;

/// <summary>Text to a setting's value and back, by PostgreSQL's rules.</summary>
public static class SettingParser
{
    /// <exception cref="SqlException">22023: not a value of this setting.</exception>
    public static SettingValue Parse(SettingDefinition definition, string text) => definition.Kind switch
    {
        SettingKind.Bool => ParseBool(text) is { } on
            ? new SettingValue(on ? "on" : "off", on ? 1 : 0)
            : throw new SqlException(
                SqlState.InvalidParameterValue, $"parameter \"{definition.Name}\" requires a Boolean value"),
        SettingKind.Integer or SettingKind.Real => ParseNumber(definition, text),
        SettingKind.Enum => ParseEnum(definition, text),
        _ => new SettingValue(text),
    };

    /// <summary>The value as SHOW prints it.</summary>
    public static string Print(SettingDefinition definition, SettingValue value) =>
        definition.Unit != SettingUnit.None && value.Number > 0
            ? SettingUnits.Print(value.Number, definition.Unit)
            : value.Text;

    /// <summary>The base unit's name, empty for none.</summary>
    public static string UnitName(SettingUnit unit) => SettingUnits.Name(unit);

    /// <summary>on, off, true, false, yes, no, 1, 0, and what begins one of these words alone; null otherwise.</summary>
    public static bool? ParseBool(string text)
    {
        string word = text.Trim().ToLowerInvariant();
        if (word.Length == 0)
            return null;
        if (word == "on" || "true".StartsWith(word, StringComparison.Ordinal) || "yes".StartsWith(word, StringComparison.Ordinal) || word == "1")
            return true;
        if ((word.Length > 1 && "off".StartsWith(word, StringComparison.Ordinal))
            || "false".StartsWith(word, StringComparison.Ordinal) || "no".StartsWith(word, StringComparison.Ordinal) || word == "0")
        {
            return false;
        }
        return null;
    }

    public static SqlException Invalid(SettingDefinition definition, string text, string? hint = null, string? detail = null) =>
        new(SqlState.InvalidParameterValue, $"invalid value for parameter \"{definition.Name}\": \"{text}\"", hint: hint)
        { Detail = detail };

    private static SettingValue ParseEnum(SettingDefinition definition, string text)
    {
        foreach (string value in definition.Values)
        {
            if (string.Equals(value, text, StringComparison.OrdinalIgnoreCase))
                return new SettingValue(value);
        }
        throw new SqlException(SqlState.InvalidParameterValue,
            $"invalid value for parameter \"{definition.Name.ToLowerInvariant()}\": \"{text}\"",
            hint: $"Available values: {string.Join(", ", definition.Values)}.");
    }

    private static SettingValue ParseNumber(SettingDefinition definition, string text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        if (!TakeNumber(ref rest, out double number) || double.IsNaN(number))
            throw Invalid(definition, text);
        string unit = rest.Trim().ToString();
        if (unit.Length > 0)
        {
            if (definition.Unit == SettingUnit.None)
                throw Invalid(definition, text);
            number = SettingUnits.ToBase(number, unit, definition.Unit)
                ?? throw Invalid(definition, text, SettingUnits.Hint(definition.Unit));
        }
        if (definition.Kind == SettingKind.Integer)
        {
            number = Math.Round(number, MidpointRounding.ToEven);
            if (number is > int.MaxValue or < int.MinValue)
                throw Invalid(definition, text, "Value exceeds integer range.");
        }
        if (number < definition.Min || number > definition.Max)
            throw OutOfRange(definition, number);
        return new SettingValue(Text(number), number);
    }

    private static SqlException OutOfRange(SettingDefinition definition, double number)
    {
        string unit = definition.Unit == SettingUnit.None ? "" : " " + SettingUnits.Name(definition.Unit);
        return new SqlException(SqlState.InvalidParameterValue,
            $"{Text(number)}{unit} is outside the valid range for parameter \"{definition.Name}\" " +
            $"({Text(definition.Min)} .. {Text(definition.Max)})");
    }

    private static string Text(double number) => number == Math.Floor(number) && Math.Abs(number) < 1e15
        ? ((long)number).ToString(CultureInfo.InvariantCulture)
        : number.ToString("G6", CultureInfo.InvariantCulture).ToLowerInvariant();

    /// <summary>Takes a decimal, hexadecimal or octal number off the front, as C's strtol and strtod do.</summary>
    private static bool TakeNumber(ref ReadOnlySpan<char> text, out double number)
    {
        int at = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        double sign = at == 1 && text[0] == '-' ? -1 : 1;
        if (text[at..].StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            int end = at + 2;
            while (end < text.Length && char.IsAsciiHexDigit(text[end]))
                end++;
            bool isHex = long.TryParse(text[(at + 2)..end], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long hex);
            number = sign * hex;
            text = text[end..];
            return isHex;
        }
        int length = at;
        while (length < text.Length && (char.IsAsciiDigit(text[length]) || text[length] == '.'))
            length++;
        if (length < text.Length && text[length] is 'e' or 'E')
        {
            int exponent = length + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-')
                exponent++;
            if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            {
                while (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
                    exponent++;
                length = exponent;
            }
        }
        bool isNumber = double.TryParse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        text = text[length..];
        return isNumber;
    }
}
