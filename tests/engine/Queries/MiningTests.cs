namespace VecSQL.Engine.Tests.Queries;

/// <summary>Training data mined of thousands of rows: against plain SQL, at any parallelism, over what a snapshot sees.</summary>
public sealed class MiningTests : EngineTest
{
    private const string Order = "ORDER BY anchor_id, positive_id, negative_id";

    [Theory]
    [InlineData("l2", "<->")]
    [InlineData("cosine", "<=>")]
    [InlineData("ip", "<#>")]
    [InlineData("l1", "<+>")]
    public async Task Negatives_are_the_nearest_rows_of_other_labels(string metric, string operation)
    {
        await FillAsync(3000);
        string[] mined = await Session.RowsAsync(
            $"SELECT anchor_id, string_agg(negative_id::text, ' ') FROM triplets('items', 'label', per_anchor => 3, metric => '{metric}') "
            + "WHERE anchor_id % 40 = 1 GROUP BY 1 ORDER BY 1");
        Assert.Equal(75, mined.Length);
        Assert.Equal(await Session.RowsAsync(
            "SELECT a.id, (SELECT string_agg(id::text, ' ') FROM (SELECT id FROM items n WHERE n.label <> a.label "
            + $"ORDER BY n.v {operation} a.v, id LIMIT 3) n) FROM items a WHERE a.id % 40 = 1 ORDER BY 1"), mined);
    }

    [Fact]
    public async Task A_margin_keeps_negatives_off_each_positive_row()
    {
        await FillAsync(1500);
        string[] mined = await Session.RowsAsync(
            "SELECT anchor_id, positive_id, negative_id FROM triplets('items', 'label', per_anchor => 2, metric => 'l2', margin => 0.25, "
            + "positive_mining => 'easy') WHERE anchor_id % 30 = 2 AND positive_id = (SELECT p.id FROM items a, items p WHERE a.id = anchor_id "
            + "AND p.label = a.label AND p.id <> a.id ORDER BY p.v <-> a.v, p.id LIMIT 1) ORDER BY 1");
        Assert.Equal(50, mined.Length);
        Assert.Equal(await Session.RowsAsync(
            "SELECT a.id, p.id, n.id FROM items a, LATERAL (SELECT p.id, p.v <-> a.v AS d FROM items p WHERE p.label = a.label AND p.id <> a.id "
            + "ORDER BY p.v <-> a.v, p.id LIMIT 1) p, LATERAL (SELECT n.id FROM items n WHERE n.label <> a.label AND n.v <-> a.v >= p.d + 0.25 "
            + "ORDER BY n.v <-> a.v, n.id LIMIT 1) n WHERE a.id % 30 = 2 ORDER BY 1"), mined);
    }

    [Theory]
    [InlineData("triplets('items', 'label', per_anchor => 2, seed => 7)")]
    [InlineData("triplets('items', 'label', per_anchor => 3, seed => 7, mining => 'random', positive_mining => 'hard', noise => 0.1)")]
    [InlineData("triplets('items', 'label', per_anchor => 2, mining => 'semi-hard', seed => 7, validation => 0.3)")]
    [InlineData("triplets('items', 'label', per_anchor => 2, mining => 'random', range_max => 9, candidates => 40, dropout => 0.2)")]
    public async Task The_same_seed_gives_the_same_rows_at_any_parallelism(string call)
    {
        await FillAsync(3000);
        await Session.RunAsync("CREATE INDEX ON items USING hnsw (v vector_cosine_ops)");
        string sql = $"SELECT anchor_id, positive_id, negative_id, anchor, positive, negative, split FROM {call}";
        string[] rows = await Session.RowsAsync(sql);
        Assert.True(rows.Length > 2000, $"{rows.Length} rows");
        await Session.RunAsync("SET max_parallel_workers_per_gather = 0");
        Assert.Equal(rows, await Session.RowsAsync(sql));
        if (call.Contains("candidates", StringComparison.Ordinal))
            return; // what an index finds depends on where rows lie
        await Session.RunAsync("UPDATE items SET note = 'rewritten' WHERE id % 3 = 0"); // rows lie elsewhere, their keys are the same
        Assert.Equal(rows.Order(), (await Session.RowsAsync(sql)).Order());
    }

    [Fact]
    public async Task Both_inputs_are_of_one_snapshot()
    {
        await FillAsync(400);
        await Session.RunAsync("CREATE TABLE queries AS SELECT id AS q, v, id AS doc FROM items; ALTER TABLE queries ADD PRIMARY KEY (q)");
        await Session.RunAsync("BEGIN ISOLATION LEVEL REPEATABLE READ");
        string sql = "SELECT count(*), count(DISTINCT negative_id) FROM hard_negatives('items', 'queries', positive => 'doc', k => 400)";
        string[] before = await Session.RowsAsync(sql);
        await using (TestSession other = Database.Session())
            await other.RunAsync("DELETE FROM items WHERE id < 100; UPDATE queries SET doc = doc + 1");
        Assert.Equal(["159600|400"], before);
        Assert.Equal(before, await Session.RowsAsync(sql));
        await Session.RunAsync("COMMIT");
        Assert.Equal(["90300|301"], await Session.RowsAsync(sql));
    }

    [Fact]
    public async Task What_is_found_for_anchors_is_held_of_the_querys_memory()
    {
        await FillAsync(3000);
        const string Mined = "SELECT count(*), sum(anchor_id * negative_id::bigint) FROM triplets('items', 'label', mining => 'semi-hard', ";
        string[] all = await Session.RowsAsync(Mined + "per_anchor => 50)");
        Core.Memory.MemoryBudget memory = Database.Database.QueryMemory;
        long held = memory.LimitBytes - memory.UsedBytes - (64 << 20);
        memory.Reserve(held);
        try
        {
            Assert.StartsWith("53200", await Session.ErrorAsync(Mined + "per_anchor => 3000)"), StringComparison.Ordinal);
            Assert.Equal(all, await Session.RowsAsync(Mined + "per_anchor => 50)"));
        }
        finally
        {
            memory.Release(held);
        }
    }

    private Task FillAsync(int count) => Session.RunAsync(
        "CREATE TABLE items (id int PRIMARY KEY, label text, v vector(6), note text); SELECT setseed(0.5); "
        + "INSERT INTO items SELECT i, 'label ' || i % 11, ARRAY[random() + i % 11, random(), random(), random(), random(), sin(i)]::vector(6) "
        + $"FROM generate_series(1, {count}) i");
}
