using Npgsql;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>Three nodes and an etcd: a table in four shards, docs, and one that is whole; clients are the last node's.</summary>
public sealed class FragmentNodes : IAsyncLifetime // which xunit disposes asynchronously, unlike IAsyncDisposable
{
    private ClusterProcesses? _cluster;

    private IReadOnlyList<ServerProcess> Nodes => _cluster?.Nodes ?? [];

    public async Task InitializeAsync()
    {
        if (EtcdServer.WhyMissing is not null)
            return;
        _cluster = await ClusterProcesses.StartAsync(nodes: 3, "--unsafe-no-fsync");
        ServerProcess last = Nodes[^1];
        await last.UntilAsync(AreHealthy, "3");
        await last.DoAsync("CREATE TABLE docs (id int PRIMARY KEY, name text, e vector(3)) WITH (shards = 4); CREATE TABLE whole (x int)");
        await last.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "5 5 5"); // the first shard began with one
        await last.DoAsync("INSERT INTO docs SELECT g, repeat('n', 2000) || g, array[g % 13, g % 7, g % 3]::vector FROM generate_series(1, 20000) g");
        await last.DoAsync("INSERT INTO whole SELECT generate_series(1, 40)");
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    public Task KillAsync(int node) => Nodes[node - 1].KillAsync();

    /// <summary>Starts it again, and waits until it is there.</summary>
    public async Task RestartAsync(int node)
    {
        await _cluster!.RestartAsync(Nodes[node - 1]);
        await Nodes[^1].UntilAsync(AreHealthy, "3");
    }

    /// <summary>Waits until a statement has the whole table locked at its node, or none has.</summary>
    public async Task UntilLockedAsync(bool isLocked)
    {
        await using NpgsqlConnection connection = await Nodes[0].OpenAsync();
        using CancellationTokenSource late = new(NodeQueries.Patience);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            bool isFree = true;
            try
            {
                await connection.AskAsync("BEGIN; LOCK TABLE whole IN ACCESS EXCLUSIVE MODE NOWAIT");
            }
            catch (PostgresException held) when (held.SqlState == "55P03")
            {
                isFree = false;
            }
            await connection.AskAsync("ROLLBACK");
            if (isFree != isLocked)
                return;
            await timer.WaitForNextTickAsync(late.Token);
        }
    }

    public Task<NpgsqlConnection> OpenAsync() => Nodes[^1].OpenAsync();

    public static async Task<string> LinesAsync(NpgsqlConnection connection, string query)
    {
        await using NpgsqlCommand command = new(query, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        List<string> lines = [];
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }

    private const string AreHealthy = "SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'";
}
