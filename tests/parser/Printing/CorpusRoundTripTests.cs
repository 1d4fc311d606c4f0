using VecSQL.Core.Errors;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Tests.Printing;

public sealed class CorpusRoundTripTests
{
    [Fact]
    public void Every_statement_of_the_corpus_parses_and_prints_as_text_that_parses_to_an_equal_tree()
    {
        List<string> failures = [];
        foreach (string sql in StatementCorpus.Statements)
        {
            string printed = "";
            try
            {
                Statement first = Assert.Single(SqlParser.Parse(sql));
                printed = SqlPrinter.Print(first);
                Statement second = Assert.Single(SqlParser.Parse(printed));
                if (!first.Equals(second) || SqlPrinter.Print(second) != printed)
                    failures.Add($"{sql}\n   {printed}\n   {SqlPrinter.Print(second)}");
            }
            catch (SqlException error)
            {
                failures.Add($"{sql}\n   {printed}\n   {error.Message} @{error.Position}");
            }
        }
        Assert.True(
            failures.Count == 0,
            $"{failures.Count} of {StatementCorpus.Statements.Count}\n" + string.Join("\n", failures));
    }

    [Fact]
    public void A_statement_knows_its_own_text_without_blanks_around_it_and_without_the_semicolon()
    {
        IReadOnlyList<Statement> statements =
            SqlParser.Parse("  SELECT 1 ;; /* x */ SELECT 'a;b' -- end\n ; PREPARE p AS  SELECT 2 ");
        Assert.Equal(["SELECT 1", "SELECT 'a;b'", "PREPARE p AS  SELECT 2"], statements.Select(one => one.Text.Value));
        Assert.Equal("SELECT 2", Assert.IsType<PrepareStatement>(statements[2]).Statement.Text.Value);
    }

    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("Abc", "\"Abc\"")]
    [InlineData("a b", "\"a b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("1a", "\"1a\"")]
    [InlineData("a$", "\"a$\"")]
    [InlineData("größe", "\"größe\"")]
    [InlineData("select", "\"select\"")]
    [InlineData("int", "\"int\"")]
    [InlineData("left", "\"left\"")]
    [InlineData("value", "value")]
    [InlineData("", "\"\"")]
    public void Names_are_quoted_where_PostgreSQL_quotes_them(string name, string expected) =>
        Assert.Equal(expected, SqlPrinter.QuoteIdentifier(name));

    [Fact]
    public void Quotes_in_a_string_are_doubled_and_backslashes_stay() =>
        Assert.Equal("'it''s \\n'", SqlPrinter.QuoteLiteral("it's \\n"));
}
