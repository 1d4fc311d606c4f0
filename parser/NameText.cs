using System.Diagnostics.CodeAnalysis;
using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser;

/// <summary>Names inside strings, as regclass and nextval take them: <c>schema."Table"</c>.</summary>
public static class NameText
{
    /// <exception cref="SqlException">42602: not a name.</exception>
    public static QualifiedName Parse(string text) =>
        TryParse(text, out QualifiedName? name) ? name : throw new SqlException(SqlState.InvalidName, "invalid name syntax");

    public static bool TryParse(string text, [NotNullWhen(true)] out QualifiedName? name)
    {
        name = null;
        var parts = new List<string>();
        int at = 0;
        while (TakePart(text, ref at) is { Length: > 0 } part)
        {
            parts.Add(part);
            if (at == text.Length)
                name = new QualifiedName([.. parts]);
            if (at == text.Length || text[at++] != '.')
                break;
        }
        return name is not null;
    }

    /// <summary>Null or empty where there is no part.</summary>
    private static string? TakePart(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        string part;
        if (at < text.Length && text[at] == '"')
        {
            var name = new StringBuilder();
            for (at++; ; at++)
            {
                if (at >= text.Length)
                    return null;
                if (text[at] != '"')
                    name.Append(text[at]);
                else if (at + 1 < text.Length && text[at + 1] == '"')
                    name.Append(text[at++]);
                else
                    break;
            }
            at++;
            part = name.ToString();
        }
        else
        {
            int start = at;
            while (at < text.Length && text[at] != '.' && !char.IsWhiteSpace(text[at]))
                at++;
            part = text[start..at].ToLowerInvariant();
        }
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return part;
    }
}
