using System.CommandLine;
using VecSQL.Bench.Models;

Option<int> texts = new("--texts") { Description = "Texts to embed, in all rounds together", DefaultValueFactory = _ => 20_000 };
Option<int> dimensions = new("--dimensions") { Description = "Width of the model", DefaultValueFactory = _ => 384 };
Option<int> layers = new("--layers") { Description = "Layers of the model", DefaultValueFactory = _ => 6 };
Option<int> rounds = new("--rounds") { Description = "Rounds, each with texts of its own", DefaultValueFactory = _ => 10 };
Option<int> threads = new("--threads") { Description = "Threads of a run", DefaultValueFactory = _ => Environment.ProcessorCount };
Option<bool> callers = new("--callers") { Description = "Also several callers of the library at once" };
RootCommand root = new("Prints texts a second: through a generated column and through the model library, beside batched calls from Node.")
{
    texts, dimensions, layers, rounds, threads, callers,
};
root.SetAction((parsed, _) => new ModelBench(
        parsed.GetValue(dimensions), parsed.GetValue(layers), parsed.GetValue(threads), parsed.GetValue(callers))
    .RunAsync(parsed.GetValue(texts), parsed.GetValue(rounds)));
return await root.Parse(args).InvokeAsync();
