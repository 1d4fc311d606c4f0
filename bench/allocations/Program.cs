using System.CommandLine;
using VecSQL.Bench.Allocations;

Option<int> rows = new("--rows") { Description = "Vectors to search", DefaultValueFactory = _ => 100_000 };
RootCommand root = new("Prints how many bytes an execution of each operation allocates, beside its limit in bench/allocations.json.") { rows };
root.SetAction(async (parsed, _) =>
{
    IReadOnlyDictionary<string, long> limits = AllocationLimits.Read();
    foreach ((string name, long bytes) in await AllocationMeter.MeasureAsync(parsed.GetValue(rows)))
        Console.WriteLine($"{name,-14} {bytes,10:N0} bytes, at most {limits.GetValueOrDefault(name),10:N0}");
    return 0;
});
return await root.Parse(args).InvokeAsync();
