using System.CommandLine;
using VecSQL.Bench.Scaling;

Option<int> rows = new("--rows") { Description = "Rows of the table", DefaultValueFactory = _ => 200_000 };
Option<int> dimensions = new("--dimensions") { Description = "Of the vectors", DefaultValueFactory = _ => 128 };
Option<int> seconds = new("--seconds") { Description = "Of each measurement", DefaultValueFactory = _ => 10 };
Option<int> clients = new("--clients") { Description = "Connections, spread over the nodes", DefaultValueFactory = _ => 6 };
Option<double> share = new("--share") { Description = "Of a processor, for each node", DefaultValueFactory = _ => 0.5 };
Option<int[]> nodes = new("--nodes")
{
    Description = "Of the clusters", DefaultValueFactory = _ => [1, 2, 3], AllowMultipleArgumentsPerToken = true,
};
RootCommand root = new("Asks clusters of one to three nodes for neighbours in the same table, and tells what each part of that costs.")
{
    rows, dimensions, seconds, clients, share, nodes,
};
root.SetAction(async (parsed, _) =>
{
    ScalingOptions options = new(
        parsed.GetValue(rows), parsed.GetValue(dimensions), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(clients), parsed.GetValue(share));
    Console.WriteLine($"{options.Rows:N0} rows of {options.Dimensions} dimensions, {options.Clients} clients, {Environment.ProcessorCount} processors; " +
        CpuShare.Describe(options.Share));
    foreach (int count in parsed.GetValue(nodes) ?? [])
    {
        await using ScalingRun run = await ScalingRun.StartAsync(count, options);
        await run.RunAsync();
    }
});
return await root.Parse(args).InvokeAsync();
