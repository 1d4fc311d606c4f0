using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Kernels;

/// <summary>Which rows of a block may be nearer than a limit, by their one-bit codes.</summary>
/// <remarks>Shapes: sums[64], factors[3, 64] (Add, Rescale, Error) → 64 bits.</remarks>
internal static class CodeEstimate
{
    /// <param name="step">Of the query's table.</param>
    /// <param name="bias">Of the query's table.</param>
    /// <param name="cellPart">The cell's part of the distance.</param>
    /// <param name="reach">How far below the estimate a distance may be, in units of the rows' Error.</param>
    /// <returns>Bit i: row i's least distance is below the limit.</returns>
    internal static ulong Below(
        ReadOnlySpan<int> sums, ReadOnlySpan<float> factors, float step, float bias, float cellPart, float reach, float limit)
    {
        if (sums.Length != FastScan.BlockRows || factors.Length != 3 * FastScan.BlockRows)
            throw new ArgumentException($"{sums.Length} sums and {factors.Length} factors");
        ref int sum = ref MemoryMarshal.GetReference(sums);
        ref float factor = ref MemoryMarshal.GetReference(factors);
        ulong below = 0;
        for (nuint i = 0; i < FastScan.BlockRows; i += 16)
        {
            Vector512<float> subset = (Vector512.ConvertToSingle(Vector512.LoadUnsafe(ref sum, i)) * step) + Vector512.Create(bias);
            Vector512<float> least = Vector512.Create(cellPart) + Vector512.LoadUnsafe(ref factor, i)
                + (subset * Vector512.LoadUnsafe(ref factor, i + FastScan.BlockRows))
                - (Vector512.LoadUnsafe(ref factor, i + (2 * FastScan.BlockRows)) * reach);
            below |= Vector512.LessThan(least, Vector512.Create(limit)).ExtractMostSignificantBits() << (int)i;
        }
        return below;
    }
}
