using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Tests.Branches;
using VecSQL.Core.Errors;
using VecSQL.Engine;
using VecSQL.Engine.Sessions;
using VecSQL.Storage;

namespace VecSQL.Cluster.Tests.Fragments;

/// <summary>SQL over shards that are elsewhere: parts of its plans run there, and its answers are those of shards at hand.</summary>
public sealed class FragmentTests : IAsyncLifetime
{
    private static readonly string[] Queries =
    [
        "SELECT count(*), sum(id), min(name), max(v), avg(tenant) FROM docs",
        "SELECT id, name FROM docs WHERE id = 77",
        "SELECT id, name FROM docs WHERE id IN (3, 77, 4711) ORDER BY id",
        "SELECT id FROM docs ORDER BY e <-> '[5,5,2]' LIMIT 7",
        "SELECT id, e <-> '[1,2,3]' FROM docs WHERE tenant = 3 ORDER BY e <-> '[1,2,3]', id LIMIT 5",
        "SELECT tenant, count(*), sum(v) FROM docs GROUP BY tenant ORDER BY tenant",
        "SELECT tenant, count(DISTINCT v), sum(v / 7) FROM docs GROUP BY tenant HAVING count(*) > 5 ORDER BY tenant",
        "SELECT d.id, p.text FROM docs d JOIN parts p ON p.id = d.id WHERE d.tenant = 2 ORDER BY 1, 2",
        "SELECT d.id, w.x FROM docs d LEFT JOIN whole w ON w.x = d.v WHERE d.id < 20 ORDER BY 1, 2",
        "SELECT x, (SELECT count(*) FROM docs WHERE tenant = x) FROM whole WHERE x < 5 ORDER BY x",
        "SELECT DISTINCT tenant FROM docs WHERE name LIKE 'n1%' ORDER BY 1",
        "SELECT id, now() = transaction_timestamp(), to_char('2026-05-01 12:00+00'::timestamptz, 'HH24 TZ') FROM docs WHERE id < 4 ORDER BY id",
        "SELECT current_user, id FROM docs WHERE name = current_setting('application_name') || 'n5' ORDER BY id",
        "SELECT id::text || name || coalesce(v::text, '-') FROM docs ORDER BY id LIMIT 12 OFFSET 400",
        "SELECT string_agg(x::text, ',' ORDER BY x) FROM whole WHERE x IN (SELECT v FROM docs WHERE id < 9)",
        "WITH RECURSIVE r (x) AS (SELECT min(x) FROM whole UNION ALL SELECT x + 1 FROM r WHERE x < 9) SELECT count(*) FROM r JOIN whole USING (x)",
        "SELECT rank() OVER (ORDER BY x), x FROM whole ORDER BY x LIMIT 3",
        "SELECT count(*) FROM docs a, docs b WHERE a.id = b.tenant AND b.v IS NOT NULL",
        "SELECT w.x, count(*), sum(d.v) FROM docs d JOIN whole w ON w.x = d.tenant GROUP BY w.x ORDER BY 1",
        "SELECT d.id, w.x FROM docs d LEFT JOIN whole w ON w.x = d.v WHERE d.name LIKE 'n1%' ORDER BY 1",
        "SELECT count(*), sum(id) FROM docs WHERE v NOT IN (SELECT x FROM whole WHERE x > 3)",
        "SELECT d.id FROM docs d JOIN (SELECT tenant, max(v) AS most FROM docs GROUP BY tenant) m ON m.tenant = d.tenant AND m.most = d.v ORDER BY 1",
        "SELECT id FROM docs WHERE EXISTS (SELECT 1 FROM parts p WHERE p.id = docs.id AND p.text LIKE '%00') ORDER BY id",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("vecsql-fragments-").FullName;
    private readonly List<Database> _databases = [];
    private readonly BranchRig _rig = BranchRig.Open();

    public async Task InitializeAsync()
    {
        await using ISqlSession session = Session(Place.Local);
        await session.RunTextAsync("""
            CREATE TABLE docs (id int PRIMARY KEY, tenant int, name text, v numeric, e vector(3)) WITH (shards = 3);
            CREATE TABLE parts (id int, n int, text text, PRIMARY KEY (id, n)) WITH (shards = 3, shard_key = 'id');
            CREATE TABLE whole (x int PRIMARY KEY);
            INSERT INTO docs SELECT g, g % 10, 'n' || g, CASE WHEN g % 11 > 0 THEN g % 17 END, ARRAY[g % 13, g % 7, g % 3]::vector FROM generate_series(1, 500) g;
            INSERT INTO parts SELECT g, n, g || ' ' || n * 100 FROM generate_series(1, 500, 3) g, generate_series(1, 3) n;
            INSERT INTO whole SELECT generate_series(1, 40);
            CREATE INDEX ON docs USING hnsw (e vector_l2_ops);
            """);
    }

    public async Task DisposeAsync()
    {
        foreach (Database database in _databases)
            await database.DisposeAsync();
        await _rig.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Answers_are_those_of_shards_at_hand()
    {
        await using ISqlSession near = Session(Place.Local), far = Session(Place.Remote), mixed = Session(Place.Mixed);
        foreach (ISqlSession session in new[] { near, far, mixed })
            await session.RunTextAsync("SET timezone = 'Europe/Berlin'; SET application_name = ''");
        foreach (string query in Queries)
        {
            string wanted = await AskAsync(near, query);
            Assert.Equal($"{query}\n{wanted}", $"{query}\n{await AskAsync(far, query)}");
            Assert.Equal($"{query}\n{wanted}", $"{query}\n{await AskAsync(mixed, query)}");
        }
        await _rig.WaitUntilLeftAsync();
    }

    [Fact]
    public async Task A_transaction_sees_at_other_nodes_what_it_has_written_there()
    {
        await using ISqlSession far = Session(Place.Remote), near = Session(Place.Local);
        await far.RunTextAsync("BEGIN; INSERT INTO docs VALUES (1001, 3, 'own', 5, '[5,5,2]'); UPDATE docs SET name = 'changed' WHERE tenant = 4; DELETE FROM docs WHERE id = 12");
        Assert.Equal("500 50 1001", await AskAsync(far, "SELECT count(*), count(*) FILTER (WHERE name = 'changed'), max(id) FROM docs"));
        Assert.Equal("own", await AskAsync(far, "SELECT name FROM docs WHERE id = 1001"));
        Assert.Equal("", await AskAsync(far, "SELECT name FROM docs WHERE id = 12"));
        Assert.Equal("1001", await AskAsync(far, "SELECT id FROM docs ORDER BY e <-> '[5,5,2]', id DESC LIMIT 1"));
        Assert.Equal("500 0", await AskAsync(near, "SELECT count(*), count(*) FILTER (WHERE name = 'changed') FROM docs"));
        await far.RunTextAsync("SAVEPOINT s; DELETE FROM docs; ROLLBACK TO s");
        Assert.Equal("500", await AskAsync(far, "SELECT count(*) FROM docs"));
        await far.RunTextAsync("ROLLBACK");
        Assert.Equal("500", await AskAsync(far, "SELECT count(*) FROM docs"));
    }

    [Fact]
    public async Task A_statement_that_changes_what_it_reads_elsewhere_sees_the_rows_before()
    {
        await using ISqlSession far = Session(Place.Remote);
        await far.RunTextAsync("BEGIN; INSERT INTO docs SELECT id + 5000, tenant, name, v, e FROM docs");
        Assert.Equal("1000 500", await AskAsync(far, "SELECT count(*), count(*) FILTER (WHERE id > 5000) FROM docs"));
        await far.RunTextAsync("UPDATE docs SET v = (SELECT count(*) FROM docs d WHERE d.tenant = docs.tenant)");
        Assert.Equal("100", await AskAsync(far, "SELECT DISTINCT v FROM docs"));
        await far.RunTextAsync("ROLLBACK");
    }

    [Fact]
    public async Task Many_rows_come_as_a_stream_that_can_be_left()
    {
        await using ISqlSession far = Session(Place.Remote);
        await far.RunTextAsync("INSERT INTO parts SELECT g, 9, repeat('x', 200) || g FROM generate_series(1000, 60000) g");
        Assert.Equal("59001 59001", await AskAsync(far, "SELECT count(*), count(DISTINCT text) FROM parts WHERE n = 9"));
        await far.RunTextAsync("BEGIN; DECLARE c CURSOR FOR SELECT text FROM parts WHERE n = 9");
        Assert.Equal(3, (await far.RunTextAsync("FETCH 3 FROM c"))[^1].Rows.Count);
        await far.RunTextAsync("CLOSE c");
        Assert.Equal("501", await AskAsync(far, "SELECT count(*) FROM parts WHERE n < 9"));
        await far.RunTextAsync("DECLARE c CURSOR FOR SELECT text FROM parts WHERE n = 9; FETCH 3 FROM c; ROLLBACK");
        await _rig.WaitUntilLeftAsync();
    }

    [Fact]
    public async Task Rows_that_go_along_do_so_as_a_stream_where_they_are_many()
    {
        const string Query = "SELECT count(*), max(b.text), sum(a.id) FROM big a JOIN big b ON b.n + 1 = a.n + 1 WHERE b.id % 2 = 0";
        await using ISqlSession far = Session(Place.Remote), mixed = Session(Place.Mixed);
        await far.RunTextAsync("""
            CREATE TABLE big (id int PRIMARY KEY, n int, text text) WITH (shards = 3);
            INSERT INTO big SELECT g, g, (SELECT string_agg(md5(g || '-' || i), '') FROM generate_series(1, 5) i) FROM generate_series(1, 12000) g
            """);
        string told = await AskAsync(far, $"EXPLAIN (ANALYZE, COSTS OFF) {Query}");
        Assert.Matches("Broadcast: [0-9]{7} bytes", told);
        Assert.Matches("Task 2: elsewhere, [0-9]{6,7} bytes sent, 1 rows", told);
        string rows = Query.Replace("count(*), max(b.text), sum(a.id)", "b.text", StringComparison.Ordinal);
        foreach (ISqlSession session in new[] { far, mixed })
        {
            Assert.Equal("6000 36006000", await AskAsync(session, Query.Replace("max(b.text), ", "", StringComparison.Ordinal)));
            Assert.Equal(3, (await session.RunTextAsync(rows + " LIMIT 3"))[^1].Rows.Count);
            SqlException zero = await Assert.ThrowsAsync<SqlException>(
                () => session.RunTextAsync(Query.Replace("b.id %", "1000 / (b.id - 6000) < 99 AND b.id %", StringComparison.Ordinal)));
            Assert.Equal(SqlState.DivisionByZero, zero.State);
            await session.RunTextAsync($"BEGIN; DECLARE c CURSOR FOR {rows}; FETCH 3 FROM c; ROLLBACK");
            await session.RunTextAsync("SET vecsql.broadcast_limit = '256kB'");
            Assert.Contains("Broadcast: more than 262144 bytes, not done", await AskAsync(session, $"EXPLAIN (ANALYZE, COSTS OFF) {Query}"));
            Assert.Equal("6000 36006000", await AskAsync(session, Query.Replace("max(b.text), ", "", StringComparison.Ordinal)));
        }
        await _rig.WaitUntilLeftAsync();
    }

    [Fact]
    public async Task An_error_there_is_told_whole_and_the_session_goes_on()
    {
        await using ISqlSession far = Session(Place.Remote);
        SqlException zero = await Assert.ThrowsAsync<SqlException>(() => far.RunTextAsync("SELECT 1 / (id - 77) FROM docs"));
        Assert.Equal("22012: division by zero", $"{zero.State}: {zero.Message}");
        SqlException text = await Assert.ThrowsAsync<SqlException>(() => far.RunTextAsync("SELECT sum(name::int) FROM docs GROUP BY tenant"));
        Assert.Equal(SqlState.InvalidTextRepresentation, text.State);
        Assert.Equal("500", await AskAsync(far, "SELECT count(*) FROM docs"));
    }

    [Fact]
    public async Task A_statement_that_is_cancelled_ends_there_too()
    {
        await using ISqlSession far = Session(Place.Remote);
        using CancellationTokenSource cancelling = new();
        const string Long = "SELECT count(*) FROM whole a, whole b, whole c, whole d, whole e, whole f WHERE a.x + b.x + c.x + d.x + e.x + f.x = 1";
        Task running = Task.Run(() => far.RunTextAsync(Long, cancelling.Token));
        while (_rig.Service.BranchCount == 0)
            await Task.Yield();
        await cancelling.CancelAsync();
        SqlException cancelled = await Assert.ThrowsAsync<SqlException>(() => running);
        Assert.Equal(SqlState.QueryCanceled, cancelled.State);
        await _rig.WaitUntilLeftAsync();
    }

    [Fact]
    public async Task A_shard_that_is_not_served_there_any_more_is_a_reason_to_retry()
    {
        await using ISqlSession far = Session(Place.Remote);
        _rig.NotServed.Add(new ShardId(2));
        SqlException moved = await Assert.ThrowsAsync<SqlException>(() => far.RunTextAsync("SELECT count(*) FROM docs"));
        Assert.Equal("40001: the shard's primary has moved", $"{moved.State}: {moved.Message}");
        _rig.NotServed.Clear();
        Assert.Equal("500", await AskAsync(far, "SELECT count(*) FROM docs"));
    }

    [Theory]
    [InlineData("SELECT count(*) FROM docs")]
    [InlineData("SELECT count(*) FROM docs WHERE id = 77")]
    [InlineData("SELECT count(*) FROM docs, whole WHERE id = 77 AND x = 1")]
    [InlineData("INSERT INTO docs VALUES (7777, 1)")]
    [InlineData("UPDATE docs SET v = 0 WHERE id IN (1, 2, 3, 4)")]
    public async Task Statements_wait_for_who_has_locked_their_table_and_see_what_was_done_meanwhile(string sql)
    {
        await using ISqlSession holder = Session(Place.Remote), far = Session(Place.Remote);
        await holder.RunTextAsync("BEGIN; LOCK TABLE docs IN ACCESS EXCLUSIVE MODE; DELETE FROM docs WHERE id > 2 AND id <> 77");
        Task<IReadOnlyList<TextResult>> waiting = Task.Run(() => far.RunTextAsync(sql));
        SqlException held = await Assert.ThrowsAsync<SqlException>(() => RunAsync("BEGIN; LOCK TABLE docs IN ACCESS SHARE MODE NOWAIT"));
        Assert.Equal(SqlState.LockNotAvailable, held.State);
        Assert.False(waiting.IsCompleted);
        await holder.RunTextAsync("COMMIT");
        TextResult done = (await waiting)[^1];
        string wanted = sql.Contains("77", StringComparison.Ordinal) ? "1" : sql[0] == 'S' ? "3" : "2";
        Assert.Equal((sql, wanted), (sql, sql[0] == 'S' ? done.Rows[0][0] : done.CommandTag.Split(' ')[^1]));
        await _rig.WaitUntilLeftAsync();

        async Task RunAsync(string script)
        {
            await using ISqlSession near = Session(Place.Local);
            await near.RunTextAsync(script);
        }
    }

    [Fact]
    public async Task EXPLAIN_ANALYZE_tells_what_was_done_there()
    {
        await using ISqlSession far = Session(Place.Remote);
        string told = await AskAsync(far, "EXPLAIN (ANALYZE, COSTS OFF) SELECT tenant, count(*) FROM docs WHERE v > 3 GROUP BY tenant");
        Assert.Contains("Shards: 3 of 3", told);
        Assert.Matches("Task 1: elsewhere, 10 rows, [0-9]+ bytes, [0-9.]+ ms", told);
        Assert.Matches("Seq Scan on docs \\(actual time=[0-9.]+ rows=[0-9.]+ loops=3\\)", told.Replace("..", "", StringComparison.Ordinal));
        string pinned = await AskAsync(far, "EXPLAIN (ANALYZE, COSTS OFF) SELECT * FROM docs WHERE id = 5");
        Assert.Contains("Shards: 1 of 3", pinned);
    }

    private static async Task<string> AskAsync(ISqlSession session, string query) =>
        string.Join('\n', (await session.RunTextAsync(query))[^1].Rows.Select(static row => string.Join(' ', row)));

    private ISqlSession Session(Place place)
    {
        Database database = Database.Open(new DatabaseOptions
        {
            Storage = new StorageOptions { Directory = Path.Combine(_folder, $"{_databases.Count}") }, Tables = _rig.Coordinator(place),
        });
        _databases.Add(database);
        return database.OpenSession(new SessionOptions("vecsql", "vecsql", [KeyValuePair.Create("vecsql.distribution", "always")]));
    }
}
