using System.Numerics;
using System.Runtime.InteropServices;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Bench.Recall.Data;

/// <summary>Vectors such as models make: overlapping clusters of uneven sizes on a bent surface of few dimensions, and noise.</summary>
/// <remarks>
/// Law:    a row is drawn from one of some thousand clusters, of which some are many times as likely as others, in a space of
///         <see cref="LatentDimensions"/> axes whose spread decays; random weights and a bend that flattens large values make
///         the coordinates of it, each with a scale of its own; noise is added to each.
/// Seeds:  a row follows from the seed and its number alone, so that 100,000 rows are the first of a million.
///         Additions, products, quotients and square roots only: the same floats on every machine.
/// Threads: any number, each makes rows of its own.
/// </remarks>
internal sealed class ClusteredGenerator
{
    public const int ClusterCountDefault = 2000;

    private const float Noise = 0.1f;

    private readonly int _dimensions;
    private readonly ulong _seed;
    private readonly double[] _shares; // cluster c is drawn where a number from 0 to 1 is below the c-th and no earlier
    private readonly float[] _centers, _widths, _spreads, _weights, _offsets, _scales;

    public ClusteredGenerator(int dimensions, ulong seed, int clusterCount = ClusterCountDefault)
    {
        (_dimensions, _seed) = (dimensions, seed);
        LatentDimensions = Math.Min(dimensions, dimensions < 512 ? 24 : 32);
        SplitMix random = new(seed);
        _spreads = new float[LatentDimensions];
        float sum = 0;
        for (int j = 0; j < _spreads.Length; j++)
        {
            _spreads[j] = 1 / MathF.Sqrt(1 + (j / 3f));
            sum += _spreads[j] * _spreads[j];
        }
        _shares = Shares(clusterCount);
        _centers = new float[clusterCount * LatentDimensions];
        for (int i = 0; i < _centers.Length; i++)
            _centers[i] = _spreads[i % LatentDimensions] * Normal(ref random);
        _widths = Uniform(ref random, clusterCount, 0.5f, 1f);
        _weights = new float[LatentDimensions * dimensions];
        float gain = 1 / MathF.Sqrt(sum);
        for (int i = 0; i < _weights.Length; i++)
            _weights[i] = gain * Normal(ref random);
        _offsets = Uniform(ref random, dimensions, -0.5f, 0.5f);
        _scales = Uniform(ref random, dimensions, 0.6f, 1.4f);
    }

    public int LatentDimensions { get; }

    /// <summary>The first rows.</summary>
    public VectorSet Rows(int count, int threads) => Make(0, count, threads);

    /// <summary>Queries: drawn by the same law, none of them a row.</summary>
    public VectorSet Queries(int count, int threads) => Make(1UL << 40, count, threads);

    private VectorSet Make(ulong first, int count, int threads)
    {
        const int Piece = 1024;
        float[] values = new float[checked(count * _dimensions)];
        Parallel.For(0, (count + Piece - 1) / Piece, new ParallelOptions { MaxDegreeOfParallelism = threads }, piece =>
        {
            float[] latent = new float[LatentDimensions];
            for (int row = piece * Piece; row < Math.Min(count, (piece + 1) * Piece); row++)
                Write(first + (ulong)row, latent, values.AsSpan(row * _dimensions, _dimensions));
        });
        return new VectorSet(_dimensions, values);
    }

    private void Write(ulong number, float[] latent, Span<float> target)
    {
        SplitMix mixed = new(number), random = new(_seed ^ mixed.Next());
        int cluster = Array.BinarySearch(_shares, random.Next() * (1.0 / ulong.MaxValue));
        cluster = Math.Min(cluster < 0 ? ~cluster : cluster, _shares.Length - 1);
        for (int j = 0; j < latent.Length; j++)
        {
            latent[j] = _centers[(cluster * latent.Length) + j]
                + (_widths[cluster] * _spreads[j] * Normal(ref random));
        }
        _offsets.CopyTo(target);
        for (int j = 0; j < latent.Length; j++)
            AddScaled(target, _weights.AsSpan(j * _dimensions, _dimensions), latent[j]);
        for (int i = 0; i < target.Length; i++)
        {
            float bent = target[i] / MathF.Sqrt(1 + (target[i] * target[i]));
            target[i] = _scales[i] * (bent + (Noise * Normal(ref random)));
        }
    }

    // A product, then a sum, never one of the machine's fused steps, which would round differently.
    private static void AddScaled(Span<float> target, ReadOnlySpan<float> source, float factor)
    {
        Span<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(target);
        ReadOnlySpan<Vector<float>> wideSource = MemoryMarshal.Cast<float, Vector<float>>(source);
        for (int i = 0; i < wide.Length; i++)
            wide[i] += wideSource[i] * factor;
        for (int i = wide.Length * Vector<float>.Count; i < target.Length; i++)
            target[i] += source[i] * factor;
    }

    // The c-th largest cluster is as likely as 1 ÷ √(c + 8), so that the first are some ten times as large as the last.
    private static double[] Shares(int count)
    {
        double[] shares = new double[count];
        double sum = 0;
        for (int cluster = 0; cluster < count; cluster++)
            shares[cluster] = sum += 1 / Math.Sqrt(cluster + 8);
        for (int cluster = 0; cluster < count; cluster++)
            shares[cluster] /= sum;
        return shares;
    }

    private static float[] Uniform(ref SplitMix random, int count, float least, float most)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = least + ((most - least) * (random.Next() >> 40) / (1 << 24));
        return values;
    }

    // Four numbers of 16 bits added up are near enough to the normal law.
    private static float Normal(ref SplitMix random)
    {
        ulong bits = random.Next();
        int sum = (int)(bits & 0xffff) + (int)(bits >> 16 & 0xffff) + (int)(bits >> 32 & 0xffff) + (int)(bits >> 48);
        const float Mean = 2 * 65535f, Inverse = 1 / 37837.23f; // a standard deviation: √(4 ÷ 12) · 65536
        return (sum - Mean) * Inverse;
    }
}
