using System.Diagnostics;
using Npgsql;
using VecSQL.Kit;
using Xunit.Abstractions;

namespace VecSQL.Clients.Tests;

/// <summary>Odd states of a cluster of processes: disks that are empty or older, a metadata store that is silent. Each ends as the guide says, and never in wrong answers.</summary>
public sealed class ClusterStateTests(ITestOutputHelper output) : IAsyncLifetime
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
    public async Task A_node_whose_disk_lost_its_last_writes_gets_them_again()
    {
        await StartAllAsync();
        ServerProcess one = _nodes[0], two = _nodes[1], three = _nodes[2];
        await three.KillAsync();
        string older = three.DataDirectory + "-older";
        Copy(three.DataDirectory, older);
        await three.RestartAsync(Settings(3));
        await UntilAsync(one, Caught("n3"), "0");
        await InsertAsync(one, 1, 300);
        await UntilAsync(one, Caught("n3"), "0"); // it has said that it has all of this
        await three.KillAsync();
        Directory.Delete(three.DataDirectory, recursive: true);
        Directory.Move(older, three.DataDirectory);
        await three.RestartAsync(Settings(3));
        await UntilAsync(three, "SELECT count(*) || ' ' || sum(id) FROM w", "300 45150");
        await UntilAsync(one, Caught("n3"), "0");
        foreach (ServerProcess away in new[] { one, two }) // each time what is left must have all
        {
            await away.KillAsync();
            await UntilAsync(three, "SELECT count(*) || ' ' || sum(id) FROM w", "300 45150");
            await away.RestartAsync(Settings(_nodes.IndexOf(away) + 1));
            await UntilAsync(three, Caught(away == one ? "n1" : "n2"), "0");
        }
    }

    [EtcdFact]
    public async Task A_node_whose_disk_is_empty_takes_the_place_of_the_one_it_was()
    {
        await StartAllAsync();
        ServerProcess one = _nodes[0], two = _nodes[1], three = _nodes[2];
        await InsertAsync(one, 1, 300);
        await three.KillAsync();
        Directory.Delete(three.DataDirectory, recursive: true);
        await three.RestartAsync(Settings(3));
        await UntilAsync(three, "SELECT count(*) || ' ' || sum(id) FROM w", "300 45150");
        await UntilAsync(one, "SELECT count(*) FROM vecsql.nodes WHERE name = 'n3' AND node = 4 AND replicas = 1", "1");
        await UntilAsync(one, "SELECT count(*) FROM vecsql.replicas WHERE name = 'n3' AND role = 'learner'", "0");
        await UntilAsync(one, Caught("n3"), "0");
        await one.KillAsync();
        await InsertAsync(two, 301, 310); // with the new one's word
        await UntilAsync(three, "SELECT count(*) || ' ' || sum(id) FROM w", "310 48205");
    }

    [EtcdFact]
    public async Task A_metadata_store_that_is_silent_stops_writes_and_reads_until_it_answers_and_loses_nothing()
    {
        await StartAllAsync();
        await InsertAsync(_nodes[0], 1, 20);
        await _etcd!.PauseAsync();
        long since = Stopwatch.GetTimestamp();
        int acknowledged = 20, refusals = 0;
        TimeSpan? refused = null;
        TimeSpan silence = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("VECSQL_SILENCE_SECONDS") ?? "8"));
        while (Stopwatch.GetElapsedTime(since) < silence)
        {
            try
            {
                using CancellationTokenSource patience = new(TimeSpan.FromSeconds(5));
                await using NpgsqlConnection connection = new(_nodes[acknowledged % 3].ConnectionString);
                await connection.OpenAsync(patience.Token);
                await using NpgsqlCommand command = new($"INSERT INTO w VALUES ({acknowledged + 1}) ON CONFLICT DO NOTHING; SELECT count(*) FROM w", connection);
                Assert.InRange((long)(await command.ExecuteScalarAsync(patience.Token))!, acknowledged, acknowledged + 1);
                Assert.True(refused is null, "it answers again, and nobody has said that it may");
                acknowledged++;
            }
            catch (Exception no) when (no is PostgresException { SqlState: "40001" or "57P03" or "08007" } or OperationCanceledException or NpgsqlException { InnerException: not null })
            {
                refused ??= Stopwatch.GetElapsedTime(since);
                refusals++;
            }
        }
        Assert.NotNull(refused);
        await _etcd.ContinueAsync();
        long answers = Stopwatch.GetTimestamp();
        await InsertAsync(_nodes[1], 1001, 1001);
        output.WriteLine($"etcd silent for {silence.TotalSeconds:F0} s: refused after {refused.Value.TotalMilliseconds:F0} ms, {refusals} times; " +
            $"written {Stopwatch.GetElapsedTime(answers).TotalMilliseconds:F0} ms after it answered again");
        foreach (ServerProcess node in _nodes)
            await UntilAsync(node, $"SELECT count(*) FROM w WHERE id <= {acknowledged}", acknowledged.ToString());
    }

    /// <summary>Three nodes, with a table that has a replica on each.</summary>
    private async Task StartAllAsync()
    {
        for (int i = 1; i <= 3; i++)
            _nodes.Add(await ServerProcess.StartAsync(environment: Settings(i)));
        await UntilAsync(_nodes[0], "SELECT count(*) FROM vecsql.nodes WHERE state <> 'unknown'", "3");
        await DoAsync(_nodes[0], "CREATE TABLE w (id int PRIMARY KEY)");
        await UntilAsync(_nodes[0], "SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "1 1 1");
    }

    /// <summary>How many replicas of a node lack something that is committed.</summary>
    private static string Caught(string node) => $"SELECT count(*) FROM vecsql.replicas WHERE name = '{node}' AND lag_entries IS DISTINCT FROM 0";

    private static Task InsertAsync(ServerProcess node, int first, int last) => DoAsync(node, $"INSERT INTO w SELECT generate_series({first}, {last})");

    private static void Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (string directory in Directory.GetDirectories(source))
            Copy(directory, Path.Combine(target, Path.GetFileName(directory)));
    }

    private Dictionary<string, string> Settings(int node) => new()
    {
        ["VECSQL_EXPERIMENTAL_CLUSTER"] = "on",
        ["VECSQL_CLUSTER"] = _etcd?.Address.ToString() ?? "",
        ["VECSQL_NODE_NAME"] = $"n{node}",
        ["VECSQL_ZONE"] = $"z{node}",
    };

    private static async Task<string?> AskAsync(ServerProcess node, string query)
    {
        await using NpgsqlConnection connection = new(node.ConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(query, connection);
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    private static async Task DoAsync(ServerProcess node, string script) => await RepeatAsync(node, async () =>
    {
        await AskAsync(node, script);
        return true;
    }, script);

    private static async Task UntilAsync(ServerProcess node, string query, string answer)
    {
        string? last = null;
        await RepeatAsync(node, async () => (last = await AskAsync(node, query)) == answer, () => $"{query}: {last}, not {answer}");
    }

    private static Task RepeatAsync(ServerProcess node, Func<Task<bool>> act, string what) => RepeatAsync(node, act, () => what);

    private static async Task RepeatAsync(ServerProcess node, Func<Task<bool>> act, Func<string> what)
    {
        using CancellationTokenSource late = new(Patience);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(100));
        string failure = "";
        while (true)
        {
            try
            {
                if (await act())
                    return;
            }
            catch (PostgresException passing) when (passing.SqlState is "40001" or "57P03")
            {
                failure = passing.MessageText;
            }
            Assert.False(late.IsCancellationRequested, $"{what()} {failure} {node.Errors}");
            await timer.WaitForNextTickAsync();
        }
    }
}
