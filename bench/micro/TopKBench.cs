using BenchmarkDotNet.Attributes;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Bench.Micro;

/// <summary>Question: what does keeping the nearest add to a scan, for few and for many?</summary>
[MemoryDiagnoser]
public class TopKBench
{
    private readonly double[] _distances = new double[1_000_000];

    [Params(10, 1000, 100_000)] public int K { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        for (int i = 0; i < _distances.Length; i++)
            _distances[i] = random.NextDouble();
    }

    [Benchmark]
    public int Keep()
    {
        TopK top = new(K);
        for (int first = 0; first < _distances.Length; first += 4096)
            top.OfferRun(_distances.AsSpan(first, Math.Min(4096, _distances.Length - first)), first);
        return top.Sorted().Length;
    }
}
