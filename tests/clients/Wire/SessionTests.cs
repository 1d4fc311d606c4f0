using VecSQL.Kit;

namespace VecSQL.Clients.Tests.Wire;

/// <summary>Sessions beside each other: cancelling, leaving, news, and many of them.</summary>
[Collection(ServerCollection.Name)]
public sealed class SessionTests(ServerFixture node)
{
    private const string Endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r";

    private int Port => node.Server.Port;

    [Fact]
    public async Task A_cancelled_statement_ends_and_the_session_goes_on()
    {
        await using RawClient client = await RawClient.ConnectAsync(Port);
        await client.AskAsync("BEGIN");
        await client.Query(Endless).SendAsync();
        Task<List<RawMessage>> answer = client.UntilReadyAsync();
        while (!answer.IsCompleted) // a request may arrive before the statement has begun
        {
            await CancelAsync(client.BackendId, client.SecretKey);
            await Task.WhenAny(answer, Task.Delay(50));
        }
        Assert.EndsWith("ERROR 57014 | ready E", RawClient.Draw(await answer), StringComparison.Ordinal);
        Assert.Equal("ROLLBACK | ready I", await client.AskAsync("ROLLBACK"));
        Assert.Equal("columns | row(1) | SELECT 1 | ready I", await client.AskAsync("SELECT 1"));
    }

    [Fact]
    public async Task A_wrong_key_cancels_nothing()
    {
        await using RawClient client = await RawClient.ConnectAsync(Port);
        await CancelAsync(client.BackendId, client.SecretKey ^ 1);
        await CancelAsync(-1, 0);
        Assert.Equal("columns | row(1) | SELECT 1 | ready I", await client.AskAsync("SELECT 1"));
    }

    /// <summary>Drivers send the request and close; the request counts all the same.</summary>
    [Fact]
    public async Task A_cancel_request_counts_when_its_sender_closes_at_once()
    {
        await using RawClient client = await RawClient.ConnectAsync(Port);
        await using RawClient watcher = await RawClient.ConnectAsync(Port);
        for (int round = 0; round < 10; round++)
        {
            await client.Query("SELECT pg_sleep(120)").SendAsync();
            Task<List<RawMessage>> answer = client.UntilReadyAsync();
            string running = $"SELECT 1 FROM pg_stat_activity WHERE pid = {client.BackendId} AND state = 'active'";
            while (!(await watcher.AskAsync(running)).Contains("row(1)", StringComparison.Ordinal))
                await Task.Yield();
            await using (RawClient request = await RawClient.OpenAsync(Port))
                await request.SendBytesAsync(RawClient.CancelRequest(client.BackendId, client.SecretKey));
            List<RawMessage> told = await answer.WaitAsync(TimeSpan.FromSeconds(60));
            Assert.EndsWith("ERROR 57014 | ready I", RawClient.Draw(told), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_client_that_vanishes_leaves_no_rows_and_no_locks()
    {
        await using RawClient client = await RawClient.ConnectAsync(Port);
        await client.AskAsync("DROP TABLE IF EXISTS wire_vanish");
        await client.AskAsync("CREATE TABLE wire_vanish (id int PRIMARY KEY, n int)");
        await client.AskAsync("INSERT INTO wire_vanish VALUES (1, 0)");
        RawClient leaving = await RawClient.ConnectAsync(Port);
        await leaving.AskAsync("BEGIN");
        Assert.Equal("UPDATE 1 | ready T", await leaving.AskAsync("UPDATE wire_vanish SET n = 9 WHERE id = 1"));
        Assert.Equal("INSERT 0 1 | ready T", await leaving.AskAsync("INSERT INTO wire_vanish VALUES (2, 9)"));
        leaving.Vanish();
        Assert.Equal("UPDATE 1 | ready I", await client.AskAsync("UPDATE wire_vanish SET n = n + 1 WHERE id = 1"));
        Assert.Equal("INSERT 0 1 | ready I", await client.AskAsync("INSERT INTO wire_vanish VALUES (2, 2)"));
        Assert.Equal("columns | row(1,1) | row(2,2) | SELECT 2 | ready I", await client.AskAsync("SELECT * FROM wire_vanish ORDER BY id"));
    }

    [Fact]
    public async Task A_client_that_vanishes_in_a_statement_ends_it()
    {
        await using RawClient client = await RawClient.ConnectAsync(Port);
        await client.AskAsync("DROP TABLE IF EXISTS wire_gone");
        await client.AskAsync("CREATE TABLE wire_gone (id int PRIMARY KEY)");
        RawClient leaving = await RawClient.ConnectAsync(Port);
        await leaving.AskAsync("BEGIN");
        await leaving.AskAsync("INSERT INTO wire_gone VALUES (1)");
        await leaving.Query(Endless).SendAsync();
        leaving.Vanish();
        Assert.Equal("INSERT 0 1 | ready I", await client.AskAsync("INSERT INTO wire_gone VALUES (1)"));
    }

    [Fact]
    public async Task A_terminated_session_is_told_so_and_closed_at_once()
    {
        await using RawClient client = await RawClient.ConnectAsync(Port);
        await using RawClient idle = await RawClient.ConnectAsync(Port);
        await idle.AskAsync("BEGIN");
        Assert.Equal("columns | row(t) | SELECT 1 | ready I",
            await client.AskAsync($"SELECT pg_terminate_backend({idle.BackendId})"));
        Assert.Equal("FATAL 57P01", RawClient.Draw(await idle.UntilReadyAsync())); // without asking; then closed

        await using RawClient busy = await RawClient.ConnectAsync(Port);
        await busy.AskAsync("CREATE TEMP TABLE wire_terminated (a int)");
        await busy.Query("COPY wire_terminated FROM STDIN").SendAsync();
        Assert.Equal("copy in", RawClient.Draw(await busy.ReadAsync(1)));
        await client.AskAsync($"SELECT pg_terminate_backend({busy.BackendId})");
        Assert.Equal("FATAL 57P01", RawClient.Draw(await busy.UntilReadyAsync()));
        Assert.Equal("columns | row(0) | SELECT 1 | ready I", await client.AskAsync(
            $"SELECT count(*) FROM pg_stat_activity WHERE pid IN ({idle.BackendId}, {busy.BackendId})"));
    }

    [Theory]
    [InlineData("SET idle_session_timeout = 100", "SET | ready I", "FATAL 57P05")]
    [InlineData("SET idle_in_transaction_session_timeout = 100; BEGIN", "SET | BEGIN | ready T", "FATAL 25P03")]
    public async Task An_idle_session_is_told_so_and_closed(string sql, string answer, string end)
    {
        await using RawClient client = await RawClient.ConnectAsync(Port);
        Assert.Equal(answer, await client.AskAsync(sql));
        Assert.Equal(end, RawClient.Draw(await client.UntilReadyAsync()));
    }

    [Fact]
    public async Task Notifications_cross_sessions_at_commit()
    {
        await using RawClient listener = await RawClient.ConnectAsync(Port);
        await using RawClient sender = await RawClient.ConnectAsync(Port);
        Assert.Equal("LISTEN | ready I", await listener.AskAsync("LISTEN wire_news"));
        await sender.AskAsync("BEGIN");
        await sender.AskAsync("NOTIFY wire_news, 'dropped'");
        await sender.AskAsync("ROLLBACK");
        await sender.AskAsync("BEGIN");
        Assert.Equal("columns | row() | SELECT 1 | ready T", await sender.AskAsync("SELECT pg_notify('wire_news', 'kept')"));
        await sender.AskAsync("COMMIT");
        Assert.Equal("notification wire_news,kept", RawClient.Draw(await listener.ReadAsync(1))); // without asking
        await listener.AskAsync("BEGIN");
        await sender.AskAsync("NOTIFY wire_news, 'late'");
        Assert.Equal("columns | row(1) | SELECT 1 | ready T", await listener.AskAsync("SELECT 1"));
        Assert.Equal("COMMIT | notification wire_news,late | ready I", await listener.AskAsync("COMMIT"));
        Assert.Equal("NOTIFY | notification wire_news,own | ready I", await listener.AskAsync("NOTIFY wire_news, 'own'"));
    }

    [Fact]
    public async Task Two_thousand_idle_connections_cost_little()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RawClient first = await RawClient.ConnectAsync(server.Port);
        const int Count = 2000;
        const long BytesMaxEach = 100 * 1024; // generous: code, pools and the collector's slack are in it
        long before = ResidentBytes(server.ProcessId);
        List<RawClient> clients = [];
        try
        {
            for (int n = 0; n < Count; n++)
                clients.Add(await RawClient.ConnectAsync(server.Port));
            Assert.Equal("columns | row(1) | SELECT 1 | ready I", await clients[^1].AskAsync("SELECT 1"));
            long each = (ResidentBytes(server.ProcessId) - before) / Count;
            Assert.True(each <= BytesMaxEach, $"{each} bytes a connection");
        }
        finally
        {
            foreach (RawClient client in clients)
                await client.DisposeAsync();
        }
        Assert.Equal("columns | row(2) | SELECT 1 | ready I", await first.AskAsync("SELECT 2"));
    }

    private async Task CancelAsync(int backendId, int secretKey)
    {
        await using RawClient request = await RawClient.OpenAsync(Port);
        await request.SendBytesAsync(RawClient.CancelRequest(backendId, secretKey));
        Assert.Null(await request.ReadAsync()); // closed without an answer
    }

    private static long ResidentBytes(int processId)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.GetProcessById(processId);
        return process.WorkingSet64;
    }
}
