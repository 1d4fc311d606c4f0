using BenchmarkDotNet.Attributes;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Bench.Micro;

/// <summary>Question: how far is a scan over rows from a plain loop, in cache and from memory?</summary>
[MemoryDiagnoser]
public class DistanceScanBench
{
    private float[] _query = [], _rows = [];
    private double[] _distances = [];

    [Params(128, 768)] public int Dimensions { get; set; }

    /// <summary>Bytes of rows: 256 KiB stay in the second-level cache, 256 MiB do not stay in any.</summary>
    [Params(256 << 10, 256 << 20)] public int Bytes { get; set; }

    [Params(DistanceMetric.L2, DistanceMetric.Cosine)] public DistanceMetric Metric { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _query = Samples.Uniform(Dimensions, seed: 1);
        _distances = new double[Bytes / (Dimensions * sizeof(float))];
        _rows = Samples.Uniform(_distances.Length * Dimensions, seed: 2);
    }

    [Benchmark(Baseline = true)]
    public double PlainLoop()
    {
        for (int row = 0; row < _distances.Length; row++)
            _distances[row] = ScalarDistances.Between(Metric, _query, _rows.AsSpan(row * Dimensions, Dimensions));
        return _distances[^1];
    }

    [Benchmark]
    public double Scan()
    {
        Distances.Scan(Metric, _query, _rows, Dimensions, _distances.Length, _distances);
        return _distances[^1];
    }

    /// <summary>The limit: the rows are read and added up, no more.</summary>
    [Benchmark]
    public double ReadOnly()
    {
        ReadOnlySpan<System.Numerics.Vector<float>> words =
            System.Runtime.InteropServices.MemoryMarshal.Cast<float, System.Numerics.Vector<float>>(_rows);
        System.Numerics.Vector<float> a = default, b = default, c = default, d = default;
        for (int i = 0; i + 4 <= words.Length; i += 4)
        {
            a += words[i];
            b += words[i + 1];
            c += words[i + 2];
            d += words[i + 3];
        }
        return System.Numerics.Vector.Sum(a + b + c + d);
    }
}
