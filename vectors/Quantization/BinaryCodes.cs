using System.Runtime.InteropServices;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Quantization;

/// <summary>What a one-bit code adds to an estimate: distance ≈ cell's part + Add + Rescale · (subset sum − half the sum),
/// give or take Error · |q − c|.</summary>
public readonly record struct CodeFactors(float Add, float Rescale, float Error);

/// <summary>One bit a dimension: the signs of a rotated residual, and factors that make of them an estimate of a distance.</summary>
/// <remarks>
/// With r = x − c the residual to its cell's centroid, P the rotation, s = sign(P·r) and a = Σ|(P·r)ᵢ| = ⟨P·r, s⟩, an unbiased
/// estimate of ⟨r, q − c⟩ is (|r|² / a)·⟨s, P·q − P·c⟩. The part with P·c is known when coding, so the query is rotated once for
/// all cells. ⟨s, y⟩ = 2·Σ{sᵢ = 1} yᵢ − Σ yᵢ.
/// Layout: blocks of 64 rows, see <see cref="FastScan"/>; bit j of a group's code is its dimension j.
/// Paper:  Gao and Long, "RaBitQ: Quantizing High-Dimensional Vectors with a Theoretical Error Bound for Approximate Nearest
///         Neighbor Search", arXiv 2405.12497.
/// </remarks>
public static class BinaryCodes
{
    /// <summary>Groups of six dimensions, even in number.</summary>
    internal static int GroupsOf(int paddedDimensions) =>
        (((paddedDimensions + FastScan.GroupDimensions - 1) / FastScan.GroupDimensions) + 1) & ~1;

    /// <summary>Bytes of a block of 64 rows.</summary>
    internal static int BlockBytes(int paddedDimensions) => GroupsOf(paddedDimensions) * FastScan.BlockRows;

    /// <summary>Codes one row.</summary>
    /// <param name="residual">P·(x − c).</param>
    /// <param name="centroid">P·c.</param>
    /// <param name="isInnerProduct">Estimates −q·x (the cell's part being −q·c) in place of |q − x|² (|q − c|²).</param>
    /// <param name="block">The row's block.</param>
    /// <param name="row">Its number in the block.</param>
    internal static CodeFactors Encode(
        ReadOnlySpan<float> residual, ReadOnlySpan<float> centroid, bool isInnerProduct, Span<byte> block, int row)
    {
        int place = row < 32 ? 2 * row : (2 * (row - 32)) + 1;
        double square = 0, absolute = 0, signedCentroid = 0, product = 0;
        for (int i = 0; i < residual.Length; i++)
        {
            double r = residual[i];
            square += r * r;
            product += r * centroid[i];
            if (r > 0)
            {
                absolute += r;
                signedCentroid += centroid[i];
                block[(i / FastScan.GroupDimensions * FastScan.BlockRows) + place] |= (byte)(1 << (i % FastScan.GroupDimensions));
            }
            else
            {
                absolute -= r;
                signedCentroid -= centroid[i];
            }
        }
        if (!(absolute > 0))
            return new CodeFactors(0, 0, 0); // the centroid itself
        double k = square / absolute; // of ⟨s, ·⟩, to estimate ⟨r, ·⟩
        double cosineSquare = absolute * absolute / (square * residual.Length);
        double error = Math.Sqrt(square * Math.Max(0, (1 / cosineSquare) - 1) / Math.Max(1, residual.Length - 1));
        return isInnerProduct
            ? new CodeFactors((float)((k * signedCentroid) - product), (float)(-2 * k), (float)error)
            : new CodeFactors((float)(square + (2 * k * signedCentroid)), (float)(-4 * k), (float)(2 * error));
    }
}

/// <summary>A query against one-bit codes. Threads: immutable; any.</summary>
public sealed class BinaryQuery
{
    private readonly byte[] _table;

    /// <param name="rotated">P·q.</param>
    public BinaryQuery(ReadOnlySpan<float> rotated)
    {
        const int part = FastScan.GroupDimensions / 2;
        int groups = BinaryCodes.GroupsOf(rotated.Length), parts = 2 * groups;
        float rangeMax = 0;
        double least = 0, sum = 0;
        for (int i = 0; i < parts; i++)
        {
            float range = 0;
            for (int j = i * part; j < Math.Min((i + 1) * part, rotated.Length); j++)
            {
                range += Math.Abs(rotated[j]);
                least += Math.Min(0, rotated[j]);
                sum += rotated[j];
            }
            rangeMax = Math.Max(rangeMax, range);
        }
        Step = rangeMax / FastScan.EntryMax;
        Bias = (float)(least - (sum / 2));
        _table = new byte[groups * FastScan.TableBytes];
        float inverse = Step > 0 ? 1 / Step : 0;
        for (int i = 0; i < parts; i++)
        {
            for (int subset = 0; subset < 8; subset++)
            {
                float value = 0; // above the least sum of the part
                for (int j = 0; j < part && (i * part) + j < rotated.Length; j++)
                {
                    float term = rotated[(i * part) + j];
                    value += (subset >> j & 1) == 1 ? Math.Max(0, term) : Math.Max(0, -term);
                }
                _table[(i * 8) + subset] = (byte)Math.Min(FastScan.EntryMax, (int)MathF.Round(value * inverse));
            }
        }
    }

    /// <summary>What one unit of a looked-up sum is worth.</summary>
    internal float Step { get; }

    /// <summary>What is added to a sum in steps to give the subset's sum less half of all.</summary>
    internal float Bias { get; }

    internal ReadOnlySpan<byte> Table => _table;
}
