using System.Text;
using BenchmarkDotNet.Attributes;
using VecSQL.Ml.Embedders;

namespace VecSQL.Bench.Micro;

/// <summary>Question: how many short texts a second does the built-in embedder take, and does a text
/// allocate?</summary>
[MemoryDiagnoser]
public class EmbedderBench
{
    private const string Text =
        "Provides methods and properties used to compress and decompress streams by using the GZip data format.";
    private const int TextCount = 1000;
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Text, TextCount)));
    private readonly int[] _starts = [.. Enumerable.Range(0, TextCount).Select(i => i * Text.Length)];
    private readonly int[] _lengths = [.. Enumerable.Repeat(Text.Length, TextCount)];
    private readonly float[] _vectors = new float[TextCount * 384];

    [Benchmark(OperationsPerInvoke = TextCount)]
    public float Embed()
    {
        WordsEmbedder.Instance.Embed(_utf8, _starts, _lengths, _vectors);
        return _vectors[0];
    }
}
