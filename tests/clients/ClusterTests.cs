using Npgsql;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>Nodes of a cluster as processes, with an etcd.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly List<ServerProcess> _nodes = [];
    private EtcdServer? _etcd;

    public async Task InitializeAsync()
    {
        if (EtcdServer.WhyMissing is null)
            _etcd = await EtcdServer.StartAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (ServerProcess node in _nodes)
            await node.DisposeAsync();
        if (_etcd is not null)
            await _etcd.DisposeAsync();
    }

    [EtcdFact]
    public async Task Nodes_see_who_joins_who_is_killed_and_who_stops()
    {
        ServerProcess one = await StartAsync("n1", "a"), two = await StartAsync("n2", "b"), three = await StartAsync("n3", "b");
        foreach (ServerProcess node in _nodes)
            await UntilAsync(node, "SELECT string_agg(node || name || zone || state, ' ' ORDER BY node) FROM vecsql.nodes", "1n1ahealthy 2n2bhealthy 3n3bhealthy");
        await UntilAsync(three, "SELECT count(*) FROM vecsql.nodes WHERE is_controller AND memory_bytes > 0 AND disk_bytes > 0", "1");
        Assert.Equal($"127.0.0.1:{two.Port}", await AskAsync(one, "SELECT sql_address FROM vecsql.nodes WHERE name = 'n2'"));
        await one.KillAsync();
        await UntilAsync(three, "SELECT state FROM vecsql.nodes WHERE name = 'n1'", "unhealthy");
        await UntilAsync(three, "SELECT count(*) FROM vecsql.nodes WHERE is_controller AND name <> 'n1'", "1");
        Assert.Equal(0, await two.StopAsync());
        await UntilAsync(three, "SELECT state FROM vecsql.nodes WHERE name = 'n2'", "unhealthy");
        await UntilAsync(three, "SELECT name FROM vecsql.nodes WHERE is_controller", "n3");
        await one.RestartAsync(Settings("n1", "a"));
        await UntilAsync(three, "SELECT state FROM vecsql.nodes WHERE name = 'n1'", "healthy");
        Assert.Equal("1", await AskAsync(one, "SELECT node FROM vecsql.nodes WHERE name = 'n1'"));
    }

    [EtcdFact]
    public async Task A_node_that_may_not_join_or_stay_says_why_and_ends()
    {
        ServerProcess one = await StartAsync("n1", "a");
        InvalidOperationException taken = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync("n1", "a"));
        Assert.Contains("a live node is called \"n1\"", taken.Message);
        Assert.Equal(0, await one.StopAsync());
        Dictionary<string, string> elsewhere = Settings("n1", "a");
        elsewhere["VECSQL_CLUSTER_NAME"] = "other";
        InvalidOperationException strange = await Assert.ThrowsAsync<InvalidOperationException>(() => one.RestartAsync(elsewhere));
        Assert.Contains("there is no such cluster", strange.Message);
    }

    [Fact]
    public async Task A_cluster_is_refused_unless_it_is_tried_on_purpose()
    {
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(
            environment: new Dictionary<string, string> { ["VECSQL_CLUSTER"] = "http://127.0.0.1:1", ["VECSQL_NODE_NAME"] = "n1" }));
        Assert.Contains("nodes share no tables yet", refused.Message);
    }

    private async Task<ServerProcess> StartAsync(string name, string zone)
    {
        ServerProcess node = await ServerProcess.StartAsync(environment: Settings(name, zone));
        _nodes.Add(node);
        return node;
    }

    private Dictionary<string, string> Settings(string name, string zone) => new()
    {
        ["VECSQL_EXPERIMENTAL_CLUSTER"] = "on",
        ["VECSQL_CLUSTER"] = _etcd?.Address.ToString() ?? "",
        ["VECSQL_NODE_NAME"] = name,
        ["VECSQL_ZONE"] = zone,
    };

    private static async Task<string?> AskAsync(ServerProcess node, string query)
    {
        await using NpgsqlConnection connection = new(node.ConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(query, connection);
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    /// <summary>Asks until the answer is this: what is waited for is other processes' work.</summary>
    private static async Task UntilAsync(ServerProcess node, string query, string answer)
    {
        using CancellationTokenSource late = new(Patience);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        string? last = null;
        try
        {
            while ((last = await AskAsync(node, query)) != answer)
                await timer.WaitForNextTickAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{query}: {last}, not {answer}: {node.Errors}");
        }
    }
}
