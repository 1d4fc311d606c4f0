namespace VecSQL.Engine.Tests.Queries;

/// <summary>How many shards a search asks of a table that is divided by cells of vectors.</summary>
public sealed class ShardProbeTests : EngineTest
{
    private const string Nearest = "SELECT id FROM docs ORDER BY v <-> '[1000,0]' LIMIT 3";

    [Theory]
    [InlineData(Nearest, 1)]
    [InlineData("SELECT id FROM docs ORDER BY v <=> '[1000,0]' LIMIT 3", 1)]
    [InlineData("SELECT id FROM docs ORDER BY v <#> '[1000,0]' LIMIT 3", 1)]
    [InlineData("SELECT id FROM docs ORDER BY v <+> '[2000,0]' LIMIT 3 OFFSET 5", 1)]
    [InlineData("SELECT id FROM docs ORDER BY v <-> '[1000,0]', id LIMIT 100", 1)]
    [InlineData("SELECT id FROM docs ORDER BY v <-> '[0,0]' LIMIT 100", 1)]
    [InlineData("SELECT id FROM docs ORDER BY v <-> '[0,0]' LIMIT 101", 3)] // 1, then 2, then 4
    [InlineData("SELECT id FROM docs ORDER BY v <-> '[0,0]' LIMIT 99 OFFSET 250", 4)]
    [InlineData("SELECT id FROM docs WHERE note = 'n2' ORDER BY v <-> '[0,0]' LIMIT 1", 3)]
    [InlineData("SELECT id FROM docs WHERE note = 'none' ORDER BY v <-> '[0,0]' LIMIT 1", 4)]
    [InlineData("SELECT id FROM docs ORDER BY v <-> '[0,0]' NULLS FIRST LIMIT 1", 4)]
    [InlineData("SELECT id FROM docs WHERE v <-> '[0,0]' < 2500 ORDER BY v <-> '[0,0]'", 4)]
    [InlineData("SELECT id FROM docs ORDER BY v <-> NULL LIMIT 3", 4)]
    [InlineData("SET vecsql.shard_probes = 2; " + Nearest, 2)]
    [InlineData("SET vecsql.shard_probes = 3; SELECT id FROM docs WHERE note = 'none' ORDER BY v <-> '[0,0]' LIMIT 1", 4)]
    [InlineData("SET vecsql.shard_probes = 0; " + Nearest, 4)]
    [InlineData("RESET vecsql.shard_probes; " + Nearest, 4)]
    [InlineData("SET vecsql.exact = on; " + Nearest, 4)]
    [InlineData("PREPARE p (vector, int) AS SELECT id FROM docs ORDER BY v <-> $1 LIMIT $2; EXECUTE p('[1000,0]', 3)", 1)]
    [InlineData("PREPARE p (vector, int) AS SELECT id FROM docs ORDER BY v <-> $1 LIMIT $2; EXECUTE p('[1000,0]', 101)", 3)]
    public async Task Asks_as_many_shards_as_the_settings_say_and_more_until_there_are_enough_rows(string script, int shards)
    {
        await Session.RunAsync("CREATE TABLE docs (id int, note text, v vector(2)) WITH (shards = 4, shard_method = 'vector')");
        await Session.RunAsync("INSERT INTO docs SELECT i, 'n' || i, array[1000 * (i % 4) + i % 7, i % 5]::vector FROM generate_series(1, 400) i");
        await Session.RunAsync("INSERT INTO docs VALUES (1001, 'null', NULL); ALTER TABLE docs TRAIN SHARDS; SET vecsql.shard_probes = 1");
        string[] parts = script.Split("; ");
        foreach (string part in parts[..^1])
            await Session.RunAsync(part);
        string[] lines = await Session.RowsAsync("EXPLAIN (ANALYZE) " + parts[^1]);
        Assert.Equal($"Shards: {shards} of 4", lines.Select(static line => line.Trim()).FirstOrDefault(static line => line.StartsWith("Shards: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Shards_have_about_as_many_rows_each_however_the_vectors_lie_and_few_of_them_have_the_nearest()
    {
        await Session.RunAsync("CREATE TABLE docs (id int, v vector(8)) WITH (shards = 8, shard_method = 'vector')");
        // One cluster has half of all rows.
        await Session.RunAsync("INSERT INTO docs SELECT i, array(SELECT CASE WHEN i % 2 = 0 THEN 0 ELSE ((i / 2 * 7919 + d * 31) % 12) * 10 END + sin(i * (d + 1) * 12.9898) "
            + "FROM generate_series(1, 8) d)::vector FROM generate_series(1, 4000) i");
        await Session.RunAsync("ALTER TABLE docs TRAIN SHARDS");
        string[] rows = await Session.RowsAsync("SELECT rows FROM vecsql.shards WHERE table_name = 'docs'");
        Assert.All(rows, static count => Assert.InRange(int.Parse(count), 250, 1000));
        int found = 0;
        for (int query = 1; query <= 40; query++)
        {
            string nearest = $"SELECT id FROM docs ORDER BY v <-> '{await Session.ValueAsync($"SELECT v FROM docs WHERE id = {query * 97}")}' LIMIT 10";
            await Session.RunAsync("SET vecsql.shard_probes = 0");
            string[] exact = await Session.RowsAsync(nearest);
            await Session.RunAsync("SET vecsql.shard_probes = 2");
            found += exact.Intersect(await Session.RowsAsync(nearest)).Count();
        }
        Assert.InRange(found, 360, 400);
    }
}
