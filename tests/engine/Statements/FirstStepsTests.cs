namespace VecSQL.Engine.Tests.Statements;

public sealed class FirstStepsTests : EngineTest
{
    [Fact]
    public async Task Rows_inserted_are_selected()
    {
        Assert.Equal("CREATE TABLE", await Session.RunAsync("CREATE TABLE t (a int, b text)"));
        Assert.Equal("INSERT 0 2", await Session.RunAsync("INSERT INTO t VALUES (1, 'one'), (2, NULL)"));
        Assert.Equal(["1|one", "2|NULL"], await Session.RowsAsync("SELECT a, b FROM t ORDER BY a"));
        Assert.Equal("SELECT 2", await Session.RunAsync("SELECT * FROM t"));
        Assert.Equal("UPDATE 1", await Session.RunAsync("UPDATE t SET b = 'two' WHERE a = 2"));
        Assert.Equal("DELETE 1", await Session.RunAsync("DELETE FROM t WHERE a = 1"));
        Assert.Equal(["2|two"], await Session.RowsAsync("SELECT * FROM t"));
    }

    [Fact]
    public async Task Definitions_survive_a_restart_to_the_last_zero()
    {
        await Session.RunAsync(
            "CREATE SEQUENCE z MINVALUE 0 START 0; CREATE SEQUENCE n INCREMENT -1 MAXVALUE 0 MINVALUE -5; CREATE TABLE t (a timestamp(0), b int DEFAULT 0)");
        await Session.RunAsync("CREATE INDEX ON t (b DESC NULLS LAST); CREATE VIEW v AS SELECT b FROM t");
        await Session.Session.DisposeAsync();
        await Database.ReopenAsync();
        await using TestSession session = Database.Session();
        Assert.Equal(["-5|0|0", "0|9223372036854775807|0"], await session.RowsAsync("SELECT seqmin, seqmax, seqstart FROM pg_sequence ORDER BY 1"));
        Assert.Equal("timestamp(0) without time zone",
            await session.ValueAsync("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum = 1"));
        Assert.Equal("CREATE INDEX t_b_idx ON public.t USING btree (b DESC NULLS LAST)",
            await session.ValueAsync("SELECT indexdef FROM pg_indexes"));
        await session.RunAsync("CREATE SCHEMA other; SET search_path = other; INSERT INTO public.t DEFAULT VALUES");
        Assert.Equal("0", await session.ValueAsync("SELECT b FROM public.v"));
    }

    [Fact]
    public async Task Rows_survive_a_restart()
    {
        await Session.RunAsync("CREATE TABLE t (a int PRIMARY KEY, v vector(3)); INSERT INTO t VALUES (1, '[1,2,3]'), (2, '[4,5,6]')");
        await Session.Session.DisposeAsync();
        await Database.ReopenAsync();
        await using TestSession session = Database.Session();
        Assert.Equal(["2|[4,5,6]", "1|[1,2,3]"], await session.RowsAsync("SELECT * FROM t ORDER BY v <-> '[4,5,6]'"));
        Assert.StartsWith("23505", await session.ErrorAsync("INSERT INTO t VALUES (1, NULL)"), StringComparison.Ordinal);
    }
}
