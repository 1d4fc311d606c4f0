using System.Collections.Concurrent;
using System.Diagnostics;
using VecSQL.Bench.Retrieval.Texts;
using VecSQL.Ml.Embedders;

namespace VecSQL.Bench.Retrieval;

/// <summary>Prints how well each finds the right texts.</summary>
internal static class MeasureCommand
{
    internal static void Run(TextWriter output, IReadOnlyList<ITextEmbedder> embedders, int queriesMax)
    {
        output.WriteLine("| task | documents | queries | by | recall@10 | nDCG@10 | texts/s |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (TextTask texts in TextTasks.Read(isTest: true))
        {
            if (texts.Pairs.Count == 0)
                continue; // a machine that lacks them
            RetrievalTask task = new(texts, queriesMax);
            Measure(output, task, () => new Bm25Ranker(task.Documents, areWordsParted: false));
            Measure(output, task, () => new Bm25Ranker(task.Documents, areWordsParted: true));
            foreach (ITextEmbedder embedder in embedders)
                Measure(output, task, () => new EmbedderRanker(embedder, task.Documents));
        }
    }

    private static void Measure(TextWriter output, RetrievalTask task, Func<IRanker> make)
    {
        long start = Stopwatch.GetTimestamp();
        IRanker ranker = make();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        ConcurrentDictionary<int, int[]> rankings = [];
        Parallel.For(0, task.Queries.Count, i => rankings[i] = ranker.Rank(task.Queries[i].Text));
        Quality quality = new();
        for (int i = 0; i < task.Queries.Count; i++)
            quality.Add(rankings[i], task.Queries[i].Answers);
        output.WriteLine(FormattableString.Invariant(
            $"| {task.Name} | {task.Documents.Count} | {task.Queries.Count} | {ranker.Name} | {quality.Recall:F3} | {quality.Gain:F3} | {task.Documents.Count / seconds:F0} |"));
        output.Flush();
    }
}
