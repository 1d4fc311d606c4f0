using Npgsql;
using VecSQL.Kit;

namespace VecSQL.SqlLogicTest.Tests;

/// <summary>The servers that the suites run on, started when first asked for.</summary>
public sealed class SuiteServers : IAsyncLifetime // which xunit disposes asynchronously, unlike IAsyncDisposable
{
    private const int NodeCount = 3, SaidMax = 4_000;

    private readonly Lazy<Task<ServerProcess>> _vecSql = new(() => ServerProcess.StartAsync());
    private readonly Lazy<Task<PostgresServer>> _postgres = new(() => PostgresServer.StartAsync());
    private readonly Lazy<Task<ServerProcess>> _last;
    private readonly List<ServerProcess> _nodes = [];
    private EtcdServer? _etcd;

    public SuiteServers() => _last = new Lazy<Task<ServerProcess>>(StartNodesAsync);

    public async Task<string> VecSqlAsync() => (await _vecSql.Value).ConnectionString;

    public async Task<string> PostgresAsync() => (await _postgres.Value).ConnectionString;

    /// <summary>The last node of a cluster, which began with another, so that tables which are whole are not this one's.</summary>
    public async Task<string> NodesAsync() => (await _last.Value).ConnectionString;

    /// <summary>What the cluster's nodes have said last.</summary>
    public string NodesSaid() => string.Concat(_nodes.Select(static (node, i) =>
        $"n{i + 1}: {Last(node.Errors)}{Last(node.Logged)}\n"));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_vecSql.IsValueCreated)
            await (await _vecSql.Value).DisposeAsync();
        if (_postgres.IsValueCreated)
            await (await _postgres.Value).DisposeAsync();
        foreach (ServerProcess node in _nodes)
            await node.DisposeAsync();
        if (_etcd is not null)
            await _etcd.DisposeAsync();
    }

    private static string Last(string text) => text.Length <= SaidMax ? text : text[^SaidMax..];

    private async Task<ServerProcess> StartNodesAsync()
    {
        _etcd = await EtcdServer.StartAsync("--unsafe-no-fsync");
        for (int i = 1; i <= NodeCount; i++)
        {
            _nodes.Add(await ServerProcess.StartAsync(environment: new Dictionary<string, string>
            {
                ["VECSQL_EXPERIMENTAL_CLUSTER"] = "on",
                ["VECSQL_CLUSTER"] = _etcd.Address.ToString(),
                ["VECSQL_NODE_NAME"] = $"n{i}",
            }));
        }
        await using NpgsqlConnection connection = new(_nodes[^1].ConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand count = new("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", connection);
        using CancellationTokenSource late = new(TimeSpan.FromMinutes(1));
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while (await count.ExecuteScalarAsync(late.Token) is not (long)NodeCount)
            await timer.WaitForNextTickAsync(late.Token);
        return _nodes[^1];
    }
}
