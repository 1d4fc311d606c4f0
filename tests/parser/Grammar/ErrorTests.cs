using VecSQL.Core.Errors;

namespace VecSQL.Parser.Tests.Grammar;

public sealed class ErrorTests
{
    [Fact]
    public void Wrong_statements_are_refused_in_the_words_and_at_the_place_of_PostgreSQL()
    {
        List<string> differences = [];
        foreach (ExpectedError expected in StatementCorpus.Errors)
        {
            ExpectedError actual = Outcome(expected.Sql);
            if (actual != expected)
                differences.Add($"{expected.Sql}\n  expected {expected}\n  actual   {actual}");
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Theory]
    [InlineData("CREATE TABLE t PARTITION OF u DEFAULT", "PARTITION OF is not supported")]
    [InlineData("CREATE TABLE t (EXCLUDE USING gist (a WITH =))", "an exclusion constraint is not supported")]
    [InlineData("UPDATE t SET a = 1 WHERE CURRENT OF c", "WHERE CURRENT OF is not supported")]
    [InlineData("SELECT xmlelement(name a)", "XML is not supported")]
    public void What_VecSQL_does_not_have_is_refused_by_name(string sql, string message)
    {
        SqlException error = Assert.Throws<SqlException>(() => SqlParser.Parse(sql));
        Assert.Equal((SqlState.FeatureNotSupported, message), (error.State, error.Message));
    }

    [Fact]
    public void A_report_quotes_no_more_than_a_few_thousand_characters_of_a_long_statement()
    {
        string sql = "SELECT '" + new string('x', 1_000_000);
        SqlException error = Assert.Throws<SqlException>(() => SqlParser.Parse(sql));
        Assert.InRange(error.Message.Length, 4_000, 5_000);
    }

    private static ExpectedError Outcome(string sql)
    {
        try
        {
            SqlParser.Parse(sql);
            return new ExpectedError("ok", "0", "", "", sql);
        }
        catch (SqlException error)
        {
            return new ExpectedError(error.State.Code, error.Position.ToString(), error.Message, error.Hint ?? "", sql);
        }
    }
}
