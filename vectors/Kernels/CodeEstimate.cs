using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Kernels;

/// <summary>Which rows of a block may be nearer than a limit, by their one-bit codes.</summary>
/// <remarks>Shapes: sums[64], factors[2, 64] (Add, Rescale) → 64 bits.</remarks>
internal static class CodeEstimate
{
    /// <param name="step">Of the query's table.</param>
    /// <param name="bias">What is added to a sum in steps; for a row with a negative Rescale the more of it, the lower the
    /// estimate, so a margin for errors is added here.</param>
    /// <param name="limit">Less the cell's part.</param>
    /// <returns>Bit i: row i's least distance is below the limit.</returns>
    internal static ulong Below(ReadOnlySpan<int> sums, ReadOnlySpan<float> factors, float step, float bias, float limit)
    {
        if (sums.Length != FastScan.BlockRows || factors.Length != 2 * FastScan.BlockRows)
            throw new ArgumentException($"{sums.Length} sums and {factors.Length} factors");
        ref int sum = ref MemoryMarshal.GetReference(sums);
        ref float factor = ref MemoryMarshal.GetReference(factors);
        ulong below = 0;
        for (nuint i = 0; i < FastScan.BlockRows; i += 16)
        {
            Vector512<float> subset = (Vector512.ConvertToSingle(Vector512.LoadUnsafe(ref sum, i)) * step) + Vector512.Create(bias);
            Vector512<float> least =
                (subset * Vector512.LoadUnsafe(ref factor, i + FastScan.BlockRows)) + Vector512.LoadUnsafe(ref factor, i);
            below |= Vector512.LessThan(least, Vector512.Create(limit)).ExtractMostSignificantBits() << (int)i;
        }
        return below;
    }
}
