namespace VecSQL.Bench.Retrieval.Training;

/// <summary>Which words stand near which: positive pointwise mutual information, row by row.</summary>
/// <remarks>
/// Words up to <see cref="Window"/> apart count, the less the farther.
/// Paper: Levy, Goldberg and Dagan, "Improving Distributional Similarity with Lessons Learned from Word Embeddings", 2015: contexts'
/// counts to the power of .75.
/// </remarks>
internal sealed class Cooccurrence
{
    private const int Window = 10;
    private const double ContextPower = 0.75;

    internal Cooccurrence(IEnumerable<int[]> texts, int wordCount)
    {
        var counts = new Dictionary<int, float>[wordCount];
        for (int word = 0; word < wordCount; word++)
            counts[word] = [];
        foreach (int[] text in texts)
        {
            for (int i = 0; i < text.Length; i++)
            {
                for (int j = i + 1; j < Math.Min(text.Length, i + Window + 1); j++)
                {
                    float share = 1f / (j - i);
                    counts[text[i]][text[j]] = counts[text[i]].GetValueOrDefault(text[j]) + share;
                    counts[text[j]][text[i]] = counts[text[j]].GetValueOrDefault(text[i]) + share;
                }
            }
        }
        double[] sums = [.. counts.Select(static row => row.Values.Sum(static value => (double)value))];
        double[] contexts = [.. sums.Select(static sum => Math.Pow(sum, ContextPower))];
        double all = contexts.Sum();
        Columns = new int[wordCount][];
        Values = new float[wordCount][];
        for (int word = 0; word < wordCount; word++)
        {
            List<(int Column, float Value)> row = [];
            foreach ((int column, float count) in counts[word].OrderBy(static count => count.Key))
            {
                double information = Math.Log(count * all / (sums[word] * contexts[column]));
                if (information > 0)
                    row.Add((column, (float)information));
            }
            Columns[word] = [.. row.Select(static entry => entry.Column)];
            Values[word] = [.. row.Select(static entry => entry.Value)];
            counts[word] = [];
        }
    }

    internal int[][] Columns { get; }

    internal float[][] Values { get; }
}
