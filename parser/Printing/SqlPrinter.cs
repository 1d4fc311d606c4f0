using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

/// <summary>Turns syntax trees back into SQL that parses to an equal tree.</summary>
public static class SqlPrinter
{
    public static string Print(SyntaxNode node) => throw new NotImplementedException();

    /// <summary>The name, in double quotes where it would not be read back as it is.</summary>
    public static string QuoteIdentifier(string name) => throw new NotImplementedException();

    /// <summary>The text as a string constant.</summary>
    public static string QuoteLiteral(string value) => throw new NotImplementedException();
}
