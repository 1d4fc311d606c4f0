using VecSQL.Core.Errors;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Tests;

/// <summary>Prints a tree, parses what was printed, and compares.</summary>
internal static class RoundTrip
{
    internal static void Check(Statement statement, string source)
    {
        string printed = SqlPrinter.Print(statement);
        Statement again;
        try
        {
            again = Assert.Single(SqlParser.Parse(printed));
        }
        catch (SqlException error)
        {
            Assert.Fail($"{error.Message} @{error.Position}\nsource  {source}\nprinted {printed}");
            return;
        }
        Assert.True(statement.Equals(again),
            $"another tree\nsource  {source}\nprinted {printed}\nagain   {SqlPrinter.Print(again)}");
    }
}
