using System.CommandLine;
using VecSQL.Bench.EndToEnd;
using VecSQL.Bench.Kit;

Option<string[]> targets = new("--target")
{
    Description = "NAME=CONNECTION STRING of a server; give two to see ratios against the last",
    Required = true,
    AllowMultipleArgumentsPerToken = false,
};
Option<string[]> only = new("--only") { Description = "Workloads to run: " + string.Join(", ", Workloads.All.Select(work => work.Name)) };
Option<double> scale = new("--scale") { Description = "Share of the full row counts", DefaultValueFactory = _ => 1.0 };
Option<int> rounds = new("--rounds") { Description = "Rounds whose median counts", DefaultValueFactory = _ => 5 };

RootCommand root = new("Loads and queries the same data on any server that speaks PostgreSQL's protocol, and prints ratios.")
{
    targets, only, scale, rounds,
};
root.SetAction(async (parsed, cancellation) =>
{
    Target[] servers = (parsed.GetValue(targets) ?? []).Select(Target.Parse).ToArray();
    HashSet<string> wanted = (parsed.GetValue(only) ?? []).ToHashSet();
    Machine.Print(Console.Out);
    foreach (Workload work in Workloads.All.Where(work => wanted.Count == 0 || wanted.Contains(work.Name)))
        await Report.RunAsync(work, servers, parsed.GetValue(scale), parsed.GetValue(rounds), Console.Out, cancellation);
    return 0;
});
return await root.Parse(args).InvokeAsync();
