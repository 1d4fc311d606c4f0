using System.Text;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests.Introspection;

public sealed class CopyProgressTests : IAsyncDisposable
{
    private const string Progress = """
        SELECT pid <> pg_backend_pid() AND datid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND datname = current_database(),
            CASE relid WHEN 0 THEN '-' ELSE relid::regclass::text END, command, type, bytes_processed, bytes_total, tuples_processed, tuples_excluded
        FROM pg_stat_progress_copy
        """;

    private readonly TestDatabase _database = new();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Another_session_sees_how_far_a_copy_from_stdin_is()
    {
        await using TestSession copying = _database.Session(), watching = _database.Session();
        await copying.RunAsync("CREATE TABLE t (a int)");
        byte[] rows = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 10_000).Select(i => $"{i % 10}\n")));
        await using (IStatementResult result = await copying.Session.RunAsync(
            copying.Session.ParseScript("COPY t FROM STDIN WHERE a <> 7")[0], default))
        {
            ICopySink sink = result.CopyIn ?? throw new InvalidOperationException("not COPY FROM STDIN");
            Assert.Equal(["t|t|COPY FROM|PIPE|0|0|0|0"], await watching.RowsAsync(Progress));
            await sink.WriteAsync(rows, default);
            string[] seen = Assert.Single(await watching.RowsAsync(Progress)).Split('|');
            Assert.Equal(["t", "t", "COPY FROM", "PIPE", "20000", "0"], seen[..6]);
            (int stored, int excluded) = (int.Parse(seen[6]), int.Parse(seen[7]));
            Assert.InRange(excluded, 1, 1000); // batches that were full
            Assert.InRange(stored, excluded * 8, excluded * 10);
            await sink.CompleteAsync(default);
            Assert.Equal(["t|t|COPY FROM|PIPE|20000|0|9000|1000"], await watching.RowsAsync(Progress));
        }
        await copying.Session.EndScriptAsync(failed: false, default);
        Assert.Empty(await watching.RowsAsync(Progress));
    }

    [Theory]
    [InlineData("COPY t TO STDOUT", "t", 14)]
    [InlineData("COPY (SELECT a FROM t) TO STDOUT (FORMAT csv)", "-", 14)]
    [InlineData("COPY t TO STDOUT (FORMAT binary)", "t", null)]
    [InlineData("COPY t TO STDOUT (FORMAT arrow)", "t", null)]
    [InlineData("COPY t TO STDOUT (FORMAT jsonl)", "t", null)]
    public async Task Another_session_sees_how_far_a_copy_to_stdout_is(string sql, string table, int? bytes)
    {
        await using TestSession copying = _database.Session(), watching = _database.Session();
        await copying.RunAsync("CREATE TABLE t (a int); INSERT INTO t SELECT i FROM generate_series(1, 7) i");
        await using (IStatementResult result = await copying.Session.RunAsync(copying.Session.ParseScript(sql)[0], default))
        {
            ICopySource source = result.CopyOut ?? throw new InvalidOperationException("not COPY TO STDOUT");
            long given = 0;
            while (await source.ReadAsync(default) is { Length: > 0 } piece)
                given += piece.Length;
            Assert.Equal(bytes ?? given, given);
            Assert.Equal([$"t|{table}|COPY TO|PIPE|{given}|0|7|0"], await watching.RowsAsync(Progress));
        }
        await copying.Session.EndScriptAsync(failed: false, default);
        Assert.Empty(await watching.RowsAsync(Progress));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("arrow")]
    public async Task A_copy_of_a_file_knows_its_length(string format)
    {
        await using TestSession copying = _database.Session(), watching = _database.Session(), holding = _database.Session();
        await copying.RunAsync($"CREATE TABLE t (a int PRIMARY KEY); COPY (SELECT 1 AS a) TO 't.dat' (FORMAT {format})");
        long length = new FileInfo(Path.Combine(_database.FileRoot, "t.dat")).Length;
        await holding.RunAsync("BEGIN; INSERT INTO t VALUES (1)");
        Task<string> copy = Task.Run(() => copying.RunAsync($"COPY t FROM 't.dat' (FORMAT {format})"));
        string[] seen;
        do
        {
            seen = await watching.RowsAsync($"{Progress} WHERE bytes_processed > 0"); // it waits for the row that is held
        }
        while (seen.Length == 0 && !copy.IsCompleted);
        Assert.Equal([$"t|t|COPY FROM|FILE|{length}|{length}|0|0"], seen);
        await holding.RunAsync("ROLLBACK");
        Assert.Equal("COPY 1", await copy);
        await copying.RunAsync("COPY (SELECT relid, command, type FROM pg_stat_progress_copy) TO 'u.dat'");
        Assert.Equal("0\tCOPY TO\tFILE\n", await File.ReadAllTextAsync(Path.Combine(_database.FileRoot, "u.dat")));
        Assert.Empty(await watching.RowsAsync(Progress));
    }

    [Fact]
    public async Task A_copy_that_fails_or_was_never_begun_is_gone()
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t (a int)");
        await session.FailAsync("COPY t FROM 'missing.dat'");
        await session.FailAsync("COPY (SELECT 1 / (a - 1) FROM (VALUES (1)) v(a)) TO 't.dat'");
        await session.FailAsync("COPY t TO STDOUT (FORMAT tfrecord, SHARDS 2)");
        Assert.Empty(await session.RowsAsync(Progress));
    }
}
