using System.Numerics;

namespace VecSQL.Catalog.Values;

/// <summary>Powers of ten, and how many decimal digits a number has.</summary>
internal static class PowersOfTen
{
    /// <summary>10^38 is the last that an Int128 holds.</summary>
    internal const int SmallMax = 38;

    private const int CachedMax = 2048; // past it, numbers are rare enough to compute anew

    private static readonly UInt128[] SmallPowers = MakeSmall();
    private static readonly BigInteger[] BigPowers = new BigInteger[CachedMax + 1]; // zero: not made yet

    internal static Int128 Small(int exponent) => (Int128)SmallPowers[exponent];

    internal static BigInteger Big(int exponent)
    {
        if (exponent > CachedMax)
            return BigInteger.Pow(10, exponent);
        lock (BigPowers)
        {
            if (BigPowers[exponent].IsZero)
                BigPowers[exponent] = BigInteger.Pow(10, exponent);
            return BigPowers[exponent];
        }
    }

    /// <summary>Decimal digits of a number; 0 for zero.</summary>
    internal static int CountDigits(UInt128 value)
    {
        if (value == 0)
            return 0;
        int bits = 128 - (int)UInt128.LeadingZeroCount(value);
        int digits = (bits * 1233) >> 12; // 1233 / 4096 is a little more than log10(2)
        return digits <= SmallMax && value >= SmallPowers[digits] ? digits + 1 : digits;
    }

    internal static int CountDigits(BigInteger magnitude)
    {
        if (magnitude.IsZero)
            return 0;
        int digits = (int)((magnitude.GetBitLength() - 1) * 0.301029995663981195); // at most the true count
        return magnitude >= Big(digits) ? magnitude >= Big(digits + 1) ? digits + 2 : digits + 1 : digits;
    }

    private static UInt128[] MakeSmall()
    {
        var powers = new UInt128[SmallMax + 1];
        powers[0] = 1;
        for (int i = 1; i < powers.Length; i++)
            powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
