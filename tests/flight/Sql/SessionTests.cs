using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;
using VecSQL.Flight.Protocol.Sql;
using VecSQL.Flight.Sql;
using VecSQL.Flight.Transport;
using VecSQL.Kit;

namespace VecSQL.Flight.Tests.Sql;

/// <summary>What sessions keep for their clients, and how they end.</summary>
public sealed class SessionTests : FlightTest
{
    [Fact]
    public async Task A_statement_that_there_is_no_handle_for_is_not_kept()
    {
        FlightSession session = Node.Session();
        HandleTable handles = new();
        for (int i = 0; i < HandleTable.HandlesMax; i++)
            handles.Add(new TransactionHandle(session));
        SqlException refused = await Assert.ThrowsAsync<SqlException>(async () => await new PreparedStatements(handles).CreateAsync(session, "SELECT 1", default));
        Assert.Equal("53400", refused.State.ToString());
        Assert.Equal("SELECT 0", await session.RunAsync(running => running.ExecuteAsync("SELECT name FROM pg_prepared_statements", default), default));
        await handles.CloseAllAsync();
        await session.ReleaseAsync();
    }

    [Fact]
    public async Task What_a_session_keeps_is_held_to_a_limit_and_given_back()
    {
        using FlightClient client = Node.Connect();
        await client.AuthenticateAsync("vecsql", "", CancellationToken.None);
        List<IpcMessage> messages = FlightSqlClient.Texts("$1", 100, 1 << 20);
        ByteString first = await client.PrepareAsync("SELECT length($1::text)"), second = await client.PrepareAsync("SELECT $1::text");
        await BindAsync(client, first, messages);
        await BindAsync(client, first, messages);
        FlightInfo rows = await client.GetInfoAsync(
            FlightNode.Command(new CommandPreparedStatementQuery { PreparedStatementHandle = first }), CancellationToken.None);
        await BindAsync(client, second, messages);
        await BindAsync(client, first, FlightSqlClient.Texts("$1", 1, 1));
        Assert.InRange(Node.Database.ClientMemory.UsedBytes, 200 << 20, 256 << 20); // the ticket's are kept
        Assert.Equal((GrpcStatusCode.ResourceExhausted, "53200"), await FlightSqlClient.ErrorAsync(() => BindAsync(client, first, messages)));
        Assert.Equal((GrpcStatusCode.ResourceExhausted, "53200"), await FlightSqlClient.ErrorAsync(() => client.GetInfoAsync(
            FlightNode.Command(new CommandStatementQuery { Query = "SELECT 1 --" + new string('x', 40 << 20) }), CancellationToken.None).AsTask()));
        Assert.Equal(Enumerable.Repeat((1 << 20).ToString(), 100), await client.ReadAsync(rows.Endpoint[0].Ticket));
        await BindAsync(client, first, messages);
        await CloseAsync(client, first);
        await CloseAsync(client, second);
        Assert.Equal(0, Node.Database.ClientMemory.UsedBytes);
    }

    [Fact]
    public async Task Vectors_are_counted_as_long_as_they_are()
    {
        using FlightClient client = Node.Connect();
        ByteString statement = await client.PrepareAsync("SELECT $1::vector");
        await BindAsync(client, statement, FlightSqlClient.Vectors("$1", 100, 10_000));
        Assert.InRange(Node.Database.ClientMemory.UsedBytes, 100 * 40_000, 110 * 40_000);
        await CloseAsync(client, statement);
        Assert.Equal(0, Node.Database.ClientMemory.UsedBytes);
    }

    [Fact]
    public async Task What_all_sessions_keep_is_held_to_a_limit()
    {
        MemoryBudget node = new("a node", 100);
        FlightSession one = Node.Session(memory: node), other = Node.Session(memory: node);
        one.Keep(60);
        SqlException refused = Assert.Throws<SqlException>(() => other.Keep(60));
        Assert.Equal(("53200", "Failed on request of 60 bytes with 0 kept for the session, of 268435456, and 60 for all, of 100."),
            (refused.State.ToString(), refused.Detail));
        one.Forget(60);
        other.Keep(60);
        await one.ReleaseAsync();
        await other.ReleaseAsync();
    }

    [Fact]
    public async Task Parameters_of_a_statement_that_was_closed_while_they_came_are_not_kept()
    {
        FlightSession session = Node.Session();
        HandleTable handles = new();
        ActionCreatePreparedStatementResult made = await new PreparedStatements(handles).CreateAsync(session, "SELECT $1::int", default);
        PreparedHandle statement = handles.Require<PreparedHandle>(made.PreparedStatementHandle, session.Login, "prepared statement");
        ParameterSets sets = new(session);
        sets.Reserve(1000);
        await handles.CloseAsync(made.PreparedStatementHandle);
        Assert.Equal(GrpcStatusCode.NotFound, Assert.Throws<GrpcException>(() => statement.Bind(sets)).Code);
        Assert.False(sets.TryHold());
        Assert.Equal(0, Node.Database.ClientMemory.UsedBytes);
        await session.ReleaseAsync();
    }

    [Fact]
    public async Task Statements_of_a_session_that_the_node_has_ended_hold_up_no_others_end()
    {
        ManualTime clock = new();
        FlightOptions options = new() { Time = clock };
        FlightSession ended = Node.Session(options), other = Node.Session(options);
        HandleTable handles = new();
        PreparedStatements prepared = new(handles);
        ByteString[] ids =
        [
            (await prepared.CreateAsync(ended, "SELECT 1", default)).PreparedStatementHandle,
            (await prepared.CreateAsync(ended, "SELECT 2", default)).PreparedStatementHandle,
            (await prepared.CreateAsync(other, "SELECT 3", default)).PreparedStatementHandle,
        ];
        await ended.RunAsync(running => running.ExecuteAsync("SET application_name = 'mine'", default), default);
        await Node.RunAsync("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = 'mine'");
        clock.Advance(options.IdleTimeout * 2);
        await handles.CloseExpiredAsync();
        Assert.All(ids, id => Assert.Null(handles.Find<PreparedHandle>(id, other.Login)));
        await ended.ReleaseAsync();
        await other.ReleaseAsync();
    }

    [Fact]
    public async Task A_session_that_cannot_be_ended_keeps_nobody_waiting()
    {
        FlightSession session = Node.Session(open: options => EndlessSession.Of(Node.Database.OpenSession(options)));
        await session.RunAsync(running => running.ExecuteAsync("SELECT 1", default), default);
        await Assert.ThrowsAsync<IOException>(async () => await session.ReleaseAsync());
        SqlException closed = await Assert.ThrowsAsync<SqlException>(async () =>
            await session.RunAsync(running => running.ExecuteAsync("SELECT 1", default), default));
        Assert.Equal("08003", closed.State.ToString());
    }

    [Fact]
    public async Task What_waits_for_a_session_that_is_closed_runs_no_more()
    {
        FlightSession session = Node.Session();
        TaskCompletionSource begun = new(), ending = new();
        Task running = session.RunAsync(async _ =>
        {
            begun.SetResult();
            await ending.Task;
        }, default).AsTask();
        await begun.Task;
        Task<string> waiting = session.RunAsync(other => other.ExecuteAsync("SELECT 1", default), default).AsTask();
        Task closing = session.DisposeAsync().AsTask();
        ending.SetResult();
        await running;
        Assert.Equal("08003", (await Assert.ThrowsAsync<SqlException>(() => waiting)).State.ToString());
        await closing;
    }

    private static Task<long> BindAsync(FlightClient client, ByteString statement, IReadOnlyList<IpcMessage> messages) =>
        client.PutAsync(new CommandPreparedStatementQuery { PreparedStatementHandle = statement }, messages);

    private static async Task CloseAsync(FlightClient client, ByteString statement) => await client.DoAsync(
        "ClosePreparedStatement", Any.Pack(new ActionClosePreparedStatementRequest { PreparedStatementHandle = statement }).ToByteString(), CancellationToken.None);
}
