using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests.Sessions;

public sealed class PreparedStatementTests : EngineTest
{
    private ISqlSession Client => Session.Session;

    private static Column Int(int value) => FixedColumn<int>.Constant(value, 1);

    private async Task MakeTableAsync() => await Session.RunAsync(
        "CREATE TABLE t (a int PRIMARY KEY, b text); INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three')");

    private ValueTask<PreparedStatementInfo> PrepareAsync(string name, string sql) => Client.PrepareAsync(name, sql, [], default);

    private async Task<string[]> ExecuteAsync(string statement, params Column[] parameters)
    {
        await using IStatementResult portal = await Client.BindAsync("", statement, parameters, default);
        return await Session.ReadAsync(portal);
    }

    private async Task<string> FailAsync(Func<Task> action)
    {
        SqlException error = await Assert.ThrowsAsync<SqlException>(action);
        await Client.EndScriptAsync(failed: true, default);
        return $"{error.State}: {error.Message}";
    }

    [Fact]
    public async Task Parameter_and_result_types_are_known_before_any_value()
    {
        await MakeTableAsync();
        PreparedStatementInfo info = await PrepareAsync("s", "SELECT b, a + 1 AS next FROM t WHERE a = $1 LIMIT $2");
        Assert.Equal([TypeOid.Int4, TypeOid.Int8], info.ParameterTypes.Select(type => type.Oid));
        ImmutableArray<ResultColumnInfo> columns = Assert.NotNull(info.Columns);
        Assert.Equal(["b", "next"], columns.Select(column => column.Name));
        Assert.Equal((short)2, columns[0].ColumnNumber);
        Assert.Equal(0u, columns[1].TableOid);
        await Client.EndScriptAsync(failed: false, default);
    }

    [Fact]
    public async Task A_statement_runs_as_often_as_wanted_and_survives_rollback()
    {
        await MakeTableAsync();
        await PrepareAsync("s", "SELECT b FROM t WHERE a = $1");
        Assert.Equal(["two"], await ExecuteAsync("s", Int(2)));
        await Client.EndScriptAsync(failed: true, default);
        Assert.Equal(["three"], await ExecuteAsync("s", Int(3)));
        Assert.Empty(await ExecuteAsync("s", Int(4)));
        await Client.EndScriptAsync(failed: false, default);
        Assert.Equal(["one"], await Session.RowsAsync("EXECUTE s(1)"));
    }

    [Fact]
    public async Task Names_are_shared_with_sql_and_must_be_free()
    {
        await PrepareAsync("s", "SELECT 1");
        Assert.Equal("42P05: prepared statement \"s\" already exists", await FailAsync(() => PrepareAsync("s", "SELECT 2").AsTask()));
        Assert.Equal("42P05: prepared statement \"s\" already exists", await Session.ErrorAsync("PREPARE s AS SELECT 1"));
        await Session.RunAsync("DEALLOCATE s");
        Assert.Equal("26000: prepared statement \"s\" does not exist", await FailAsync(() => ExecuteAsync("s")));
        await Client.CloseStatementAsync("s");
        await PrepareAsync("", "SELECT 1");
        await PrepareAsync("", "SELECT 2");
        Assert.Equal(["2"], await ExecuteAsync(""));
        await Client.EndScriptAsync(failed: false, default);
    }

    [Fact]
    public async Task More_than_one_statement_cannot_be_prepared() =>
        Assert.Equal("42601: cannot insert multiple commands into a prepared statement",
            await FailAsync(() => PrepareAsync("", "SELECT 1; SELECT 2").AsTask()));

    [Fact]
    public async Task Definitions_that_leave_the_columns_alone_make_a_new_plan()
    {
        await MakeTableAsync();
        await PrepareAsync("s", "SELECT b FROM t WHERE a = $1");
        await Client.EndScriptAsync(failed: false, default);
        await Session.RunAsync("ALTER TABLE t ADD COLUMN c int; INSERT INTO t VALUES (9, 'nine', 1)");
        Assert.Equal(["nine"], await ExecuteAsync("s", Int(9)));
        await Client.EndScriptAsync(failed: false, default);
        await Session.RunAsync("DROP TABLE t");
        Assert.Equal("42P01: relation \"t\" does not exist", await FailAsync(() => ExecuteAsync("s", Int(9))));
    }

    [Fact]
    public async Task Definitions_that_change_the_columns_fail_with_the_message_drivers_know()
    {
        await MakeTableAsync();
        await PrepareAsync("s", "SELECT * FROM t");
        await Client.EndScriptAsync(failed: false, default);
        await Session.RunAsync("ALTER TABLE t ADD COLUMN c int");
        Assert.Equal("0A000: cached plan must not change result type", await FailAsync(() => ExecuteAsync("s")));
    }

    [Fact]
    public async Task A_rolled_back_definition_leaves_no_stale_plan()
    {
        await MakeTableAsync();
        await PrepareAsync("s", "SELECT b FROM t WHERE a = $1");
        await Client.EndScriptAsync(failed: false, default);
        await Session.RunAsync("BEGIN; ALTER TABLE t DROP CONSTRAINT t_pkey");
        Assert.Equal(["one"], await ExecuteAsync("s", Int(1)));
        await Session.RunAsync("ROLLBACK; CREATE TABLE other (x int)");
        Assert.Equal(["two"], await ExecuteAsync("s", Int(2)));
        await Client.EndScriptAsync(failed: false, default);
    }

    [Fact]
    public async Task A_portal_gives_as_many_rows_as_asked_for()
    {
        await MakeTableAsync();
        await Session.RunAsync("BEGIN");
        await PrepareAsync("s", "SELECT a FROM t ORDER BY a");
        await Client.BindAsync("p", "s", [], default);
        IStatementResult portal = Assert.IsAssignableFrom<IStatementResult>(Client.FindPortal("p"));
        Assert.Equal(["1", "2"], await Session.ReadAsync(portal, rowsMax: 2));
        Assert.Equal("1", await Session.ValueAsync("SELECT 1"));
        Assert.Equal(["3"], await Session.ReadAsync(portal, rowsMax: 2));
        await Session.RunAsync("COMMIT");
        Assert.Null(Client.FindPortal("p"));
    }

    [Fact]
    public async Task Everything_between_two_syncs_is_one_transaction()
    {
        await MakeTableAsync();
        await PrepareAsync("i", "INSERT INTO t VALUES ($1, 'new')");
        await ExecuteAsync("i", Int(10));
        Assert.StartsWith("23505", await FailAsync(() => ExecuteAsync("i", Int(1))), StringComparison.Ordinal);
        Assert.Equal("3", await Session.ValueAsync("SELECT count(*) FROM t"));
        await ExecuteAsync("i", Int(10));
        await ExecuteAsync("i", Int(11));
        await Client.EndScriptAsync(failed: false, default);
        Assert.Equal("5", await Session.ValueAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_prepared_lookup_allocates_little()
    {
        await MakeTableAsync();
        await PrepareAsync("s", "SELECT b FROM t WHERE a = $1");
        await Client.EndScriptAsync(failed: false, default);
        Column key = Int(2);
        await LookUpAsync(key, 200);
        long before = GC.GetAllocatedBytesForCurrentThread();
        await LookUpAsync(key, 1000);
        long bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;
        Assert.True(bytes < 4400, $"{bytes} bytes an execution");
    }

    private async Task LookUpAsync(Column key, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await using (IStatementResult portal = await Client.BindAsync("", "s", [key], default))
            {
                while (await portal.NextAsync(0, default) is not null)
                {
                }
            }
            await Client.EndScriptAsync(failed: false, default);
        }
    }

    [Fact]
    public async Task Execute_checks_its_arguments()
    {
        await Session.RunAsync("PREPARE p (int, text) AS SELECT $1 + 1, $2");
        Assert.Equal(["4|x"], await Session.RowsAsync("EXECUTE p('3', 'x')"));
        Assert.Equal("42601: wrong number of parameters for prepared statement \"p\"", await Session.ErrorAsync("EXECUTE p(1)"));
        Assert.Equal(["p|{integer,text}|t"],
            await Session.RowsAsync("SELECT name, parameter_types, from_sql FROM pg_prepared_statements"));
    }
}
