using System.Text;
using VecSQL.Catalog.Values;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Templates;

/// <summary>to_number: picks a number's digits out of text by a template.</summary>
internal static class NumberReader
{
    public static SqlNumeric Read(NumberTemplate template, string text)
    {
        if (template.IsRoman)
            throw new SqlException(SqlState.FeatureNotSupported, "\"RN\" not supported for input");
        if (template.IsScientific)
            throw new SqlException(SqlState.FeatureNotSupported, "\"EEEE\" not supported for input");
        var digits = new StringBuilder();
        bool isNegative = false, hasPoint = false;
        int at = 0;
        foreach (NumberNode node in template.Nodes)
        {
            if (at >= text.Length)
                break;
            at = ReadNode(template, node, text, at, digits, ref isNegative, ref hasPoint);
        }
        if (at < text.Length && template.Sign == SignPlace.After || (at < text.Length && template.IsBracket))
            isNegative |= text[at] == '-' || text[at] == '>';
        if (!digits.ToString().Any(char.IsAsciiDigit))
        {
            throw new SqlException(SqlState.InvalidTextRepresentation,
                $"invalid input syntax for type numeric: \"{(digits.Length > 0 ? digits : " ")}\"");
        }
        SqlNumeric value = SqlNumeric.Parse(Encoding.ASCII.GetBytes((isNegative ? "-" : "") + digits));
        if (template.Shifted > 0)
            value /= SqlNumeric.Power(10, template.Shifted);
        if (template.Shifted > 0)
            return value;
        SqlNumeric rounded = value.Scale > template.After ? value.Round(template.After) : value;
        // The template's places are those of a numeric, which digits before the point must not exceed.
        rounded.WithModifier((((template.Before + rounded.Scale) << 16) | rounded.Scale) + 4);
        return rounded;
    }

    /// <summary>The point, in a place before its own.</summary>
    private static bool IsEarlyPoint(char read, NumberTemplate template, bool hasPoint) =>
        read == '.' && template.HasPoint && !hasPoint;

    private static int ReadNode(NumberTemplate template, NumberNode node, string text, int at, StringBuilder digits,
        ref bool isNegative, ref bool hasPoint)
    {
        switch (node.Part)
        {
            case NumberPart.Nine or NumberPart.Zero:
                if (template.Sign == SignPlace.After && digits.Length > 0 && text[at] is '-' or '+')
                    return at; // the sign behind fewer digits than there are places
                if (text[at] == ' ')
                    at++;
                if (at < text.Length && digits.Length == 0 && text[at] is '-' or '+' or '<')
                    isNegative |= text[at++] is '-' or '<';
                if (at < text.Length && (char.IsAsciiDigit(text[at]) || IsEarlyPoint(text[at], template, hasPoint)))
                {
                    hasPoint |= text[at] == '.';
                    digits.Append(text[at]);
                }
                return at + 1; // a place takes a character, whatever it is
            case NumberPart.Point:
                if (text[at] != '.' || hasPoint)
                    return at;
                hasPoint = true;
                digits.Append('.');
                return at + 1;
            case NumberPart.Comma:
                return text[at] == ',' ? at + 1 : at;
            case NumberPart.Sign or NumberPart.Minus or NumberPart.Plus or NumberPart.PlusMinus:
                if (text[at] is not ('-' or '+' or ' '))
                    return at;
                isNegative |= text[at] == '-';
                return at + 1;
            case NumberPart.Ordinal:
                return Math.Min(text.Length, at + 2);
            case NumberPart.Currency:
                return char.IsAsciiDigit(text[at]) || text[at] is '-' or '+' or '.' or ',' ? at : at + 1;
            default:
                return char.IsAsciiDigit(text[at]) || text[at] is '-' or '+' or '.' or ',' ? at : at + 1;
        }
    }
}
