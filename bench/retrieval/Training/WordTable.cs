using System.Text;
using VecSQL.Ml.Embedders;

namespace VecSQL.Bench.Retrieval.Training;

/// <summary>Writes words' vectors as <see cref="WordVectors"/> reads them.</summary>
internal static class WordTable
{
    internal static void Write(string file, Vocabulary vocabulary, float[][] vectors)
    {
        IReadOnlyList<string> words = vocabulary.Words;
        using FileStream stream = File.Create(file);
        using BinaryWriter writer = new(stream);
        int[] order = [.. Enumerable.Range(0, words.Count).OrderBy(word => WordVectors.KeyOf(words[word]))];
        writer.Write(Encoding.ASCII.GetBytes("VWRD"));
        writer.Write(words.Count);
        writer.Write(vectors[0].Length);
        foreach (int word in order)
            writer.Write(WordVectors.KeyOf(words[word]));
        foreach (int word in order)
            writer.Write(ScaleOf(vectors[word]));
        foreach (int word in order)
            writer.Write(WordVectors.ImportanceOf(vocabulary.Shares[word]));
        foreach (int word in order)
        {
            float scale = ScaleOf(vectors[word]);
            foreach (float value in vectors[word])
                writer.Write((sbyte)Math.Clamp(MathF.Round(value / Math.Max(scale, 1e-30f)), -127, 127));
        }
    }

    private static float ScaleOf(float[] vector) => vector.Max(MathF.Abs) / 127;
}
