using System.CommandLine;
using VecSQL.Bench.Mining;

Option<int> rows = new("--rows") { Description = "Rows, and as many queries", DefaultValueFactory = _ => 100_000 };
Option<int> dimensions = new("--dimensions") { Description = "Of the vectors", DefaultValueFactory = _ => 128 };
Option<ulong> seed = new("--seed") { Description = "What the rows come from", DefaultValueFactory = _ => 1 };
Option<string> only = new("--only") { Description = "answers or files; both otherwise", DefaultValueFactory = _ => "" };
RootCommand root = new("Compares what a node mines with an exact computation of its own, for every anchor, and files of one seed with each other.")
{
    rows, dimensions, seed, only,
};
root.SetAction(async (parsed, _) =>
{
    SampleRows sample = SampleRows.Make(parsed.GetValue(rows), parsed.GetValue(dimensions), parsed.GetValue(seed));
    await using MiningNode node = await MiningNode.StartAsync(sample);
    bool isRight = true;
    if (parsed.GetValue(only) != "files")
        isRight &= await new AnswerCheck(node, sample, Console.Out).RunAsync();
    if (parsed.GetValue(only) != "answers")
        isRight &= await new FileCheck(node, Console.Out).RunAsync();
    return isRight ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
