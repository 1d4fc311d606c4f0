using System.Diagnostics;
using VecSQL.Bench.Retrieval.Texts;

namespace VecSQL.Bench.Retrieval.Training;

/// <summary>Learns the words' vectors from the part of the texts that the test does not have.</summary>
internal static class TrainCommand
{
    private const int Dimensions = 256, Seed = 1;
    private const double Smoothing = 1e-3;

    internal static void Run(TextWriter output, string file, int wordsMax, int rounds)
    {
        long start = Stopwatch.GetTimestamp();
        List<TextPair> pairs = [.. TextTasks.Read(isTest: false).SelectMany(static task => task.Pairs)];
        string[] texts = [.. pairs.SelectMany(static pair => (string[])[pair.Query, pair.Document]).Distinct()];
        Vocabulary vocabulary = new(texts, wordsMax);
        Say($"{pairs.Count} pairs, {texts.Length} texts, {vocabulary.Words.Count} words");
        Cooccurrence matrix = new(pairs.DistinctBy(static pair => pair.Document)
            .Select(pair => vocabulary.NumbersOf(pair.Query + " " + pair.Document)), vocabulary.Words.Count);
        Say($"{matrix.Values.Sum(static row => (long)row.Length)} neighbours");
        float[][] vectors = Factorization.Factorize(matrix, Dimensions, Seed);
        for (int word = 0; word < vectors.Length; word++)
        {
            // Words that many texts have say little. Paper: Arora, Liang and Ma, "A Simple but Tough-to-Beat Baseline", 2017.
            float weight = (float)(Smoothing / (Smoothing + vocabulary.Shares[word]));
            double length = Math.Sqrt(vectors[word].Sum(static value => (double)value * value));
            vectors[word] = [.. vectors[word].Select(value => (float)(value * weight / Math.Max(1e-9, length)))];
        }
        Say("factorised");
        (int[] Query, int[] Document)[] numbered =
            [.. pairs.Select(pair => (vocabulary.NumbersOf(pair.Query), vocabulary.NumbersOf(pair.Document)))
                .Where(static pair => pair.Item1.Length > 0 && pair.Item2.Length > 0)];
        ContrastiveTrainer trainer = new(vectors, rate: 0.003f);
        for (int round = 0; round < rounds; round++)
        {
            double loss = trainer.Run(numbered, Seed + round, rateShare: 1 - ((float)round / rounds));
            Say(FormattableString.Invariant($"round {round + 1}: loss {loss:F4}"));
            WordTable.Write(file, vocabulary, vectors);
        }

        void Say(string what) => output.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s: {what}");
    }
}
