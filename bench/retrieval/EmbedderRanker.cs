using System.Numerics.Tensors;
using System.Text;
using VecSQL.Ml.Embedders;

namespace VecSQL.Bench.Retrieval;

/// <summary>The documents whose vectors have the least angle to the query's, by looking at all.</summary>
internal sealed class EmbedderRanker : IRanker
{
    private readonly ITextEmbedder _embedder;
    private readonly float[] _documents;

    internal EmbedderRanker(ITextEmbedder embedder, IReadOnlyList<string> documents)
    {
        _embedder = embedder;
        _documents = new float[documents.Count * embedder.Dimensions];
        Parallel.For(0, documents.Count, number => Embed(documents[number], VectorOf(number)));
    }

    public string Name => $"{_embedder.Name}@{_embedder.Version}";

    public int[] Rank(string query)
    {
        float[] vector = new float[_embedder.Dimensions];
        Embed(query, vector);
        int count = _documents.Length / _embedder.Dimensions;
        PriorityQueue<int, float> best = new();
        for (int number = 0; number < count; number++)
        {
            float likeness = TensorPrimitives.Dot(vector, VectorOf(number));
            if (best.Count < Quality.Depth)
                best.Enqueue(number, likeness);
            else
                best.EnqueueDequeue(number, likeness);
        }
        int[] ranking = new int[best.Count];
        for (int rank = ranking.Length - 1; rank >= 0; rank--)
            ranking[rank] = best.Dequeue();
        return ranking;
    }

    private Span<float> VectorOf(int number) => _documents.AsSpan(number * _embedder.Dimensions, _embedder.Dimensions);

    private void Embed(string text, Span<float> vector)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        _embedder.Embed(bytes, [0], [bytes.Length], vector);
    }
}
