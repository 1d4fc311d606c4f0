using VecSQL.Columnar.Ipc;
using VecSQL.Engine.Arrow;

namespace VecSQL.Engine.Tests.Arrow;

public sealed class TableExportTests : IAsyncDisposable
{
    private readonly TestDatabase _database = new();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Segments_and_rows_in_memory_come_out_as_a_query_gives_them(bool acceptsZstd)
    {
        await using TestSession session = _database.Session();
        await FillAsync(session);
        await session.RunAsync("DELETE FROM t WHERE id % 5000 = 17; INSERT INTO t SELECT i, NULL, NULL, 1 FROM generate_series(20001, 20100) i");
        string[] expected = await session.RowsAsync("SELECT v, s, id FROM t ORDER BY id");
        await using ITableExport export = await OpenAsync(session, "SELECT v, s, id FROM t");
        await session.RunAsync("CREATE TABLE copied (v vector(16), s text, id int)");
        long rows = 0;
        for (int part = 0; part < export.Parts.Count; part++)
        {
            await using IArrowStream stream = export.Open(part, new ArrowStreamOptions(AcceptsZstd: acceptsZstd));
            (ArrowSchema schema, List<ArrowBatch> batches) = await ArrowSession.ReadAsync(stream);
            Assert.Equal(export.Parts[part].RowCount, batches.Sum(batch => batch.RowCount));
            rows += await session.IngestAsync(new ArrowIngestTarget(null, "copied"), schema, batches);
        }
        Assert.Equal(expected.Length, rows);
        Assert.Equal(expected, await session.RowsAsync("SELECT v, s, id FROM copied ORDER BY id"));
    }

    [Fact]
    public async Task An_export_reads_its_snapshot_whatever_happens_after()
    {
        await using TestSession session = _database.Session(), other = _database.Session();
        await FillAsync(session);
        await using ITableExport export = await OpenAsync(session, "SELECT id FROM t");
        await other.RunAsync("DELETE FROM t WHERE id <= 10000; UPDATE t SET n = 0");
        await other.RunAsync("VACUUM t");
        await other.RunAsync("TRUNCATE t");
        await other.RunAsync("DROP TABLE t");
        long total = 0;
        for (int part = 0; part < export.Parts.Count; part++)
        {
            await using IArrowStream stream = export.Open(part, ArrowStreamOptions.Default);
            foreach (ArrowBatch batch in (await ArrowSession.ReadAsync(stream)).Batches)
            {
                foreach (int id in batch.Columns[0].Values<int>())
                    total += id;
            }
        }
        Assert.Equal(20000L * 20001 / 2, total);
    }

    [Theory]
    [InlineData("SELECT id FROM t WHERE id > 3")]
    [InlineData("SELECT id + 1 FROM t")]
    [InlineData("SELECT id FROM t ORDER BY id")]
    [InlineData("SELECT id FROM t LIMIT 5")]
    [InlineData("SELECT DISTINCT n FROM t")]
    [InlineData("SELECT count(*) FROM t")]
    [InlineData("SELECT a.id FROM t a, t b")]
    [InlineData("SELECT id FROM t FOR UPDATE")]
    [InlineData("SELECT relname FROM pg_class")]
    [InlineData("SELECT tableoid, id FROM t")]
    [InlineData("SELECT 1")]
    [InlineData("DELETE FROM t RETURNING id")]
    [InlineData("SHOW work_mem")]
    public async Task What_is_more_than_a_scan_is_no_export(string sql)
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t (id int, n int)");
        Assert.Null(await session.Session.ExportAsync(sql, default));
        await session.Session.EndScriptAsync(failed: false, default);
    }

    [Fact]
    public async Task A_transactions_own_rows_are_no_export()
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t (id int)");
        await session.RunAsync("BEGIN");
        await session.RunAsync("INSERT INTO t VALUES (1)");
        Assert.Null(await session.Session.ExportAsync("SELECT * FROM t", default));
        await session.RunAsync("ROLLBACK");
    }

    [Fact]
    public async Task Columns_come_in_the_order_asked_for_and_as_often()
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t (a int, b text, c int); INSERT INTO t VALUES (1, 'x', 3); ALTER TABLE t ADD COLUMN d text DEFAULT 'new'");
        await using ITableExport export = await OpenAsync(session, "SELECT c AS first, d, a, c FROM t");
        Assert.Equal(["first", "d", "a", "c"], export.Schema.Fields.Select(field => field.Name));
        await using IArrowStream stream = export.Open(0, ArrowStreamOptions.Default);
        ArrowBatch batch = Assert.Single((await ArrowSession.ReadAsync(stream)).Batches);
        Assert.Equal([3, 1, 3], new[] { 0, 2, 3 }.Select(column => batch.Columns[column].Values<int>()[0]));
    }

    [Fact]
    public async Task An_empty_table_is_one_part_without_rows()
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t (id int)");
        await using ITableExport export = await OpenAsync(session, "SELECT * FROM t");
        Assert.Equal(0, Assert.Single(export.Parts).RowCount);
        await using IArrowStream stream = export.Open(0, ArrowStreamOptions.Default);
        Assert.Null(await stream.NextAsync(default));
    }

    private static async Task FillAsync(TestSession session)
    {
        await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY, v vector(16), s text, n int)");
        await session.RunAsync("""
            INSERT INTO t SELECT i, CASE WHEN i % 7 > 0 THEN array_fill(i::real, ARRAY[16])::vector END,
                CASE WHEN i % 3 > 0 THEN repeat('é', i % 50) END, i % 10 FROM generate_series(1, 20000) i
            """);
        await session.RunAsync("CHECKPOINT");
        Assert.NotEqual("0", await session.ValueAsync("SELECT count(*) FROM vecsql.segments WHERE table_name = 't'"));
    }

    private static async Task<ITableExport> OpenAsync(TestSession session, string sql)
    {
        ITableExport? export = await session.Session.ExportAsync(sql, default);
        await session.Session.EndScriptAsync(failed: false, default);
        return export ?? throw new InvalidOperationException("no export");
    }
}
