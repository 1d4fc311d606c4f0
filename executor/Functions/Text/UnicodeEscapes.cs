using System.Globalization;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Text;

/// <summary>unistr(): \XXXX, \+XXXXXX, \uXXXX, \UXXXXXXXX and \\.</summary>
internal static class UnicodeEscapes
{
    public static string Decode(string text)
    {
        var result = new StringBuilder(text.Length);
        int at = 0;
        while (at < text.Length)
        {
            if (text[at] != '\\')
            {
                result.Append(text[at++]);
                continue;
            }
            if (at + 1 < text.Length && text[at + 1] == '\\')
            {
                result.Append('\\');
                at += 2;
                continue;
            }
            (int skipped, int digits) = at + 1 < text.Length
                ? text[at + 1] switch { '+' => (2, 6), 'u' => (2, 4), 'U' => (2, 8), _ => (1, 4) }
                : (1, 4);
            Append(result, text.AsSpan(at + skipped), digits);
            at += skipped + digits;
        }
        CheckPairs(result);
        return result.ToString();
    }

    private static void CheckPairs(StringBuilder text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                throw new SqlException(SqlState.SyntaxError, "invalid Unicode surrogate pair");
            i++;
        }
    }

    private static void Append(StringBuilder result, ReadOnlySpan<char> rest, int digits)
    {
        if (rest.Length < digits || !uint.TryParse(rest[..digits], NumberStyles.AllowHexSpecifier, null, out uint code))
        {
            throw new SqlException(SqlState.SyntaxError, "invalid Unicode escape",
                hint: "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.");
        }
        if (code is 0 or > 0x10FFFF)
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid Unicode code point: {code:X4}");
        if (code <= char.MaxValue)
            result.Append((char)code); // halves of a pair meet in the text
        else
            result.Append(new Rune(code).ToString());
    }
}
