using Google.Protobuf;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;
using VecSQL.Flight.Protocol.Sql;
using VecSQL.Flight.Sql;
using VecSQL.Flight.Transport;
using VecSQL.Kit;

namespace VecSQL.Flight.Tests.Sql;

/// <summary>What clients do at once, too much of, or not for long.</summary>
public sealed class LimitTests : FlightTest
{
    [Fact]
    public async Task A_statement_runs_once_however_many_calls_read_its_ticket()
    {
        await Node.RunAsync("CREATE TABLE t (a int)");
        using FlightClient client = Node.Connect();
        FlightInfo info = await client.GetInfoAsync(
            FlightNode.Command(new CommandStatementQuery { Query = "INSERT INTO t SELECT generate_series(1, 3) RETURNING a" }), CancellationToken.None);
        Task<List<string>>[] calls = [.. Enumerable.Range(0, 4).Select(_ => client.ReadAsync(info.Endpoint[0].Ticket))];
        foreach (Task<List<string>> call in calls)
        {
            if (await Task.WhenAny(call) is { IsFaulted: true } failed)
                Assert.Equal(GrpcStatusCode.NotFound, Assert.IsType<GrpcException>(failed.Exception?.InnerException).Code);
        }
        Assert.Equal(1, calls.Count(static call => call.IsCompletedSuccessfully));
        Assert.Equal(["3"], await client.QueryAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_prepared_statement_says_its_columns_before_it_has_parameters()
    {
        using FlightClient client = Node.Connect();
        ByteString handle = await client.PrepareAsync("SELECT $1::int AS a");
        SchemaResult schema = await client.GetSchemaAsync(
            FlightNode.Command(new CommandPreparedStatementQuery { PreparedStatementHandle = handle }), CancellationToken.None);
        Assert.Equal("a", Assert.Single(FlightSqlClient.SchemaOf(schema.Schema).Fields).Name);
    }

    [Fact]
    public async Task Parameters_are_held_to_a_limit_in_bytes()
    {
        using FlightClient client = Node.Connect();
        ByteString handle = await client.PrepareAsync("SELECT $1::text");
        Assert.Equal((GrpcStatusCode.ResourceExhausted, "54000"), await FlightSqlClient.ErrorAsync(() =>
            client.PutAsync(new CommandPreparedStatementUpdate { PreparedStatementHandle = handle }, FlightSqlClient.Texts("$1", 1000, 1 << 20))));
    }

    [Fact]
    public async Task An_error_fits_into_the_headers_that_clients_take()
    {
        using FlightClient client = Node.Connect();
        await Node.RunAsync("CREATE TABLE u (a text PRIMARY KEY); INSERT INTO u VALUES (repeat('ж', 900))");
        foreach (string sql in new[] { "SELECT repeat('ж', 5000)::int", "SELECT repeat('%', 5000)::int", "INSERT INTO u SELECT * FROM u" })
        {
            GrpcException error = await Assert.ThrowsAsync<GrpcException>(() => client.UpdateAsync(sql));
            int bytes = GrpcMetadata.EncodeMessage(error.Message).Length + Convert.ToBase64String(error.Details.Span).Length;
            Assert.InRange(bytes, 100, 7500);
        }
    }

    [Fact]
    public async Task A_transaction_is_kept_after_a_statement_that_took_longer_than_its_patience()
    {
        ManualTime clock = new();
        FlightOptions options = new() { Time = clock };
        FlightSession session = Node.Session(options);
        HandleTable handles = new();
        ByteString transaction = handles.Add(new TransactionHandle(session));
        await session.RunAsync(async running =>
        {
            await running.ExecuteAsync("BEGIN", default);
            clock.Advance(options.IdleTimeout * 2);
        }, default);
        await handles.CloseExpiredAsync();
        Assert.NotNull(handles.Find<TransactionHandle>(transaction, session.Login));
        clock.Advance(options.IdleTimeout * 2);
        await handles.CloseExpiredAsync();
        Assert.Null(handles.Find<TransactionHandle>(transaction, session.Login));
        await session.ReleaseAsync();
    }

    [Fact]
    public async Task A_session_that_the_node_ends_keeps_no_locks_though_no_call_comes()
    {
        await Node.RunAsync("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
        using FlightClient client = Node.Connect();
        ByteString transaction = await client.BeginAsync();
        await client.UpdateAsync("UPDATE t SET a = 2", transaction);
        await Node.RunAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'");
        await Node.RunAsync("UPDATE t SET a = 3").WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("57P01", (await FlightSqlClient.ErrorAsync(() => client.EndAsync(transaction, commits: true))).State);
        Assert.Equal(["3"], await client.QueryAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task A_token_goes_with_its_session()
    {
        using FlightClient client = Node.Connect();
        await client.AuthenticateAsync("vecsql", "", CancellationToken.None);
        await client.UpdateAsync("SET application_name = 'mine'");
        await Node.RunAsync("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = 'mine'");
        Assert.Equal("57P01", (await FlightSqlClient.ErrorAsync(() => client.QueryAsync("SELECT 1"))).State);
        Assert.Equal("28000", (await FlightSqlClient.ErrorAsync(() => client.QueryAsync("SELECT 1"))).State);
    }

    [Fact]
    public async Task Clients_that_close_nothing_are_stopped()
    {
        FlightSession session = Node.Session();
        HandleTable handles = new();
        ByteString last = ByteString.Empty;
        for (int i = 0; i < HandleTable.HandlesMax; i++)
            last = handles.Add(new TransactionHandle(session));
        Assert.Equal("53400", Assert.Throws<SqlException>(() => handles.Add(new TransactionHandle(session))).State.ToString());
        await handles.CloseAsync(last);
        handles.Add(new TransactionHandle(session));
        await handles.CloseAllAsync();
        await session.ReleaseAsync();
    }

    [Fact]
    public async Task The_option_schema_is_one_name_and_options_that_are_not_there_are_none()
    {
        await Node.RunAsync("CREATE SCHEMA \"My Schema\"");
        using FlightClient client = Node.Connect();
        await client.AuthenticateAsync("vecsql", "", CancellationToken.None);
        Assert.Empty(await SetAsync(client, "schema", "My Schema"));
        Assert.Equal(["My Schema"], await client.QueryAsync("SELECT current_schema()"));
        Assert.Empty(await SetAsync(client, "schema", null));
        Assert.Equal(["public"], await client.QueryAsync("SELECT current_schema()"));
        Assert.Equal("nonsense", Assert.Single(await SetAsync(client, "nonsense", null)));
        Assert.Equal("application_name", Assert.Single(await SetAsync(client, "application_name", "a\0b")));
    }

    /// <returns>Options that were refused.</returns>
    private static async Task<IEnumerable<string>> SetAsync(FlightClient client, string name, string? value)
    {
        SetSessionOptionsRequest request = new();
        request.SessionOptions[name] = value is null ? new SessionOptionValue() : new SessionOptionValue { StringValue = value };
        IReadOnlyList<ByteString> answers = await client.DoAsync("SetSessionOptions", request.ToByteString(), CancellationToken.None);
        return SetSessionOptionsResult.Parser.ParseFrom(Assert.Single(answers)).Errors.Keys;
    }
}
