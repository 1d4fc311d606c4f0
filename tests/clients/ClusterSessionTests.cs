using Npgsql;
using VecSQL.Clients.Tests.Wire;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>Sessions of one node as those of another see them, and what they leave when their node dies.</summary>
public sealed class ClusterSessionTests
{
    [EtcdFact]
    public async Task Sessions_of_all_nodes_are_seen_and_cancelled_at_any()
    {
        await using ClusterProcesses cluster = await ClusterProcesses.StartAsync(nodes: 2, "--unsafe-no-fsync");
        ServerProcess one = cluster.Nodes[0], two = cluster.Nodes[1];
        await one.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", "2");
        await one.DoAsync("CREATE ROLE guest LOGIN");

        await using RawClient sleeper = await RawClient.ConnectAsync(two.Port);
        foreach (Func<int, int, Task> cancel in new Func<int, int, Task>[]
        {
            async (pid, _) => Assert.Equal("True", await one.AskAsync($"SELECT pg_cancel_backend({pid})")),
            async (pid, key) => await CancelAsync(one.Port, pid, key), // as a client does that comes to another node by a balancer
        })
        {
            await sleeper.Query("SELECT pg_sleep(120)").SendAsync();
            Task<List<RawMessage>> told = sleeper.UntilReadyAsync();
            string seen = $"SELECT query || ' ' || datname FROM pg_stat_activity WHERE pid = {sleeper.BackendId} AND state = 'active'";
            await one.UntilAsync(seen, "SELECT pg_sleep(120) vecsql");
            await CancelAsync(one.Port, sleeper.BackendId, sleeper.SecretKey ^ 1); // which does nothing
            await RefusesAsync(one, sleeper.BackendId);
            await cancel(sleeper.BackendId, sleeper.SecretKey);
            Assert.EndsWith("ERROR 57014 | ready I", RawClient.Draw(await told.WaitAsync(NodeQueries.Patience)), StringComparison.Ordinal);
        }
        Assert.Equal("1", await one.AskAsync($"SELECT count(*) FROM pg_stat_ssl WHERE pid = {sleeper.BackendId} AND NOT ssl"));
        Assert.Equal("<insufficient privilege>", await AsGuestAsync(one, $"SELECT query FROM pg_stat_activity WHERE pid = {sleeper.BackendId}"));

        await using NpgsqlConnection guest = await GuestAsync(two);
        string? mine = await guest.AskAsync("SELECT pg_backend_pid()");
        Assert.Equal("True", await AsGuestAsync(one, $"SELECT pg_terminate_backend({mine})")); // which is the same role's
        await one.UntilAsync($"SELECT count(*) FROM pg_stat_activity WHERE pid = {mine}", "0");

        await two.KillAsync();
        await one.UntilAsync($"SELECT count(*) FROM pg_stat_activity WHERE pid = {sleeper.BackendId}", "0");
    }

    [EtcdFact]
    public async Task What_sessions_of_a_node_leave_that_dies_is_done_by_others_or_undone()
    {
        await using ClusterProcesses cluster = await ClusterProcesses.StartAsync(nodes: 3, "--unsafe-no-fsync");
        ServerProcess one = cluster.Nodes[0], three = cluster.Nodes[2];
        await one.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", "3");
        await one.DoAsync("CREATE TABLE d (id int, body text, e vector(384) GENERATED ALWAYS AS (embed(body)) STORED) WITH (embed_mode = 'async')");
        await one.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "1 1 1");

        await using NpgsqlConnection session = await three.OpenAsync();
        await session.AskAsync("CREATE TEMP TABLE mine AS SELECT 1 AS x");
        await session.AskAsync("INSERT INTO d SELECT n, repeat('of the number ' || n, 20) FROM generate_series(1, 20000) n");
        await three.KillAsync(); // before it can have embedded all of them
        await one.UntilAsync("SELECT count(*) FROM d WHERE e IS NULL", "0");

        Assert.Equal("1", await one.AskAsync("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'pg_temp%'"));
        await cluster.RestartAsync(three);
        await one.UntilAsync("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'pg_temp%'", "0");
        Assert.Equal("0", await one.AskAsync("SELECT count(*) FROM pg_class WHERE relname = 'mine'"));
    }

    private static async Task RefusesAsync(ServerProcess node, int session)
    {
        PostgresException refused = await Assert.ThrowsAsync<PostgresException>(() => AsGuestAsync(node, $"SELECT pg_cancel_backend({session})"));
        Assert.Equal("42501: must be a superuser to cancel superuser query", $"{refused.SqlState}: {refused.MessageText}");
    }

    private static async Task<string?> AsGuestAsync(ServerProcess node, string query)
    {
        await using NpgsqlConnection guest = await GuestAsync(node);
        return await guest.AskAsync(query);
    }

    private static async Task<NpgsqlConnection> GuestAsync(ServerProcess node)
    {
        NpgsqlConnection guest = new(new NpgsqlConnectionStringBuilder(node.ConnectionString) { Username = "guest" }.ConnectionString);
        await guest.OpenAsync();
        return guest;
    }

    private static async Task CancelAsync(int port, int session, int key)
    {
        await using RawClient request = await RawClient.OpenAsync(port);
        await request.SendBytesAsync(RawClient.CancelRequest(session, key));
        Assert.Null(await request.ReadAsync()); // closed without an answer
    }
}
