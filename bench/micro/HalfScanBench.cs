using BenchmarkDotNet.Attributes;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Bench.Micro;

/// <summary>Question: what does reading halves cost beside reading floats of the same count?</summary>
[MemoryDiagnoser]
public class HalfScanBench
{
    private const int Dimensions = 768;
    private readonly float[] _query = Samples.Uniform(Dimensions, seed: 1);
    private Half[] _halfQuery = [], _halves = [];
    private float[] _rows = [];
    private double[] _distances = [];

    [Params(64, 50_000)] public int RowCount { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _rows = Samples.Uniform(RowCount * Dimensions, seed: 2);
        _halves = Array.ConvertAll(_rows, value => (Half)value);
        _halfQuery = Array.ConvertAll(_query, value => (Half)value);
        _distances = new double[RowCount];
    }

    [Benchmark(Baseline = true)]
    public void Floats() => Distances.Scan(DistanceMetric.L2, _query, _rows, Dimensions, RowCount, _distances);

    [Benchmark]
    public void Halves() => Distances.Scan(DistanceMetric.L2, _halfQuery, _halves, Dimensions, RowCount, _distances);
}
