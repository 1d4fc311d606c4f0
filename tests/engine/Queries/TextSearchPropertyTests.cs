namespace VecSQL.Engine.Tests.Queries;

/// <summary>Full-text searches by index against the scores of all rows, while rows come, change, go and move.</summary>
public sealed class TextSearchPropertyTests : EngineTest
{
    private static readonly string[] Queries =
        ["w1", "w0 w3 w9", "w2 w30", "+w1 w5", "w0 -w1", "\"w0 w1\" w7", "+\"w1 w0\"", "w200", "w0 w1 w2 w3 w4 w5"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_index_finds_what_looking_at_every_row_finds(int seed)
    {
        Random random = new(seed);
        await Session.RunAsync("CREATE TABLE plain (id int PRIMARY KEY, body text, n int); CREATE TABLE indexed (LIKE plain INCLUDING ALL)");
        await Session.RunAsync("CREATE INDEX ON indexed USING bm25 (body)");
        for (int round = 0; round < 6; round++)
        {
            await ChangeAsync(random, round);
            await CompareAsync();
            switch (round % 3)
            {
                case 0:
                    await Database.Database.Storage.CheckpointAsync(default);
                    break;
                case 1:
                    await Session.RunAsync("VACUUM indexed");
                    break;
                default:
                    await Database.Database.Storage.RunBackgroundWorkAsync(default);
                    break;
            }
            await CompareAsync();
        }
        await Session.RunAsync("BEGIN");
        await ChangeAsync(random, 9);
        await CompareAsync();
        await Session.RunAsync("ROLLBACK");
        await CompareAsync();
    }

    [Fact]
    public async Task Scores_are_the_same_before_and_after_rows_move_and_a_restart()
    {
        await Session.RunAsync("CREATE TABLE t (id int PRIMARY KEY, body text); CREATE INDEX ON t USING bm25 (body)");
        await Session.RunAsync("INSERT INTO t SELECT i, repeat('w' || i % 7 || ' ', i % 5 + 1) || 'w' || i % 3 FROM generate_series(1, 3000) i");
        const string Sql = "SELECT id, bm25_score(body, 'w1 w6') s FROM t WHERE body @@@ 'w1 w6' ORDER BY s DESC LIMIT 40";
        string[] inMemory = await Session.RowsAsync(Sql);
        await Database.Database.Storage.CheckpointAsync(default);
        Assert.Equal(inMemory, await Session.RowsAsync(Sql));
        await Database.Database.Storage.RunBackgroundWorkAsync(default);
        Assert.Equal(inMemory, await Session.RowsAsync(Sql));
        await Session.RunAsync("INSERT INTO t SELECT i, 'w1 w6 w6' FROM generate_series(3001, 4000) i");
        await Database.Database.Storage.CheckpointAsync(default);
        await Session.RunAsync("DELETE FROM t WHERE id > 3000");
        Assert.Equal(inMemory, await Session.RowsAsync(Sql));
        await Session.RunAsync("VACUUM t");
        Assert.Equal(inMemory, await Session.RowsAsync(Sql));
        await Database.ReopenAsync();
        await using TestSession after = Database.Session();
        Assert.Equal(inMemory, await after.RowsAsync(Sql));
    }

    [Fact]
    public async Task Pages_of_a_hybrid_search_have_every_row_once_and_the_index_has_a_size()
    {
        await Session.RunAsync("CREATE TABLE t (id int PRIMARY KEY, body text, e vector(2))");
        await Session.RunAsync("INSERT INTO t SELECT i, 'w' || i % 13, format('[%s,%s]', i % 17, i % 5)::vector FROM generate_series(1, 2000) i");
        await Session.RunAsync("CREATE INDEX t_body ON t USING bm25 (body)");
        await Session.RunAsync("CREATE INDEX ON t USING hnsw (e vector_l2_ops)");
        const string Search = "SELECT pk, score FROM hybrid_search('t', 'w1 w2', '[3,3]', 250)";
        string[] whole = await Session.RowsAsync(Search);
        List<string> pages = [];
        for (int offset = 0; offset < 250; offset += 30)
            pages.AddRange(await Session.RowsAsync($"{Search} LIMIT 30 OFFSET {offset}"));
        Assert.Equal(250, whole.Length);
        Assert.Equal(whole, pages);
        Assert.Equal(whole.Length, whole.Distinct().Count());
        Assert.Equal("t", await Session.ValueAsync("SELECT pg_relation_size('t_body') > 1000"));
    }

    private async Task ChangeAsync(Random random, int round)
    {
        List<string> rows = [];
        for (int i = 0; i < 120; i++)
            rows.Add($"({(round * 1000) + i}, {(random.Next(15) == 0 ? "NULL" : $"'{Text(random)}'")}, {random.Next(10)})");
        string[] changes =
        [
            $"INSERT INTO plain VALUES {string.Join(", ", rows)}",
            $"DELETE FROM plain WHERE id % 7 = {random.Next(7)}",
            $"UPDATE plain SET body = '{Text(random)}' WHERE id % 11 = {random.Next(11)}",
        ];
        foreach (string change in changes)
            await Session.RunAsync($"{change}; {change.Replace("plain", "indexed", StringComparison.Ordinal)}");
    }

    private async Task CompareAsync()
    {
        foreach (string query in Queries)
        {
            string score = $"bm25_score(body, '{query}')", match = $"body @@@ '{query}'";
            string[] best = await Session.RowsAsync($"SELECT id, {score} FROM indexed WHERE {match} AND n > 2 ORDER BY {score} DESC LIMIT 12");
            Assert.Equal(
                await Session.RowsAsync($"SELECT id, {score} s FROM plain WHERE {match} AND n > 2 ORDER BY s DESC, id LIMIT 12"), best);
            Assert.Equal(
                await Session.RowsAsync($"SELECT id, {score} s FROM plain ORDER BY s DESC, id LIMIT 30 OFFSET 5"),
                await Session.RowsAsync($"SELECT id, {score} FROM indexed ORDER BY {score} DESC LIMIT 30 OFFSET 5"));
            Assert.Equal(
                await Session.RowsAsync($"SELECT id FROM plain WHERE {match} ORDER BY id"),
                await Session.RowsAsync($"SELECT id FROM indexed WHERE {match} ORDER BY id"));
        }
    }

    private static string Text(Random random) =>
        string.Join(' ', Enumerable.Range(0, random.Next(0, 12)).Select(_ => $"w{(int)(40 * Math.Pow(random.NextDouble(), 3))}"));
}
