using System.Text;

namespace VecSQL.Engine.Tests.Queries;

/// <summary>Joins, subqueries, common tables, windows and changes give the rows that PostgreSQL 15 gave.</summary>
/// <remarks>postgres15.golden: a line <c>== statement</c>, then its rows. The statements run in order in one session.</remarks>
public sealed class PostgresAnswersTests
{
    [Fact]
    public async Task A_script_gives_the_rows_that_PostgreSQL_gave()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Queries", "postgres15.golden");
        string expected = await File.ReadAllTextAsync(path);
        await using var database = new TestDatabase();
        await using TestSession session = database.Session();
        var actual = new StringBuilder();
        foreach (string line in expected.Split('\n').Where(line => line.StartsWith("== ", StringComparison.Ordinal)))
        {
            actual.Append(line).Append('\n');
            foreach (string row in await session.RowsAsync(line[3..]))
                actual.Append(row).Append('\n');
        }
        Assert.Equal(expected, actual.ToString());
    }
}
