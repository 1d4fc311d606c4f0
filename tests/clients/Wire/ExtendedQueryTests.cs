namespace VecSQL.Clients.Tests.Wire;

/// <summary>Parse, Bind, Describe, Execute, Close, Flush and Sync, in orders that drivers send them.</summary>
[Collection(ServerCollection.Name)]
public sealed class ExtendedQueryTests(ServerFixture node) : IAsyncLifetime
{
    private const string Ten = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 10) SELECT n FROM r";
    private RawClient? _client;

    private RawClient Client => _client ?? throw new InvalidOperationException("not connected");

    public async Task InitializeAsync() => _client = await RawClient.ConnectAsync(node.Server.Port);

    public async Task DisposeAsync() => await Client.DisposeAsync();

    [Fact]
    public async Task A_named_portal_is_not_replaced_and_the_unnamed_one_is()
    {
        Client.Parse("", "SELECT 1").Bind("", "").Bind("", "").Execute("").Bind("p", "").Bind("p", "").Sync();
        Assert.Equal("parsed | bound | bound | row(1) | SELECT 1 | bound | ERROR 42P03 | ready I", await Client.ExchangeAsync());
    }

    [Fact]
    public async Task A_statement_goes_round_in_one_exchange() =>
        Assert.Equal("parsed | bound | columns | row(3) | SELECT 1 | ready I",
            await Client.Parse("", "SELECT $1::int + 1").Bind("", "", "2").Describe('P', "").Execute("").Sync().ExchangeAsync());

    [Fact]
    public async Task Describe_infers_types_before_any_value_is_known()
    {
        await Client.AskAsync("DROP TABLE IF EXISTS wire_infer");
        await Client.AskAsync("CREATE TABLE wire_infer (a smallint, v vector(3))");
        await Client.Parse("s", "SELECT a FROM wire_infer WHERE a = $1 ORDER BY v <-> $2 LIMIT $3").Describe('S', "s").Flush().SendAsync();
        List<RawMessage> messages = await Client.ReadAsync(3);
        Assert.Equal("parsed | parameters | columns", RawClient.Draw(messages));
        Assert.Equal((21, 20), (messages[1].Int32(2), messages[1].Int32(10)));
        Assert.Equal("ready I", await Client.Sync().ExchangeAsync());
    }

    [Fact]
    public async Task After_an_error_everything_is_skipped_to_sync() =>
        Assert.Equal("parsed | ERROR 42703 | ready I", await Client.Parse("", "SELECT 1").Parse("", "SELECT nothing")
            .Bind("", "").Execute("").Flush().Query("SELECT 1").Sync().ExchangeAsync());

    [Fact]
    public async Task Flush_sends_what_is_there_and_sync_still_answers()
    {
        await Client.Parse("", "SELECT 1").Flush().SendAsync();
        Assert.Equal("parsed", RawClient.Draw(await Client.ReadAsync(1)));
        await Client.Bind("", "").Execute("").Flush().SendAsync();
        Assert.Equal("bound | row(1) | SELECT 1", RawClient.Draw(await Client.ReadAsync(3)));
        Assert.Equal("ready I", await Client.Sync().ExchangeAsync());
    }

    [Fact]
    public async Task An_error_arrives_without_sync()
    {
        await Client.Parse("", "SELEC 1").Flush().SendAsync();
        Assert.Equal("ERROR 42601", RawClient.Draw(await Client.ReadAsync(1)));
        Assert.Equal("ready I", await Client.Sync().ExchangeAsync());
    }

    [Fact]
    public async Task A_row_limit_suspends_the_portal()
    {
        await Client.AskAsync("BEGIN");
        string first = await Client.Parse("", Ten).Bind("p", "").Execute("p", 4).Sync().ExchangeAsync();
        Assert.Equal("parsed | bound | row(1) | row(2) | row(3) | row(4) | suspended | ready T", first);
        Assert.Equal("columns | row(1) | SELECT 1 | ready T", await Client.AskAsync("SELECT 1"));
        string second = await Client.Execute("p", 4).Execute("p", 4).Sync().ExchangeAsync();
        Assert.Equal("row(5) | row(6) | row(7) | row(8) | suspended | row(9) | row(10) | SELECT 2 | ready T", second);
        await Client.AskAsync("COMMIT");
        Assert.Equal("ERROR 34000 | ready I", await Client.Execute("p").Sync().ExchangeAsync());
    }

    [Fact]
    public async Task A_portal_can_be_moved_and_fetched_from_as_a_cursor()
    {
        await Client.AskAsync("BEGIN");
        await Client.Parse("", Ten).Bind("p", "").Execute("p", 2).Sync().ExchangeAsync();
        Assert.Equal("MOVE 3 | ready T", await Client.AskAsync("MOVE FORWARD 3 IN p"));
        Assert.Equal("columns | row(6) | FETCH 1 | ready T", await Client.AskAsync("FETCH p"));
        Assert.Equal("row(7) | suspended | ready T", await Client.Execute("p", 1).Sync().ExchangeAsync());
        Assert.Equal("MOVE 3 | ready T", await Client.AskAsync("MOVE ALL IN p"));
        Assert.Equal("SELECT 0 | ready T", await Client.Execute("p").Sync().ExchangeAsync());
        Assert.Equal("closed | ready T", await Client.Close('P', "p").Sync().ExchangeAsync());
        Assert.Equal("ERROR 34000 | ready E", await Client.AskAsync("FETCH p"));
        await Client.AskAsync("ROLLBACK");
    }

    [Fact]
    public async Task A_plan_that_would_return_other_columns_names_its_place()
    {
        await Client.AskAsync("CREATE TEMP TABLE wire_changing (n int)");
        await Client.Parse("changing", "SELECT * FROM wire_changing").Sync().ExchangeAsync();
        await Client.AskAsync("ALTER TABLE wire_changing ADD COLUMN m int");
        List<RawMessage> replies = await (await Client.Bind("", "changing").Execute("").Sync().SendAsync()).UntilReadyAsync();
        Assert.Equal(("0A000", "RevalidateCachedQuery"), (replies[0].Field('C'), replies[0].Field('R')));
    }

    [Fact]
    public async Task Commands_without_rows_run_to_their_end_under_a_limit_of_one()
    {
        await Client.AskAsync("DROP TABLE IF EXISTS wire_limit");
        await Client.AskAsync("CREATE TABLE wire_limit (n int)");
        Assert.Equal("parsed | bound | INSERT 0 3 | ready I", await Client
            .Parse("", "INSERT INTO wire_limit VALUES (1), (2), (3)").Bind("", "").Execute("", 1).Sync().ExchangeAsync());
        Assert.Equal("parsed | bound | BEGIN | ready T", await Client.Parse("", "BEGIN").Bind("", "").Execute("", 1).Sync().ExchangeAsync());
        Assert.Equal("parsed | bound | UPDATE 3 | parsed | bound | COMMIT | ready I", await Client
            .Parse("", "UPDATE wire_limit SET n = 0").Bind("", "").Execute("", 1)
            .Parse("", "COMMIT").Bind("", "").Execute("", 1).Sync().ExchangeAsync());
        Assert.Equal("columns | row(3) | SELECT 1 | ready I", await Client.AskAsync("SELECT count(*) FROM wire_limit WHERE n = 0"));
    }

    [Fact]
    public async Task What_lies_between_two_syncs_is_one_transaction()
    {
        await Client.AskAsync("DROP TABLE IF EXISTS wire_implicit");
        await Client.AskAsync("CREATE TABLE wire_implicit (n int PRIMARY KEY)");
        await Client.Parse("i", "INSERT INTO wire_implicit VALUES ($1)").Sync().ExchangeAsync();
        Assert.Equal("bound | INSERT 0 1 | bound | ERROR 23505 | ready I", await Client
            .Bind("", "i", "1").Execute("").Bind("", "i", "1").Execute("").Bind("", "i", "2").Execute("").Sync().ExchangeAsync());
        Assert.Equal("columns | row(0) | SELECT 1 | ready I", await Client.AskAsync("SELECT count(*) FROM wire_implicit"));
    }

    [Fact]
    public async Task Many_exchanges_may_be_under_way_at_once()
    {
        await Client.Parse("plus", "SELECT $1::int + 1").Sync().ExchangeAsync();
        for (int n = 0; n < 500; n++)
            Client.Bind("", "plus", n % 100 == 99 ? "x" : n.ToString()).Execute("").Sync();
        await Client.SendAsync();
        for (int n = 0; n < 500; n++)
        {
            string expected = n % 100 == 99 ? "ERROR 22P02 | ready I" : $"bound | row({n + 1}) | SELECT 1 | ready I";
            Assert.Equal(expected, RawClient.Draw(await Client.UntilReadyAsync()));
        }
    }

    [Fact]
    public async Task Names_of_statements_and_portals_are_checked()
    {
        Assert.Equal("parsed | ready I", await Client.Parse("twice", "SELECT 1").Sync().ExchangeAsync());
        Assert.Equal("ERROR 42P05 | ready I", await Client.Parse("twice", "SELECT 2").Sync().ExchangeAsync());
        Assert.Equal("columns | row(1) | SELECT 1 | ready I", await Client.AskAsync("EXECUTE twice"));
        Assert.Equal("closed | ready I", await Client.Close('S', "twice").Sync().ExchangeAsync());
        Assert.Equal("closed | ready I", await Client.Close('S', "never").Sync().ExchangeAsync());
        Assert.Equal("ERROR 26000 | ready I", await Client.Bind("", "twice").Sync().ExchangeAsync());
        Assert.Equal("ERROR 26000 | ready I", await Client.Describe('S', "twice").Sync().ExchangeAsync());
        Assert.Equal("ERROR 34000 | ready I", await Client.Describe('P', "never").Sync().ExchangeAsync());
    }

    [Fact]
    public async Task Empty_statements_have_their_own_answer()
    {
        Assert.Equal("empty | ready I", await Client.AskAsync(""));
        Assert.Equal("empty | ready I", await Client.AskAsync(" ; "));
        Assert.Equal("parsed | bound | no data | empty | ready I",
            await Client.Parse("", "").Bind("", "").Describe('P', "").Execute("").Sync().ExchangeAsync());
    }

    [Fact]
    public async Task Only_the_end_is_possible_in_a_failed_transaction()
    {
        await Client.AskAsync("BEGIN");
        Assert.Equal("ERROR 42703 | ready E", await Client.AskAsync("SELECT nothing"));
        Assert.Equal("ERROR 25P02 | ready E", await Client.Parse("", "SELECT 1").Bind("", "").Execute("").Sync().ExchangeAsync());
        Assert.Equal("ROLLBACK | ready I", await Client.AskAsync("COMMIT"));
    }

    [Fact]
    public async Task A_script_is_atomic_and_answers_per_statement()
    {
        await Client.AskAsync("DROP TABLE IF EXISTS wire_script");
        await Client.AskAsync("CREATE TABLE wire_script (n int PRIMARY KEY)");
        Assert.Equal("INSERT 0 1 | columns | row(1) | SELECT 1 | ERROR 23505 | ready I", await Client.AskAsync(
            "INSERT INTO wire_script VALUES (1); SELECT n FROM wire_script; INSERT INTO wire_script VALUES (1); SELECT 5"));
        Assert.Equal("columns | row(0) | SELECT 1 | ready I", await Client.AskAsync("SELECT count(*) FROM wire_script"));
    }
}
