using System.CommandLine;
using VecSQL.Bench.Models;

Option<int> texts = new("--texts") { Description = "Texts to embed", DefaultValueFactory = _ => 4000 };
Option<int> dimensions = new("--dimensions") { Description = "Width of the model", DefaultValueFactory = _ => 384 };
Option<int> layers = new("--layers") { Description = "Layers of the model", DefaultValueFactory = _ => 6 };
Option<int> rounds = new("--rounds") { Description = "Rounds, in turn", DefaultValueFactory = _ => 3 };
RootCommand root = new("Prints texts a second: models in process, alone and with several callers, beside batched calls from Node.")
{
    texts, dimensions, layers, rounds,
};
root.SetAction((parsed, _) => new ModelBench(parsed.GetValue(dimensions), parsed.GetValue(layers))
    .RunAsync(parsed.GetValue(texts), parsed.GetValue(rounds)));
return await root.Parse(args).InvokeAsync();
