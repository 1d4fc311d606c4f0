using System.Numerics.Tensors;

namespace VecSQL.Bench.Retrieval.Training;

/// <summary>Moves words' vectors so that texts which belong together are nearer each other than others.</summary>
/// <remarks>
/// A text's vector is the sum of its words' by the roots of their counts, brought to length 1. Of a batch of pairs, each text is to find
/// its own among all others' by cosine: the loss is the cross entropy both ways (InfoNCE).
/// Paper: van den Oord, Li and Vinyals, "Representation Learning with Contrastive Predictive Coding", 2018; Kingma and Ba, "Adam", 2015,
/// with moments only of the words that a batch has.
/// </remarks>
internal sealed class ContrastiveTrainer
{
    private const int BatchSize = 384;
    private const float Temperature = 0.05f, Beta1 = 0.9f, Beta2 = 0.99f;

    private readonly float[][] _vectors, _first, _second, _gradients;
    private readonly int _dimensions;
    private readonly float _rate;

    internal ContrastiveTrainer(float[][] vectors, float rate)
    {
        _vectors = vectors;
        _rate = rate;
        _dimensions = vectors[0].Length;
        _first = Zeros(vectors.Length);
        _second = Zeros(vectors.Length);
        _gradients = Zeros(vectors.Length);
    }

    /// <summary>Goes once through the pairs, in an order of chance; gives the mean loss.</summary>
    internal double Run(IReadOnlyList<(int[] Query, int[] Document)> pairs, int seed, float rateShare)
    {
        int[] order = [.. Enumerable.Range(0, pairs.Count)];
        new Random(seed).Shuffle(order);
        double loss = 0;
        int batches = 0;
        for (int start = 0; start + BatchSize <= order.Length; start += BatchSize, batches++)
        {
            var batch = new (int[] Query, int[] Document)[BatchSize];
            for (int i = 0; i < BatchSize; i++)
                batch[i] = pairs[order[start + i]];
            loss += Step(batch, _rate * rateShare);
        }
        return loss / batches;
    }

    private double Step((int[] Query, int[] Document)[] batch, float rate)
    {
        Encoded[] queries = new Encoded[BatchSize], documents = new Encoded[BatchSize];
        Parallel.For(0, BatchSize, i =>
        {
            queries[i] = Encode(batch[i].Query);
            documents[i] = Encode(batch[i].Document);
        });
        float[][] likeness = new float[BatchSize][];
        Parallel.For(0, BatchSize, i =>
        {
            likeness[i] = new float[BatchSize];
            for (int j = 0; j < BatchSize; j++)
                likeness[i][j] = TensorPrimitives.Dot<float>(queries[i].Vector, documents[j].Vector) / Temperature;
        });
        double loss = ToSlopes(likeness);
        // d loss / d query i = Σj slope(i,j)·document j, and the other way round.
        Parallel.For(0, BatchSize, i =>
        {
            for (int j = 0; j < BatchSize; j++)
            {
                TensorPrimitives.MultiplyAdd(documents[j].Vector, likeness[i][j], queries[i].Slope, queries[i].Slope);
                TensorPrimitives.MultiplyAdd(queries[j].Vector, likeness[j][i], documents[i].Slope, documents[i].Slope);
            }
        });
        HashSet<int> touched = [];
        foreach (Encoded text in (Encoded[])[.. queries, .. documents])
            Spread(text, touched);
        int[] words = [.. touched];
        Parallel.For(0, words.Length, i => Update(words[i], rate));
        return loss;
    }

    /// <summary>Makes of likenesses the slopes of the loss.</summary>
    private static double ToSlopes(float[][] likeness)
    {
        double loss = 0;
        float[][] slopes = new float[BatchSize][];
        float[] column = new float[BatchSize], soft = new float[BatchSize];
        for (int i = 0; i < BatchSize; i++)
        {
            slopes[i] = new float[BatchSize];
            TensorPrimitives.SoftMax<float>(likeness[i], slopes[i]);
            loss -= Math.Log(slopes[i][i] + 1e-20);
            slopes[i][i] -= 1;
        }
        for (int j = 0; j < BatchSize; j++)
        {
            for (int i = 0; i < BatchSize; i++)
                column[i] = likeness[i][j];
            TensorPrimitives.SoftMax<float>(column, soft);
            loss -= Math.Log(soft[j] + 1e-20);
            soft[j] -= 1;
            for (int i = 0; i < BatchSize; i++)
                slopes[i][j] = (slopes[i][j] + soft[i]) / (2 * BatchSize * Temperature);
        }
        slopes.CopyTo(likeness, 0);
        return loss / (2 * BatchSize);
    }

    private Encoded Encode(int[] words)
    {
        Encoded text = new(new float[_dimensions], new float[_dimensions],
            [.. words.GroupBy(static word => word).Select(static group => (group.Key, MathF.Sqrt(group.Count())))]);
        foreach ((int word, float weight) in text.Words)
            TensorPrimitives.MultiplyAdd(_vectors[word], weight, text.Vector, text.Vector);
        text.Length = Math.Max(1e-6f, TensorPrimitives.Norm<float>(text.Vector));
        TensorPrimitives.Divide(text.Vector, text.Length, text.Vector);
        return text;
    }

    /// <summary>From a text's slope to its words': what lies along the vector makes no difference to its direction.</summary>
    private void Spread(Encoded text, HashSet<int> touched)
    {
        float along = TensorPrimitives.Dot<float>(text.Slope, text.Vector);
        TensorPrimitives.MultiplyAdd(text.Vector, -along, text.Slope, text.Slope);
        foreach ((int word, float weight) in text.Words)
        {
            touched.Add(word);
            TensorPrimitives.MultiplyAdd(text.Slope, weight / text.Length, _gradients[word], _gradients[word]);
        }
    }

    private void Update(int word, float rate)
    {
        float[] gradient = _gradients[word], first = _first[word], second = _second[word], vector = _vectors[word];
        for (int j = 0; j < gradient.Length; j++)
        {
            first[j] = (Beta1 * first[j]) + ((1 - Beta1) * gradient[j]);
            second[j] = (Beta2 * second[j]) + ((1 - Beta2) * gradient[j] * gradient[j]);
            vector[j] -= rate * first[j] / (MathF.Sqrt(second[j]) + 1e-8f);
        }
        Array.Clear(gradient);
    }

    private float[][] Zeros(int count) => [.. Enumerable.Range(0, count).Select(_ => new float[_dimensions])];

    private sealed record Encoded(float[] Vector, float[] Slope, (int Word, float Weight)[] Words)
    {
        internal float Length { get; set; }
    }
}
