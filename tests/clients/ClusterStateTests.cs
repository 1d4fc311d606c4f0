using System.Diagnostics;
using Npgsql;
using VecSQL.Kit;
using Xunit.Abstractions;

namespace VecSQL.Clients.Tests;

/// <summary>Odd states of a cluster of processes: disks that are empty or older, a metadata store that is silent or older. Each ends as the guide says.</summary>
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
        await UntilCaughtAsync("n3");
        await InsertAsync(one, 1, 300);
        await UntilCaughtAsync("n3"); // it has said that it has all of this
        await three.KillAsync();
        Directory.Delete(three.DataDirectory, recursive: true);
        Directory.Move(older, three.DataDirectory);
        await three.RestartAsync(Settings(3));
        await UntilAsync(three, "SELECT count(*) || ' ' || sum(id) FROM w", "300 45150");
        await UntilCaughtAsync("n3");
        foreach (ServerProcess away in new[] { one, two }) // each time what is left must have all
        {
            await away.KillAsync();
            await UntilAsync(three, "SELECT count(*) || ' ' || sum(id) FROM w", "300 45150");
            await away.RestartAsync(Settings(_nodes.IndexOf(away) + 1));
            await UntilCaughtAsync(away == one ? "n1" : "n2");
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
        await UntilCaughtAsync("n3");
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
            catch (Exception no) when (no is PostgresException { SqlState: "40001" or "57P03" or "08007" } or OperationCanceledException
                or NpgsqlException { InnerException: not null })
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

    [EtcdFact]
    public async Task A_metadata_store_from_an_older_backup_is_refused_until_the_last_state_is_back()
    {
        await StartAllAsync();
        string data = Path.Combine(_etcd!.Folder, "data"), backup = Path.Combine(_etcd.Folder, "backup"), last = Path.Combine(_etcd.Folder, "last");
        await _etcd.KillAsync();
        Copy(data, backup);
        await _etcd.RestartAsync();
        await InsertAsync(_nodes[0], 1, 40);
        await DoAsync(_nodes[1], "CREATE TABLE later (i int)");
        await UntilAsync(_nodes[2], "SELECT count(*) FROM later", "0");
        await _etcd.KillAsync();
        Directory.Move(data, last);
        Directory.Move(backup, data);
        await _etcd.RestartAsync();
        foreach (ServerProcess node in _nodes)
            await node.UntilEndedAsync(Patience); // and answers nothing until then but that it may not
        for (int i = 0; i < _nodes.Count; i++)
        {
            InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _nodes[i].RestartAsync(Settings(i + 1)));
            Assert.Contains("older backup", refused.Message);
        }
        await _etcd.KillAsync();
        Directory.Delete(data, recursive: true);
        Directory.Move(last, data);
        await _etcd.RestartAsync();
        await Task.WhenAll(_nodes.Select((node, i) => node.RestartAsync(Settings(i + 1))));
        foreach (ServerProcess node in _nodes)
            await UntilAsync(node, "SELECT (SELECT count(*) FROM w) || ' ' || (SELECT count(*) FROM later)", "40 0");
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

    /// <summary>Waits until a node's replica has all that is committed, as the primary's node knows it; all run.</summary>
    private async Task UntilCaughtAsync(string name)
    {
        string query = $"SELECT count(*) FROM vecsql.replicas WHERE name = '{name}' AND lag_entries = 0";
        await RepeatAsync(_nodes[0], async () =>
        {
            foreach (ServerProcess node in _nodes)
            {
                if (await AskAsync(node, query) == "1")
                    return true;
            }
            return false;
        }, $"{name} lags");
    }

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
