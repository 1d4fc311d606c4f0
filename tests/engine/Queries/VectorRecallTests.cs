using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;

namespace VecSQL.Engine.Tests.Queries;

/// <summary>What EXPLAIN and vecsql_recall tell of searches by vector indexes.</summary>
public sealed class VectorRecallTests : EngineTest
{
    private const string Query = "SELECT id FROM items ORDER BY v <-> '[.1,.2,.3,.4]' LIMIT 10";

    // One statement after the other: an index is built over rows that are committed.
    private async Task FillAsync()
    {
        await Session.RunAsync("CREATE TABLE items (id int PRIMARY KEY, kind int, v vector(4))");
        await Session.RunAsync("""
            INSERT INTO items SELECT g, g % 5,
                array[(g * 104729 % 10007) / 10007.0, (g * 15485863::bigint % 10009) / 10009.0, g % 97 / 97.0, g % 89 / 89.0]::vector
            FROM generate_series(1, 6000) g
            """);
        await Session.RunAsync("CREATE INDEX items_v ON items USING hnsw (v vector_l2_ops)");
    }

    [Fact]
    public async Task Explain_tells_in_every_format_how_the_index_was_searched()
    {
        await FillAsync();
        string[] names = ["Vector Search", "Strategy", "Target Recall", "Filter Strategy", "Cells Probed", "Codes Scanned",
            "Codes Measured", "Re-ranked", "Rows Not Indexed"];
        string query = Query.Replace("ORDER", "WHERE kind < 4 ORDER");
        string[] text = await Session.RowsAsync("EXPLAIN (ANALYZE) " + query);
        JsonElement json = JsonDocument.Parse(await Session.ValueAsync("EXPLAIN (ANALYZE, FORMAT JSON) " + query)).RootElement[0];
        XElement xml = XElement.Parse(await Session.ValueAsync("EXPLAIN (ANALYZE, FORMAT XML) " + query));
        string[] yaml = (await Session.ValueAsync("EXPLAIN (ANALYZE, FORMAT YAML) " + query)).Split('\n');
        foreach (string name in names)
        {
            Assert.Single(text, line => line.StartsWith($"  {name}: ", StringComparison.Ordinal));
            Assert.True(json.GetProperty("Plan").TryGetProperty(name, out _), name);
            Assert.Single(xml.Descendants(), element => element.Name.LocalName == name.Replace(' ', '-'));
            Assert.Single(yaml, line => line.StartsWith($"    {name}: ", StringComparison.Ordinal));
        }
        Assert.True(json.GetProperty("Plan").GetProperty("Cells Probed").GetInt32() > 0);
        Assert.True(json.GetProperty("Execution Time").GetDouble() > 0);
        Assert.Equal("- Plan: ", yaml[0]);
    }

    [Fact]
    public async Task Explain_recall_runs_the_search_exactly_too()
    {
        await FillAsync();
        string[] lines = await Session.RowsAsync("EXPLAIN (RECALL) " + Query);
        double recall = double.Parse(Assert.Single(lines, line => line.Contains(" Recall: ", StringComparison.Ordinal)
            && !line.Contains("Target", StringComparison.Ordinal)).Split(": ")[1], CultureInfo.InvariantCulture);
        Assert.InRange(recall, 0.8, 1);
        Assert.Contains(lines, line => line.Contains("Exact Search Time: ", StringComparison.Ordinal));
        await Session.RunAsync("SET vecsql.exact = on");
        Assert.DoesNotContain(await Session.RowsAsync("EXPLAIN (RECALL) " + Query), line => line.Contains("Recall: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Recall_is_measured_over_vectors_of_the_column()
    {
        await FillAsync();
        await Session.RunAsync("SET vecsql.target_recall = 0.99");
        const string Sampled = "SELECT id FROM items WHERE kind <> 1 ORDER BY v <-> $1 LIMIT 10";
        Assert.Equal("t", await Session.ValueAsync(
            $"SELECT recall BETWEEN 0.96 AND 1 AND p50_ms > 0 AND exact_ms > 0 FROM vecsql_recall('{Sampled}', 50)"));
        const string Tied = "SELECT id FROM items ORDER BY 1 - (v <-> $1) DESC, kind, id LIMIT 10";
        Assert.Equal("t", await Session.ValueAsync($"SELECT recall BETWEEN 0.96 AND 1 FROM vecsql_recall('{Tied}', 50)"));
        Assert.Equal("t", await Session.ValueAsync(
            $"SELECT recall BETWEEN 0.8 AND 1 FROM vecsql_recall('{Query.Replace("'", "''")}')"));
    }

    [Theory]
    [InlineData("SELECT id FROM items ORDER BY id LIMIT 3", "22023: the query is not answered by a vector index")]
    [InlineData("SELECT id FROM items ORDER BY v <-> $1 DESC LIMIT 3",
        "22023: a query to measure has no parameter, or one: the vector to search for by an index")]
    [InlineData("SELECT id FROM items ORDER BY v <-> $1 LIMIT $2",
        "22023: a query to measure has no parameter, or one: the vector to search for by an index")]
    [InlineData("DELETE FROM items", "22023: vecsql_recall measures one SELECT")]
    [InlineData("SELECT 1; SELECT 2", "22023: vecsql_recall measures one SELECT")]
    [InlineData("SELECT id FROM items FOR UPDATE", "22023: vecsql_recall measures queries that change nothing")]
    [InlineData("SELECT nosuch FROM items", "42703: column \"nosuch\" does not exist")]
    public async Task What_is_no_search_by_an_index_is_refused(string query, string error)
    {
        await FillAsync();
        Assert.Equal(error, await Session.ErrorAsync($"SELECT * FROM vecsql_recall('{query}')"));
    }
}
