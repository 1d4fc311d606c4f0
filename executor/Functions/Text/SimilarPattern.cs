using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Text;

/// <summary>SIMILAR TO patterns as regular expressions: % is any text, _ any character, the rest of SQL's operators
/// are a regex's.</summary>
internal static class SimilarPattern
{
    public static void CheckEscape(string escape)
    {
        if (escape.EnumerateRunes().Count() > 1)
        {
            throw new SqlException(SqlState.InvalidEscapeSequence, "invalid escape string",
                hint: "Escape string must be empty or one character.");
        }
    }

    /// <summary>The pattern as an anchored regular expression. An escaped quote parts SUBSTRING's three
    /// sections.</summary>
    public static string ToRegex(string pattern, string escape)
    {
        CheckEscape(escape);
        var result = new StringBuilder("^(?:");
        int quotes = 0;
        bool isInClass = false, hasParts = escape.Length > 0 && pattern.Contains(escape + '"', StringComparison.Ordinal);
        for (int i = 0; i < pattern.Length; i++)
        {
            if (escape.Length > 0 && pattern.AsSpan(i).StartsWith(escape))
            {
                i += escape.Length;
                if (i >= pattern.Length)
                    break;
                if (pattern[i] == '"' && !isInClass)
                    AppendSeparator(result, quotes++);
                else
                    result.Append('\\').Append(pattern[i]);
                continue;
            }
            bool wasInClass = isInClass;
            isInClass = AppendCharacter(result, pattern[i], isInClass);
            if (hasParts && quotes == 0 && !wasInClass && pattern[i] is '%' or '*' or '+' or '?' or '}')
                result.Append('?'); // the first section takes as little as it can
        }
        return result.Append(")$").ToString();
    }

    // The second section is what is wanted.
    private static void AppendSeparator(StringBuilder result, int quotes)
    {
        if (quotes > 1)
        {
            throw new SqlException(SqlState.InvalidUseOfEscapeCharacter,
                "SQL regular expression may not contain more than two escape-double-quote separators");
        }
        result.Append(quotes == 0 ? "){1,1}?(" : "){1,1}(?:");
    }

    private static bool AppendCharacter(StringBuilder result, char c, bool isInClass)
    {
        if (isInClass)
        {
            result.Append(c == '\\' ? "\\\\" : c.ToString());
            return c != ']';
        }
        result.Append(c switch
        {
            '%' => ".*",
            '_' => ".",
            '(' => "(?:",
            '\\' or '.' or '^' or '$' => "\\" + c,
            _ => c.ToString(),
        });
        return c == '[';
    }
}
