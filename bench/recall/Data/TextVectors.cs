using System.Text;
using VecSQL.Ml.Embedders;
using VecSQL.Server.Demo;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Bench.Recall.Data;

/// <summary>Texts as vectors of the built-in embedder.</summary>
internal static class TextVectors
{
    /// <summary>The demo's texts: summaries in the API documentation that comes with the .NET SDK.</summary>
    /// <exception cref="FileNotFoundException">It is not on this machine.</exception>
    public static string[] OfDemo()
    {
        string[] texts = [.. ApiDocs.FindFiles().SelectMany(ApiDocs.Read).Select(doc => doc.Summary).Distinct()];
        return texts.Length > 0 ? texts : throw new FileNotFoundException("the .NET SDK's documentation files are missing");
    }

    /// <summary>The texts' vectors, some of them, drawn, as queries.</summary>
    public static (VectorSet Rows, VectorSet Queries) Embed(string[] texts, int queryCount, ulong seed)
    {
        string[] shuffled = [.. texts];
        SplitMix random = new(seed);
        for (int i = shuffled.Length - 1; i > 0; i--)
        {
            int drawn = random.Next(i + 1);
            (shuffled[i], shuffled[drawn]) = (shuffled[drawn], shuffled[i]);
        }
        int held = Math.Min(queryCount, texts.Length / 2);
        return (Embed(shuffled.AsSpan(held)), Embed(shuffled.AsSpan(0, held)));
    }

    private static VectorSet Embed(ReadOnlySpan<string> texts)
    {
        WordsEmbedder embedder = WordsEmbedder.Instance;
        float[] values = new float[texts.Length * embedder.Dimensions];
        for (int i = 0; i < texts.Length; i++)
        {
            byte[] text = Encoding.UTF8.GetBytes(texts[i]);
            embedder.Embed(text, [0], [text.Length], values.AsSpan(i * embedder.Dimensions, embedder.Dimensions));
        }
        return new VectorSet(embedder.Dimensions, values);
    }
}
