using System.CommandLine;
using VecSQL.Bench.Rebalance;

Option<int> rows = new("--rows") { Description = "Rows of the table", DefaultValueFactory = _ => 1_000_000 };
Option<int> dimensions = new("--dimensions") { Description = "Of the vectors", DefaultValueFactory = _ => 128 };
Option<int> shards = new("--shards") { Description = "Of the table", DefaultValueFactory = _ => 4 };
Option<int> seconds = new("--seconds") { Description = "Of the workload before anything moves", DefaultValueFactory = _ => 30 };
Option<string> rate = new("--rate") { Description = "move_bytes_per_second", DefaultValueFactory = _ => "64MB" };
RootCommand root = new("Has a table rebalance onto a node that joins, under queries and writes, and tells what that costs them.")
{
    rows, dimensions, shards, seconds, rate,
};
root.SetAction(async (parsed, _) =>
{
    await using RebalanceRun run = await RebalanceRun.StartAsync(parsed.GetValue(rows), parsed.GetValue(dimensions), parsed.GetValue(shards), parsed.GetValue(rate) ?? "");
    return await run.RunAsync(TimeSpan.FromSeconds(parsed.GetValue(seconds))) ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
