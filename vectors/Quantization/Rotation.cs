using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Quantization;

/// <summary>A random rotation: lengths and angles stay, coordinates become alike.</summary>
/// <remarks>
/// Four rounds of sign flips and fast Hadamard transforms, over the first and the last power of two in turn where the
/// dimensions are not one, each followed by a butterfly over the two halves.
/// Shapes: x[d] → y[<see cref="PaddedDimensions"/>], d rounded up to a multiple of 16 with zeros.
/// Paper:  Gao and Long, "RaBitQ", arXiv 2405.12497, with the transform in place of a dense matrix (Ailon and Chazelle,
///         "The Fast Johnson-Lindenstrauss Transform", 2009).
/// Cost:   about 4·d·log2(d) additions. Threads: immutable; any.
/// </remarks>
public sealed class Rotation
{
    private const int Rounds = 4, Multiple = 16;

    private readonly float[] _signs; // Rounds × PaddedDimensions, each 1 or −1

    /// <param name="seed">The same seed gives the same rotation in every build.</param>
    public Rotation(int dimensions, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        Dimensions = dimensions;
        PaddedDimensions = (dimensions + Multiple - 1) / Multiple * Multiple;
        _signs = new float[Rounds * PaddedDimensions];
        SplitMix random = new(seed);
        for (int i = 0; i < _signs.Length; i++)
            _signs[i] = (random.Next() >> 63) == 0 ? 1 : -1;
    }

    public int Dimensions { get; }

    public int PaddedDimensions { get; }

    /// <exception cref="ArgumentException">A length is not what it must be.</exception>
    public void Apply(ReadOnlySpan<float> x, Span<float> y)
    {
        if (x.Length != Dimensions || y.Length != PaddedDimensions)
            throw new ArgumentException($"{x.Length} and {y.Length} floats for {Dimensions} and {PaddedDimensions}");
        x.CopyTo(y);
        y[Dimensions..].Clear();
        int block = 1 << (31 - int.LeadingZeroCount(PaddedDimensions)); // the greatest power of two in it
        for (int round = 0; round < Rounds; round++)
        {
            Hadamard.Multiply(y, _signs.AsSpan(round * PaddedDimensions, PaddedDimensions));
            Hadamard.Transform(y.Slice((round & 1) == 0 ? 0 : PaddedDimensions - block, block));
            if (block < PaddedDimensions)
                Hadamard.MixHalves(y);
        }
    }
}
