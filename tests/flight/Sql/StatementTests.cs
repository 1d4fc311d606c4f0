using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;
using VecSQL.Flight.Protocol.Sql;
using VecSQL.Flight.Sql;
using VecSQL.Flight.Transport;

namespace VecSQL.Flight.Tests.Sql;

public sealed class StatementTests : FlightTest
{
    [Fact]
    public async Task A_query_gives_its_rows()
    {
        using FlightClient client = Node.Connect();
        Assert.Equal(["1|one|NULL", "2|two|1.5"], await client.QueryAsync(
            "SELECT * FROM (VALUES (1, 'one', NULL::float8), (2, 'two', 1.5)) t(a, b, c) ORDER BY a"));
        Assert.Equal(["[1,2,3]|true"], await client.QueryAsync("SELECT '[1,2,3]'::vector(3), true"));
        Assert.Empty(await client.QueryAsync("SELECT 1 WHERE false"));
        Assert.Equal(100_000, (await client.QueryAsync("SELECT n, repeat('x', 50) FROM generate_series(1, 100000) n")).Length);
    }

    [Fact]
    public async Task Statements_that_change_rows_say_how_many()
    {
        using FlightClient client = Node.Connect();
        Assert.Equal(0, await client.UpdateAsync("CREATE TABLE t (a int PRIMARY KEY, b text)"));
        Assert.Equal(3, await client.UpdateAsync("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, NULL)"));
        Assert.Equal(2, await client.UpdateAsync("UPDATE t SET b = b || '!' WHERE a < 3"));
        Assert.Equal(1, await client.UpdateAsync("DELETE FROM t WHERE a = 3"));
        Assert.Equal(["1|a!", "2|b!"], await client.QueryAsync("SELECT * FROM t ORDER BY a"));
        Assert.Equal(["9"], await client.QueryAsync("INSERT INTO t VALUES (9, 'nine') RETURNING a"));
    }

    [Fact]
    public async Task The_rows_of_a_table_come_whole_whatever_parts_they_come_in()
    {
        await Node.RunAsync("CREATE TABLE big (id bigint, body text); INSERT INTO big SELECT n, 'row ' || n FROM generate_series(1, 50000) n");
        using FlightClient client = Node.Connect();
        FlightInfo info = await client.GetInfoAsync(FlightNode.Command(new CommandStatementQuery { Query = "SELECT * FROM big" }), CancellationToken.None);
        await Node.RunAsync("DELETE FROM big WHERE id % 2 = 0");
        List<string> rows = [];
        foreach (FlightEndpoint endpoint in info.Endpoint.Reverse())
        {
            using FlightClient other = Node.Connect();
            rows.AddRange(await other.ReadAsync(endpoint.Ticket, info.Schema));
        }
        // Rows of an export are those there were when it was asked for; a statement runs when it is read.
        int expected = info.TotalRecords >= 0 ? 50_000 : 25_000;
        Assert.Equal(expected, rows.Distinct().Count());
        Assert.Equal(expected, rows.Count);
    }

    [Fact]
    public async Task An_endpoint_says_how_long_it_lasts_and_can_last_longer()
    {
        using FlightClient client = Node.Connect();
        FlightInfo info = await client.GetInfoAsync(FlightNode.Command(new CommandStatementQuery { Query = "SELECT 7" }), CancellationToken.None);
        FlightEndpoint endpoint = Assert.Single(info.Endpoint);
        IReadOnlyList<ByteString> answers = await client.DoAsync(
            "RenewFlightEndpoint", new RenewFlightEndpointRequest { Endpoint = endpoint }.ToByteString(), CancellationToken.None);
        FlightEndpoint renewed = FlightEndpoint.Parser.ParseFrom(Assert.Single(answers));
        Assert.True(renewed.ExpirationTime.ToDateTime() >= endpoint.ExpirationTime.ToDateTime());
        Assert.Equal(["7"], await client.ReadAsync(renewed.Ticket));
        Assert.Equal(GrpcStatusCode.NotFound, (await FlightSqlClient.ErrorAsync(() => client.ReadAsync(endpoint.Ticket))).Code);
    }

    [Fact]
    public async Task A_query_that_was_cancelled_is_gone()
    {
        using FlightClient client = Node.Connect();
        FlightInfo info = await client.GetInfoAsync(FlightNode.Command(new CommandStatementQuery { Query = "SELECT 7" }), CancellationToken.None);
        ByteString request = new CancelFlightInfoRequest { Info = info }.ToByteString();
        IReadOnlyList<ByteString> answers = await client.DoAsync("CancelFlightInfo", request, CancellationToken.None);
        Assert.Equal(CancelStatus.Cancelled, CancelFlightInfoResult.Parser.ParseFrom(Assert.Single(answers)).Status);
        Assert.Equal(GrpcStatusCode.NotFound, (await FlightSqlClient.ErrorAsync(() => client.ReadAsync(info.Endpoint[0].Ticket))).Code);
        Assert.Equal(GrpcStatusCode.NotFound,
            (await FlightSqlClient.ErrorAsync(async () => await client.DoAsync("CancelFlightInfo", request, CancellationToken.None))).Code);
        FlightInfo older = await client.GetInfoAsync(FlightNode.Command(new CommandStatementQuery { Query = "SELECT 8" }), CancellationToken.None);
        ActionCancelQueryResult cancelled = await client.ActAsync<ActionCancelQueryResult>("CancelQuery", new ActionCancelQueryRequest { Info = older.ToByteString() });
        Assert.Equal(ActionCancelQueryResult.Types.CancelResult.Cancelled, cancelled.Result);
    }

    [Fact]
    public async Task A_running_query_is_cancelled_by_another_call_and_by_a_client_that_leaves()
    {
        using FlightClient client = Node.Connect();
        const string Endless = "SELECT n FROM generate_series(1, 1000000000000) n";
        FlightInfo info = await client.GetInfoAsync(FlightNode.Command(new CommandStatementQuery { Query = Endless }), CancellationToken.None);
        await using (FlightStream stream = await client.GetAsync(info.Endpoint[0].Ticket, CancellationToken.None))
        {
            Assert.NotNull(await stream.Batches.NextAsync());
            await client.DoAsync("CancelFlightInfo", new CancelFlightInfoRequest { Info = info }.ToByteString(), CancellationToken.None);
            (GrpcStatusCode code, string state) = await FlightSqlClient.ErrorAsync(async () =>
            {
                while (await stream.Batches.NextAsync() is not null)
                {
                    // On its way before.
                }
            });
            Assert.Contains((code, state), new[] { (GrpcStatusCode.Cancelled, "57014"), (GrpcStatusCode.Cancelled, "") });
        }
        await client.AuthenticateAsync("vecsql", "", CancellationToken.None);
        info = await client.GetInfoAsync(FlightNode.Command(new CommandStatementQuery { Query = Endless }), CancellationToken.None);
        await using (FlightStream stream = await client.GetAsync(info.Endpoint[0].Ticket, CancellationToken.None))
            Assert.NotNull(await stream.Batches.NextAsync());
        Assert.Equal(["1"], await client.QueryAsync("SELECT 1")); // the session is free again
    }

    [Fact]
    public async Task Rows_that_a_client_does_not_take_are_cancelled_by_another_call()
    {
        using FlightClient client = Node.Connect();
        await client.AuthenticateAsync("vecsql", "", CancellationToken.None);
        FlightInfo info = await client.GetInfoAsync(
            FlightNode.Command(new CommandStatementQuery { Query = "SELECT n FROM generate_series(1, 1000000000000) n" }), CancellationToken.None);
        await using FlightStream stream = await client.GetAsync(info.Endpoint[0].Ticket, CancellationToken.None);
        Assert.NotNull(await stream.Batches.NextAsync()); // and no more: the server waits for the client
        await client.DoAsync("CancelFlightInfo", new CancelFlightInfoRequest { Info = info }.ToByteString(), CancellationToken.None);
        Assert.Equal(["1"], await client.QueryAsync("SELECT 1").WaitAsync(TimeSpan.FromSeconds(60))); // the session is free again
    }

    [Fact]
    public async Task Errors_are_told_by_status_and_sqlstate()
    {
        using FlightClient client = Node.Connect();
        await client.UpdateAsync("CREATE TABLE u (a int PRIMARY KEY)");
        await client.UpdateAsync("INSERT INTO u VALUES (1)");
        (string Sql, GrpcStatusCode Code, string State)[] expected =
        [
            ("SELEC 1", GrpcStatusCode.InvalidArgument, "42601"),
            ("SELECT 1; SELECT 2", GrpcStatusCode.InvalidArgument, "42601"),
            ("SELECT * FROM missing", GrpcStatusCode.NotFound, "42P01"),
            ("SELECT missing", GrpcStatusCode.InvalidArgument, "42703"),
            ("SELECT 1/0", GrpcStatusCode.InvalidArgument, "22012"),
            ("INSERT INTO u VALUES (1)", GrpcStatusCode.AlreadyExists, "23505"),
            ("CREATE TABLE u (b int)", GrpcStatusCode.AlreadyExists, "42P07"),
            ("COPY u FROM STDIN", GrpcStatusCode.Unimplemented, "0A000"),
        ];
        foreach ((string sql, GrpcStatusCode code, string state) in expected)
            Assert.Equal((code, state), await FlightSqlClient.ErrorAsync(() => client.UpdateAsync(sql)));
        Assert.Equal((GrpcStatusCode.InvalidArgument, "22012"),
            await FlightSqlClient.ErrorAsync(() => client.QueryAsync("SELECT 1/(n - 60000) FROM generate_series(1, 100000) n")));
        GrpcException told = await Assert.ThrowsAsync<GrpcException>(() => client.UpdateAsync("INSERT INTO u VALUES (1)"));
        ErrorInfo info = Protocol.Status.Parser.ParseFrom(told.Details.Span).Details[0].Unpack<ErrorInfo>();
        Assert.Equal(("23505", "vecsql", "u", "u_pkey"), (info.Reason, info.Domain, info.Metadata["table"], info.Metadata["constraint"]));
    }

    [Fact]
    public async Task Transactions_stand_apart_until_they_end()
    {
        using FlightClient client = Node.Connect();
        await client.UpdateAsync("CREATE TABLE v (a int)");
        ByteString first = await client.BeginAsync(), second = await client.BeginAsync();
        await client.UpdateAsync("INSERT INTO v VALUES (1)", first);
        await client.UpdateAsync("INSERT INTO v VALUES (2)", second);
        Assert.Equal(["1"], await client.QueryAsync("SELECT a FROM v", first));
        Assert.Equal(["2"], await client.QueryAsync("SELECT a FROM v", second));
        Assert.Empty(await client.QueryAsync("SELECT a FROM v"));
        await client.EndAsync(first, commits: true);
        await client.EndAsync(second, commits: false);
        Assert.Equal(["1"], await client.QueryAsync("SELECT a FROM v"));
        Assert.Equal(GrpcStatusCode.NotFound, (await FlightSqlClient.ErrorAsync(() => client.QueryAsync("SELECT 1", first))).Code);
        ByteString failing = await client.BeginAsync();
        await FlightSqlClient.ErrorAsync(() => client.UpdateAsync("SELECT 1/0", failing));
        Assert.Equal((GrpcStatusCode.FailedPrecondition, "25P02"), await FlightSqlClient.ErrorAsync(() => client.UpdateAsync("SELECT 1", failing)));
        Assert.Equal((GrpcStatusCode.FailedPrecondition, "25P02"), await FlightSqlClient.ErrorAsync(() => client.EndAsync(failing, commits: true)));
    }

    [Fact]
    public async Task A_token_is_for_a_session_that_lasts()
    {
        using FlightClient client = Node.Connect();
        await client.AuthenticateAsync("vecsql", "", CancellationToken.None);
        await client.UpdateAsync("CREATE TEMPORARY TABLE mine (a int)");
        await client.UpdateAsync("INSERT INTO mine VALUES (5)");
        await client.UpdateAsync("SET search_path = elsewhere, public, pg_temp");
        Assert.Equal(["5"], await client.QueryAsync("SELECT a FROM mine"));
        Assert.Equal(["elsewhere, public, pg_temp"], await client.QueryAsync("SHOW search_path"));
        SetSessionOptionsRequest request = new();
        request.SessionOptions["work_mem"] = new SessionOptionValue { StringValue = "8MB" };
        request.SessionOptions["schema"] = new SessionOptionValue { StringValue = "public" };
        request.SessionOptions["catalog"] = new SessionOptionValue { StringValue = "another" };
        request.SessionOptions["no_such_setting"] = new SessionOptionValue { Int64Value = 1 };
        request.SessionOptions["statement_timeout"] = new SessionOptionValue { StringValue = "soon" };
        SetSessionOptionsResult set = SetSessionOptionsResult.Parser.ParseFrom(
            Assert.Single(await client.DoAsync("SetSessionOptions", request.ToByteString(), CancellationToken.None)));
        Assert.Equal(["catalog InvalidValue", "no_such_setting InvalidName", "statement_timeout InvalidValue"],
            set.Errors.Select(error => $"{error.Key} {error.Value.Value}").Order());
        GetSessionOptionsResult got = GetSessionOptionsResult.Parser.ParseFrom(
            Assert.Single(await client.DoAsync("GetSessionOptions", ByteString.Empty, CancellationToken.None)));
        Assert.Equal(("vecsql", "public"), (got.SessionOptions["catalog"].StringValue, got.SessionOptions["schema"].StringValue));
        Assert.Equal(["8MB"], await client.QueryAsync("SHOW work_mem"));
        await client.DoAsync("CloseSession", ByteString.Empty, CancellationToken.None);
        Assert.Equal((GrpcStatusCode.Unauthenticated, "28000"), await FlightSqlClient.ErrorAsync(() => client.QueryAsync("SELECT 1")));
    }

    [Fact]
    public async Task What_is_no_flight_sql_is_refused()
    {
        using FlightClient client = Node.Connect();
        foreach (FlightDescriptor descriptor in new[]
        {
            new FlightDescriptor { Type = FlightDescriptor.Types.DescriptorType.Path, Path = { "t" } },
            new FlightDescriptor { Type = FlightDescriptor.Types.DescriptorType.Cmd, Cmd = ByteString.CopyFrom(0xFF, 0xFF) },
        })
        {
            Assert.Equal(GrpcStatusCode.InvalidArgument, (await FlightSqlClient.ErrorAsync(async () =>
                await client.GetInfoAsync(descriptor, CancellationToken.None))).Code);
        }
        Assert.Equal(GrpcStatusCode.Unimplemented, (await FlightSqlClient.ErrorAsync(async () =>
            await client.GetInfoAsync(FlightNode.Command(new DoPutUpdateResult()), CancellationToken.None))).Code);
        Assert.Equal(GrpcStatusCode.NotFound, (await FlightSqlClient.ErrorAsync(() => client.ReadAsync(new Ticket
        {
            Ticket_ = Any.Pack(new TicketStatementQuery { StatementHandle = ByteString.CopyFrom(new byte[20]) }).ToByteString(),
        }))).Code);
        Assert.Equal(GrpcStatusCode.Unimplemented, (await FlightSqlClient.ErrorAsync(async () =>
            await client.DoAsync("Dance", ByteString.Empty, CancellationToken.None))).Code);
    }
}
