using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>Names inside strings, as regclass and nextval take them: <c>schema."Table"</c>.</summary>
internal static class NameText
{
    /// <exception cref="SqlException">42602: not a name.</exception>
    internal static QualifiedName Parse(string text)
    {
        var parts = new List<string>();
        int at = 0;
        while (true)
        {
            parts.Add(TakePart(text, ref at));
            if (at == text.Length)
                return new QualifiedName([.. parts]);
            if (text[at++] != '.')
                throw Invalid();
        }
    }

    private static string TakePart(string text, ref int at)
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
                    throw Invalid();
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
        return part.Length > 0 ? part : throw Invalid();
    }

    private static SqlException Invalid() => new(SqlState.InvalidName, "invalid name syntax");
}
