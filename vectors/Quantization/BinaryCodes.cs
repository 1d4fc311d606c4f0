using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.InteropServices;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Quantization;

/// <summary>What a one-bit code adds to an estimate: distance ≈ cell's part + Add + Rescale · (subset sum − half the sum).</summary>
public readonly record struct CodeFactors(float Add, float Rescale);

/// <summary>One bit a dimension: the signs of a rotated residual, and factors that make of them an estimate of a distance.</summary>
/// <remarks>
/// With r = x − c the residual to its cell's centroid, P the rotation, s = sign(P·r) and a = Σ|(P·r)ᵢ| = ⟨P·r, s⟩, an unbiased
/// estimate of ⟨r, q − c⟩ is (|r|² / a)·⟨s, P·q − P·c⟩. The part with P·c is known when coding, so the query is rotated once for
/// all cells. ⟨s, y⟩ = 2·Σ{sᵢ = 1} yᵢ − Σ yᵢ.
/// Error:  the estimate of ⟨r, q − c⟩ has the standard error |q − c|·(|r|² / a)·√(1 − a² / (d·|r|²))·√(d / (d − 1)). After a random
///         rotation a² / (d·|r|²) is 2/π, give or take little, for all rows, so the error is <see cref="ErrorShare"/> of what the
///         row's factor makes of |q − c|, and no row need store its own.
/// Layout: blocks of 64 rows, see <see cref="FastScan"/>; bit j of a group's code is its dimension j. Behind a block's bits lie its
///         rows' Add, then their Rescale, 64 float32 each.
/// Paper:  Gao and Long, "RaBitQ: Quantizing High-Dimensional Vectors with a Theoretical Error Bound for Approximate Nearest
///         Neighbor Search", arXiv 2405.12497.
/// </remarks>
public static class BinaryCodes
{
    /// <summary>Groups of six dimensions, even in number.</summary>
    internal static int GroupsOf(int paddedDimensions) =>
        (((paddedDimensions + FastScan.GroupDimensions - 1) / FastScan.GroupDimensions) + 1) & ~1;

    /// <summary>√(1 − 2/π) / 2: of |Rescale|·|q − c|, which has ⟨s, y⟩ / 2 where the estimate has ⟨s, y⟩.</summary>
    internal const float ErrorShare = 0.3014f;

    /// <summary>Bytes of the bits of a block of 64 rows.</summary>
    internal static int BitBytes(int paddedDimensions) => GroupsOf(paddedDimensions) * FastScan.BlockRows;

    /// <summary>Bytes of a block of 64 rows, bits and factors.</summary>
    internal static int BlockBytes(int paddedDimensions) => BitBytes(paddedDimensions) + (2 * sizeof(float) * FastScan.BlockRows);

    /// <summary>Codes one row and writes its factors into its block.</summary>
    internal static void Write(
        ReadOnlySpan<float> residual, ReadOnlySpan<float> centroid, bool isInnerProduct, Span<byte> block, int row)
    {
        CodeFactors factors = Encode(residual, centroid, isInnerProduct, block, row);
        Span<float> all = MemoryMarshal.Cast<byte, float>(block[BitBytes(residual.Length)..]);
        (all[row], all[row + FastScan.BlockRows]) = (factors.Add, factors.Rescale);
    }

    /// <summary>Codes one row.</summary>
    /// <param name="residual">P·(x − c).</param>
    /// <param name="centroid">P·c.</param>
    /// <param name="isInnerProduct">Estimates −q·x (the cell's part being −q·c) in place of |q − x|² (|q − c|²).</param>
    /// <param name="block">The row's block.</param>
    /// <param name="row">Its number in the block.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
            return new CodeFactors(0, 0); // the centroid itself
        double k = square / absolute; // of ⟨s, ·⟩, to estimate ⟨r, ·⟩
        return isInnerProduct
            ? new CodeFactors((float)((k * signedCentroid) - product), (float)(-2 * k))
            : new CodeFactors((float)(square + (2 * k * signedCentroid)), (float)(-4 * k));
    }
}

/// <summary>A query against one-bit codes. Threads: immutable; any.</summary>
public sealed class BinaryQuery
{
    private readonly byte[] _table;
    private readonly byte[]? _wide;

    /// <param name="rotated">P·q.</param>
    public BinaryQuery(ReadOnlySpan<float> rotated)
    {
        const int part = FastScan.GroupDimensions / 2;
        int groups = BinaryCodes.GroupsOf(rotated.Length), parts = 2 * groups;
        float[] terms = new float[parts * part]; // with zeros behind
        rotated.CopyTo(terms);
        float rangeMax = 0;
        double absolute = 0, sum = 0;
        for (int i = 0; i < terms.Length; i += part)
        {
            (float x, float y, float z) = (terms[i], terms[i + 1], terms[i + 2]);
            float range = Math.Abs(x) + Math.Abs(y) + Math.Abs(z);
            rangeMax = Math.Max(rangeMax, range);
            absolute += range;
            sum += x + y + z;
        }
        Step = rangeMax / FastScan.EntryMax;
        Bias = (float)(-absolute / 2); // the least sum is (sum − absolute) / 2, and half the sum is taken off
        _table = new byte[groups * FastScan.TableBytes];
        float inverse = Step > 0 ? 1 / Step : 0;
        for (int i = 0; i < parts; i++)
            WriteSums(terms[i * part] * inverse, terms[(i * part) + 1] * inverse, terms[(i * part) + 2] * inverse, i * 8);
        if (BlockFilter.IsWide(groups))
            BlockFilter.Widen(_table, _wide = new byte[groups * BlockFilter.WideTableBytes]);
    }

    // The sums of the eight subsets of three terms, above the least of them: a term t adds (|t| + t) / 2 to those that have it,
    // (|t| − t) / 2 to the others.
    private void WriteSums(float x, float y, float z, int at)
    {
        Vector256<float> sums = Vector256.Create((Math.Abs(x) + Math.Abs(y) + Math.Abs(z)) / 2)
            + (Vector256.Create(-0.5f, 0.5f, -0.5f, 0.5f, -0.5f, 0.5f, -0.5f, 0.5f) * x)
            + (Vector256.Create(-0.5f, -0.5f, 0.5f, 0.5f, -0.5f, -0.5f, 0.5f, 0.5f) * y)
            + (Vector256.Create(-0.5f, -0.5f, -0.5f, -0.5f, 0.5f, 0.5f, 0.5f, 0.5f) * z);
        Vector256<int> entries = Vector256.Min(Vector256.Max(
            Vector256.ConvertToInt32(Vector256.Round(sums)), Vector256<int>.Zero), Vector256.Create(FastScan.EntryMax));
        Vector128<short> words = Vector128.Narrow(entries.GetLower(), entries.GetUpper());
        Vector128.Narrow(words, words).AsByte().GetLower().StoreUnsafe(ref _table[at]);
    }

    /// <summary>What one unit of a looked-up sum is worth.</summary>
    internal float Step { get; }

    /// <summary>What is added to a sum in steps to give the subset's sum less half of all.</summary>
    internal float Bias { get; }

    /// <summary>Groups of dimensions.</summary>
    internal int Groups => _table.Length / FastScan.TableBytes;

    /// <summary>As <see cref="FastScan"/> wants it.</summary>
    internal ReadOnlySpan<byte> NarrowTable => _table;

    /// <summary>As <see cref="BlockFilter"/> wants it.</summary>
    internal ReadOnlySpan<byte> Table => _wide ?? _table;
}
