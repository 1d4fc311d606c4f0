using Npgsql;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>Three nodes and an etcd: a table in four shards, docs, and one that is whole; clients are the last node's.</summary>
public sealed class FragmentNodes : IAsyncLifetime // which xunit disposes asynchronously, unlike IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly List<ServerProcess> _nodes = [];
    private EtcdServer? _etcd;

    public async Task InitializeAsync()
    {
        if (EtcdServer.WhyMissing is not null)
            return;
        _etcd = await EtcdServer.StartAsync("--unsafe-no-fsync");
        for (int node = 1; node <= 3; node++)
            _nodes.Add(await ServerProcess.StartAsync(environment: Settings(node)));
        await UntilAsync("SELECT (count(*) = 3)::text FROM vecsql.nodes WHERE state = 'healthy'", "true");
        await UntilAsync("CREATE TABLE docs (id int PRIMARY KEY, name text, e vector(3)) WITH (shards = 4); CREATE TABLE whole (x int); SELECT 'made'", "made");
        await UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "5 5 5"); // the first shard began with one
        await UntilAsync("INSERT INTO docs SELECT g, repeat('n', 2000) || g, array[g % 13, g % 7, g % 3]::vector FROM generate_series(1, 20000) g; SELECT 'there'", "there");
        await UntilAsync("INSERT INTO whole SELECT generate_series(1, 40); SELECT 'there'", "there");
    }

    public async Task DisposeAsync()
    {
        foreach (ServerProcess node in _nodes)
            await node.DisposeAsync();
        if (_etcd is not null)
            await _etcd.DisposeAsync();
    }

    public Task KillAsync(int node) => _nodes[node - 1].KillAsync();

    /// <summary>Starts it again, and waits until it is there.</summary>
    public async Task RestartAsync(int node)
    {
        await _nodes[node - 1].RestartAsync(Settings(node));
        await UntilAsync("SELECT (count(*) = 3)::text FROM vecsql.nodes WHERE state = 'healthy'", "true");
    }

    /// <summary>Waits until a statement has the whole table locked at its node, or none has.</summary>
    public async Task UntilLockedAsync(bool isLocked)
    {
        await using NpgsqlConnection connection = await OpenAsync(_nodes[0]);
        using CancellationTokenSource late = new(Patience);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            bool isFree = true;
            try
            {
                await AskAsync(connection, "BEGIN; LOCK TABLE whole IN ACCESS EXCLUSIVE MODE NOWAIT");
            }
            catch (PostgresException held) when (held.SqlState == "55P03")
            {
                isFree = false;
            }
            await AskAsync(connection, "ROLLBACK");
            if (isFree != isLocked)
                return;
            await timer.WaitForNextTickAsync(late.Token);
        }
    }

    public async Task<NpgsqlConnection> OpenAsync(ServerProcess? node = null)
    {
        NpgsqlConnection connection = new((node ?? _nodes[^1]).ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public static async Task<string?> AskAsync(NpgsqlConnection connection, string query)
    {
        await using NpgsqlCommand command = new(query, connection);
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    public static async Task<string> LinesAsync(NpgsqlConnection connection, string query)
    {
        await using NpgsqlCommand command = new(query, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        List<string> lines = [];
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }

    private Dictionary<string, string> Settings(int node) => new()
    {
        ["VECSQL_EXPERIMENTAL_CLUSTER"] = "on", ["VECSQL_CLUSTER"] = _etcd?.Address.ToString() ?? "", ["VECSQL_NODE_NAME"] = $"n{node}",
    };

    /// <summary>Asks the last node until the answer is this: what is waited for is other processes' work.</summary>
    private async Task UntilAsync(string query, string answer)
    {
        using CancellationTokenSource late = new(Patience);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                await using NpgsqlConnection connection = await OpenAsync();
                if (await AskAsync(connection, query) == answer)
                    return;
            }
            catch (PostgresException passing) when (passing.SqlState is "40001" or "57P03")
            {
                // It is asked again.
            }
            await timer.WaitForNextTickAsync(late.Token);
        }
    }
}
