using System.Diagnostics;
using Npgsql;
using VecSQL.Kit;
using Xunit.Abstractions;

namespace VecSQL.Clients.Tests;

/// <summary>Odd states of a cluster of processes: disks that are empty or older, a metadata store that is silent or older. Each ends as the guide says.</summary>
public sealed class ClusterStateTests(ITestOutputHelper output) : IAsyncLifetime
{
    private ClusterProcesses _cluster = null!;

    /// <summary>Three nodes, with a table that has a replica on each.</summary>
    public async Task InitializeAsync()
    {
        _cluster = await ClusterProcesses.StartAsync(nodes: 3);
        await Nodes[0].UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state <> 'unknown'", "3");
        await Nodes[0].DoAsync("CREATE TABLE w (id int PRIMARY KEY)");
        await Nodes[0].UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "1 1 1");
    }

    public Task DisposeAsync() => _cluster.DisposeAsync().AsTask();

    private IReadOnlyList<ServerProcess> Nodes => _cluster.Nodes;

    private EtcdServer Etcd => _cluster.Etcd;

    [EtcdFact]
    public async Task A_node_whose_disk_lost_its_last_writes_gets_them_again()
    {
        ServerProcess one = Nodes[0], two = Nodes[1], three = Nodes[2];
        await three.KillAsync();
        string older = three.DataDirectory + "-older";
        Copy(three.DataDirectory, older);
        await _cluster.RestartAsync(three);
        await UntilCaughtAsync("n3");
        await InsertAsync(one, 1, 300);
        await UntilCaughtAsync("n3"); // it has said that it has all of this
        await three.KillAsync();
        Directory.Delete(three.DataDirectory, recursive: true);
        Directory.Move(older, three.DataDirectory);
        await _cluster.RestartAsync(three);
        await three.UntilAsync("SELECT count(*) || ' ' || sum(id) FROM w", "300 45150");
        await UntilCaughtAsync("n3");
        foreach (ServerProcess away in new[] { one, two }) // each time what is left must have all
        {
            await away.KillAsync();
            await three.UntilAsync("SELECT count(*) || ' ' || sum(id) FROM w", "300 45150");
            await _cluster.RestartAsync(away);
            await UntilCaughtAsync(away == one ? "n1" : "n2");
        }
    }

    [EtcdFact]
    public async Task A_node_whose_disk_is_empty_takes_the_place_of_the_one_it_was()
    {
        ServerProcess one = Nodes[0], two = Nodes[1], three = Nodes[2];
        await InsertAsync(one, 1, 300);
        await three.KillAsync();
        Directory.Delete(three.DataDirectory, recursive: true);
        await _cluster.RestartAsync(three);
        await three.UntilAsync("SELECT count(*) || ' ' || sum(id) FROM w", "300 45150");
        await one.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE name = 'n3' AND node = 4 AND replicas = 1", "1");
        await one.UntilAsync("SELECT count(*) FROM vecsql.replicas WHERE name = 'n3' AND role = 'learner'", "0");
        await UntilCaughtAsync("n3");
        await one.KillAsync();
        await InsertAsync(two, 301, 310); // with the new one's word
        await three.UntilAsync("SELECT count(*) || ' ' || sum(id) FROM w", "310 48205");
    }

    [EtcdFact]
    public async Task A_metadata_store_that_is_silent_stops_writes_and_reads_until_it_answers_and_loses_nothing()
    {
        await InsertAsync(Nodes[0], 1, 20);
        await Etcd.PauseAsync();
        long since = Stopwatch.GetTimestamp();
        int acknowledged = 20, refusals = 0;
        TimeSpan? refused = null;
        TimeSpan silence = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("VECSQL_SILENCE_SECONDS") ?? "8"));
        while (Stopwatch.GetElapsedTime(since) < silence)
        {
            try
            {
                using CancellationTokenSource patience = new(TimeSpan.FromSeconds(5));
                await using NpgsqlConnection connection = new(Nodes[acknowledged % 3].ConnectionString);
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
        await Etcd.ContinueAsync();
        long answers = Stopwatch.GetTimestamp();
        await InsertAsync(Nodes[1], 1001, 1001);
        output.WriteLine($"etcd silent for {silence.TotalSeconds:F0} s: refused after {refused.Value.TotalMilliseconds:F0} ms, {refusals} times; " +
            $"written {Stopwatch.GetElapsedTime(answers).TotalMilliseconds:F0} ms after it answered again");
        foreach (ServerProcess node in Nodes)
            await node.UntilAsync($"SELECT count(*) FROM w WHERE id <= {acknowledged}", acknowledged.ToString());
    }

    [EtcdFact]
    public async Task A_metadata_store_from_an_older_backup_is_refused_until_the_last_state_is_back()
    {
        string data = Path.Combine(Etcd.Folder, "data"), backup = Path.Combine(Etcd.Folder, "backup"), last = Path.Combine(Etcd.Folder, "last");
        await Etcd.KillAsync();
        Copy(data, backup);
        await Etcd.RestartAsync();
        await InsertAsync(Nodes[0], 1, 40);
        await Nodes[1].DoAsync("CREATE TABLE later (i int)");
        await Nodes[2].UntilAsync("SELECT count(*) FROM later", "0");
        await Etcd.KillAsync();
        Directory.Move(data, last);
        Directory.Move(backup, data);
        await Etcd.RestartAsync();
        foreach (ServerProcess node in Nodes)
            await node.UntilEndedAsync(NodeQueries.Patience); // and answers nothing until then but that it may not
        for (int i = 0; i < Nodes.Count; i++)
        {
            InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _cluster.RestartAsync(Nodes[i]));
            Assert.Contains("older backup", refused.Message);
        }
        await Etcd.KillAsync();
        Directory.Delete(data, recursive: true);
        Directory.Move(last, data);
        await Etcd.RestartAsync();
        await Task.WhenAll(Nodes.Select(_cluster.RestartAsync));
        foreach (ServerProcess node in Nodes)
            await node.UntilAsync("SELECT (SELECT count(*) FROM w) || ' ' || (SELECT count(*) FROM later)", "40 0");
    }

    /// <summary>Waits until a node's replica has all that is committed, as the primary's node knows it; all run.</summary>
    private async Task UntilCaughtAsync(string name)
    {
        string query = $"SELECT count(*) FROM vecsql.replicas WHERE name = '{name}' AND lag_entries = 0";
        await Nodes[0].RepeatAsync(query, async () =>
        {
            foreach (ServerProcess node in Nodes)
            {
                if (await node.AskAsync(query) == "1")
                    return null;
            }
            return $"{name} lags";
        });
    }

    private static Task InsertAsync(ServerProcess node, int first, int last) => node.DoAsync($"INSERT INTO w SELECT generate_series({first}, {last})");

    private static void Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (string directory in Directory.GetDirectories(source))
            Copy(directory, Path.Combine(target, Path.GetFileName(directory)));
    }
}
