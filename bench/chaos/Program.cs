using System.CommandLine;
using System.Security.Cryptography;
using VecSQL.Bench.Chaos;
using VecSQL.Kit;

Option<int> nodes = new("--nodes") { Description = "Of the cluster", DefaultValueFactory = _ => 5 };
Option<double> minutes = new("--minutes") { Description = "How long rounds go on", DefaultValueFactory = _ => 5 };
Option<int> seed = new("--seed") { Description = "What faults and values come from", DefaultValueFactory = _ => RandomNumberGenerator.GetInt32(int.MaxValue) };
Option<string[]> only = new("--only") { Description = $"Of {string.Join(", ", Faults.Names)}; otherwise all", AllowMultipleArgumentsPerToken = true };
Option<string?> replication = new("--replication") { Description = "Of the tables: quorum, sync, semi-sync, or async, which counts what is lost" };
replication.AcceptOnlyFromAmong("quorum", "sync", "semi-sync", "async");
Option<bool> hold = new("--hold") { Description = "Leave the cluster as it is after a violation, until a line is typed" };
RootCommand root = new("Breaks a cluster of real processes in rounds, under clients, and checks what they were told against what is there.")
{
    nodes, minutes, seed, only, replication, hold,
};
root.SetAction(async (parsed, _) =>
{
    if ((NetworkLab.WhyMissing ?? DiskLab.WhyMissing ?? EtcdServer.WhyMissing) is { } missing)
    {
        Console.Error.WriteLine(missing);
        return 2;
    }
    if (await NetworkLab.RunInsideAsync(args) is { } ended)
        return ended;
    Random random = new(parsed.GetValue(seed));
    string[] names = parsed.GetValue(only) is { Length: > 0 } chosen ? chosen : Faults.Names;
    Findings findings = new(Console.Out);
    findings.Say($"seed {parsed.GetValue(seed)}");
    await using ChaosCluster cluster = await ChaosCluster.StartAsync(parsed.GetValue(nodes));
    await new ChaosRun(cluster, findings, random, parsed.GetValue(replication)).RunAsync(Endless(names, random), TimeSpan.FromMinutes(parsed.GetValue(minutes)));
    if (findings.ViolationCount == 0)
        return 0;
    if (parsed.GetValue(hold))
        Console.ReadLine();
    for (int node = 0; node < cluster.NodeCount; node++)
        Console.WriteLine($"n{node + 1} said:\n{cluster.Node(node).Logged}{cluster.Node(node).Errors}");
    return 1;
});
return await root.Parse(args).InvokeAsync();

// Each once in a new order, again and again.
static IEnumerable<string> Endless(string[] names, Random random)
{
    while (true)
    {
        random.Shuffle(names);
        foreach (string name in names)
            yield return name;
    }
}
