using VecSQL.Kit;

namespace VecSQL.SqlLogicTest.Tests;

/// <summary>The servers that the suites run on, started when first asked for.</summary>
public sealed class SuiteServers : IAsyncLifetime // which xunit disposes asynchronously, unlike IAsyncDisposable
{
    private const int NodeCount = 3, SaidMax = 4_000;

    private readonly Lazy<Task<ServerProcess>> _vecSql = new(() => ServerProcess.StartAsync());
    private readonly Lazy<Task<PostgresServer>> _postgres = new(() => PostgresServer.StartAsync());
    private readonly Lazy<Task<ServerProcess>> _last;
    private ClusterProcesses? _cluster;

    public SuiteServers() => _last = new Lazy<Task<ServerProcess>>(StartNodesAsync);

    public async Task<string> VecSqlAsync() => (await _vecSql.Value).ConnectionString;

    public async Task<string> PostgresAsync() => (await _postgres.Value).ConnectionString;

    /// <summary>The last node of a cluster, which began with another, so that tables which are whole are not this one's.</summary>
    public async Task<string> NodesAsync() => (await _last.Value).ConnectionString;

    /// <summary>What the cluster's nodes have said last.</summary>
    public string NodesSaid() => string.Concat((_cluster?.Nodes ?? []).Select(static (node, i) =>
        $"n{i + 1}: {Last(node.Errors)}{Last(node.Logged)}\n"));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_vecSql.IsValueCreated)
            await (await _vecSql.Value).DisposeAsync();
        if (_postgres.IsValueCreated)
            await (await _postgres.Value).DisposeAsync();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    private static string Last(string text) => text.Length <= SaidMax ? text : text[^SaidMax..];

    private async Task<ServerProcess> StartNodesAsync()
    {
        _cluster = await ClusterProcesses.StartAsync(NodeCount, "--unsafe-no-fsync");
        ServerProcess last = _cluster.Nodes[^1];
        await last.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", $"{NodeCount}");
        return last;
    }
}
