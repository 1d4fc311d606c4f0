namespace VecSQL.Bench.Chaos;

/// <summary>Something that is done to a cluster, and undone.</summary>
internal sealed record Fault(string Name, Func<Task> BeginAsync, Func<Task> EndAsync);

/// <summary>Chooses faults by a seed.</summary>
internal sealed class Faults(ChaosCluster cluster, Random random)
{
    /// <summary>A node whose disk is full ends itself when it next writes, which it does every few seconds.</summary>
    private static readonly TimeSpan DiskPatience = TimeSpan.FromMinutes(1);

    private readonly NetworkLab _network = cluster.Network;

    public static string[] Names { get; } =
    [
        "kill", "kill-two", "kill-all", "stop", "pause", "isolate", "isolate-from-nodes", "isolate-from-etcd", "split", "split-etcd-with-few", "deaf", "mute", "slow",
        "etcd-kill", "etcd-pause", "rolling-restart", "full-disk",
    ];

    public Fault Make(string name)
    {
        int one = random.Next(cluster.NodeCount), two = (one + random.Next(1, cluster.NodeCount)) % cluster.NodeCount, etcd = cluster.EtcdPlace;
        int[] few = cluster.NodeCount < 5 ? [one] : [one, two], others = [.. Enumerable.Range(0, cluster.NodeCount).Except([one])];
        int[] many = [.. Enumerable.Range(0, cluster.NodeCount).Except(few)], all = [.. Enumerable.Range(0, cluster.NodeCount)];
        return name switch
        {
            "kill" => Killed(name, [one]),
            "kill-two" => Killed(name, few),
            "kill-all" => Killed(name, all),
            "stop" => new Fault($"stop n{one + 1}", () => cluster.Node(one).StopAsync(), () => cluster.RestartAsync(one)),
            "pause" => new Fault($"pause n{one + 1}", () => cluster.Node(one).PauseAsync(), () => cluster.Node(one).ContinueAsync()),
            "isolate" => Divided($"isolate n{one + 1}", [one], [.. others, etcd], [one]),
            "isolate-from-nodes" => Divided($"isolate n{one + 1} from nodes", [one], others, []),
            "isolate-from-etcd" => Divided($"isolate n{one + 1} from etcd", [one], [etcd], [one]),
            "split" => Divided($"split {Named(few)} from the others and etcd", few, [.. many, etcd], few),
            "split-etcd-with-few" => Divided($"split {Named(few)} and etcd from the others", [.. few, etcd], many, many),
            "deaf" => Cut($"n{one + 1} hears nobody", [.. others.Append(etcd).Select(from => (from, one))], [one]),
            "mute" => Cut($"nobody hears n{one + 1}", [.. others.Append(etcd).Select(to => (one, to))], [one]),
            "slow" => new Fault($"slow link of n{one + 1}", () => _network.SlowAsync(one, 512), () => _network.HastenAsync(one)),
            "etcd-kill" => new Fault("kill etcd", () => EtcdGoneAsync(cluster.Etcd.KillAsync), () => EtcdBackAsync(cluster.Etcd.RestartAsync)),
            "etcd-pause" => new Fault("pause etcd", () => EtcdGoneAsync(cluster.Etcd.PauseAsync), () => EtcdBackAsync(cluster.Etcd.ContinueAsync)),
            "rolling-restart" => new Fault("restart one node after the other", RestartAllAsync, () => Task.CompletedTask),
            "full-disk" => new Fault($"full disk of n{one + 1}", FillAsync, FreeAsync),
            _ => throw new ArgumentException($"there is no fault \"{name}\": {string.Join(", ", Names)}"),
        };

        async Task RestartAllAsync()
        {
            foreach (int node in all)
            {
                await cluster.Node(node).StopAsync();
                await cluster.RestartAsync(node);
            }
        }

        async Task FillAsync()
        {
            await cluster.Disks.FillAsync(one);
            await cluster.Node(one).UntilEndedAsync(DiskPatience);
        }

        Task FreeAsync()
        {
            cluster.Disks.Free(one);
            return cluster.RestartAsync(one);
        }

        async Task EtcdGoneAsync(Func<Task> go)
        {
            await go();
            cluster.CutOff(all);
        }

        async Task EtcdBackAsync(Func<Task> come)
        {
            cluster.CutOff([]);
            await come();
        }
    }

    private Fault Killed(string name, int[] nodes) => new(
        $"{name} {Named(nodes)}", () => Task.WhenAll(nodes.Select(node => cluster.Node(node).KillAsync())), () => Task.WhenAll(nodes.Select(cluster.RestartAsync)));

    private Fault Divided(string name, int[] left, int[] right, int[] withoutEtcd) =>
        Cut(name, [.. left.SelectMany(l => right.SelectMany(r => ((int, int)[])[(l, r), (r, l)]))], withoutEtcd);

    private Fault Cut(string name, (int From, int To)[] cuts, int[] withoutEtcd) => new(name, async () =>
    {
        foreach ((int from, int to) in cuts)
            await _network.CutAsync(from, to);
        cluster.CutOff(withoutEtcd);
    }, () =>
    {
        cluster.CutOff([]);
        return _network.HealAsync();
    });

    private static string Named(IEnumerable<int> nodes) => string.Join(' ', nodes.Select(static node => $"n{node + 1}"));
}
