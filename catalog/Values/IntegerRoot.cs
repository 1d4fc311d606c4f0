using System.Numerics;

namespace VecSQL.Catalog.Values;

/// <summary>Integer square roots of any size.</summary>
internal static class IntegerRoot
{
    /// <summary>The largest integer whose square is at most the value.</summary>
    internal static BigInteger Floor(BigInteger value)
    {
        if (value < 1L << 52)
            return (long)Math.Sqrt((double)(long)value);
        // Newton's method, from a start computed at half the size: each level doubles the correct bits.
        int half = (int)(value.GetBitLength() / 4);
        BigInteger root = (Floor(value >> (2 * half)) + 1) << half;
        while (true)
        {
            BigInteger next = (root + (value / root)) >> 1;
            if (next >= root)
                return root;
            root = next;
        }
    }
}
