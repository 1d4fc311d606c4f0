using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

/// <summary>Turns syntax trees back into SQL that parses to an equal tree.</summary>
/// <remarks>Parentheses stand only where the tree needs them, so text never nests deeper than its source.</remarks>
public static class SqlPrinter
{
    /// <exception cref="SqlException">54001: the tree is higher than any that was parsed.</exception>
    public static string Print(SyntaxNode node)
    {
        SqlWriter writer = new();
        writer.WriteNode(node);
        return writer.ToString();
    }

    /// <summary>The name, in double quotes where it would not be read back as it is.</summary>
    public static string QuoteIdentifier(string name) =>
        IsPlain(name) ? name : $"\"{name.Replace("\"", "\"\"")}\"";

    /// <summary>The text as a string constant.</summary>
    public static string QuoteLiteral(string value) => $"'{value.Replace("'", "''")}'";

    /// <summary>
    /// Lower-case letters, digits and underscores, and not a key word that means something where names stand.
    /// </summary>
    private static bool IsPlain(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
            return false;
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_')
                return false;
        }
        Keyword keyword = name.Length <= KeywordTable.LengthMax ? KeywordTable.Find(name) : Keyword.NoKeyword;
        return keyword == Keyword.NoKeyword || KeywordTable.Class(keyword) == KeywordClass.Unreserved;
    }
}
