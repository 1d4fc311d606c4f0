using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Text;

/// <summary>parse_ident(): the parts of a qualified name.</summary>
internal static class Identifiers
{
    /// <param name="isStrict">Nothing may follow the name.</param>
    /// <exception cref="SqlException">22023: the text is no name.</exception>
    internal static IReadOnlyList<string> Parse(string text, bool isStrict)
    {
        List<string> parts = [];
        int at = AfterBlanks(text, 0);
        bool isAfterDot = false;
        while (true)
        {
            string? part = at < text.Length && text[at] == '"' ? Quoted(text, ref at) : Plain(text, ref at);
            if (part is null)
            {
                throw Invalid(text, at < text.Length && text[at] == '.'
                    ? "No valid identifier before \".\"."
                    : isAfterDot ? "No valid identifier after \".\"." : null);
            }
            parts.Add(part);
            at = AfterBlanks(text, at);
            if (at == text.Length)
                return parts;
            if (text[at] != '.')
                return isStrict ? throw Invalid(text, null) : parts;
            isAfterDot = true;
            at = AfterBlanks(text, at + 1);
        }
    }

    private static string Quoted(string text, ref int at)
    {
        var name = new StringBuilder();
        for (int i = at + 1; i < text.Length; i++)
        {
            if (text[i] == '"' && (i + 1 == text.Length || text[i + 1] != '"'))
            {
                at = i + 1;
                return name.Length > 0 ? name.ToString() : throw Invalid(text, "Quoted identifier must not be empty.");
            }
            name.Append(text[i]);
            if (text[i] == '"')
                i++; // two for one
        }
        throw Invalid(text, "String has unclosed double quotes.");
    }

    private static string? Plain(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && (IsStart(text[at]) || (at > start && (char.IsAsciiDigit(text[at]) || text[at] == '$'))))
            at++;
        return at == start ? null : string.Concat(text[start..at].Select(static c => c <= 'Z' && c >= 'A' ? (char)(c | 0x20) : c));
    }

    private static bool IsStart(char c) => char.IsAsciiLetter(c) || c == '_' || c >= 0x80;

    private static int AfterBlanks(string text, int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t' or '\n' or '\r' or '\f' or '\v')
            at++;
        return at;
    }

    private static SqlException Invalid(string text, string? detail) =>
        new(SqlState.InvalidParameterValue, $"string is not a valid identifier: \"{text}\"") { Detail = detail };
}
