using System.CommandLine;
using VecSQL.Bench.Retrieval.Training;
using VecSQL.Ml.Embedders;

namespace VecSQL.Bench.Retrieval;

/// <summary>The program's verbs.</summary>
internal static class RetrievalCommand
{
    internal static RootCommand Build()
    {
        Option<int> queries = new("--queries") { Description = "Queries of a task at most", DefaultValueFactory = static _ => 4000 };
        Command measure = new("measure", "Finds held-out texts by BM25 and by the built-in embedder") { queries };
        measure.SetAction(result => MeasureCommand.Run(Console.Out, [WordsEmbedder.Instance], result.GetValue(queries)));
        Option<string> table = new("--table") { Description = "Where the table is written", DefaultValueFactory = static _ => "ml/Embedders/words.bin" };
        Option<int> words = new("--words") { Description = "Words of the table at most", DefaultValueFactory = static _ => 24_000 };
        Option<int> rounds = new("--rounds") { Description = "Rounds through all pairs", DefaultValueFactory = static _ => 5 };
        Command train = new("train", "Learns the table of words from the other texts") { table, words, rounds };
        train.SetAction(result => TrainCommand.Run(Console.Out, result.GetValue(table) ?? "", result.GetValue(words), result.GetValue(rounds)));
        return new RootCommand("Measures the built-in embedder, and learns its table of words") { measure, train };
    }
}
