namespace VecSQL.Catalog.Formats;

/// <summary>The shortest digits of a float that lead back to it, for numbers of the size that vectors are made of.</summary>
/// <remarks>
/// The number, multiplied by a power of ten so that nine digits are before the point, lies between two bounds halfway to its
/// neighbours. While a multiple of ten lies strictly between the bounds too, the last digit can go; what is left is rounded to the
/// nearest. All of it is exact in 64 bits, since the power of two in the power of ten only moves the point.
/// Source: Ryu (Adams 2018) finds the same digits for all numbers, with tables of powers.
/// </remarks>
internal static class ShortSingle
{
    /// <summary>The bounds of the numbers that are taken: at least the first and below the second.</summary>
    internal const float From = 1e-4f, Below = 1e6f;

    private const int DigitsMax = 9;

    private const int ExponentMin = -4; // decimal, of From

    private static ReadOnlySpan<uint> PowersOfFive =>
        [125, 625, 3125, 15_625, 78_125, 390_625, 1_953_125, 9_765_625, 48_828_125, 244_140_625];

    private static ReadOnlySpan<float> PowersOfTen => [1e-4f, 1e-3f, 1e-2f, 1e-1f, 1, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f];

    /// <summary>The digits as a whole number, which is the value once multiplied by a power of ten.</summary>
    /// <param name="value">Positive, within the bounds.</param>
    internal static uint Digits(float value, out int powerOfTen)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value), fraction = bits & 0x7F_FFFF;
        int power = 0; // of ten at or below the value
        while (value >= PowersOfTen[power + 1])
            power++;
        int scale = DigitsMax - 1 - (power + ExponentMin); // the power of ten to multiply by
        ulong five = PowersOfFive[scale - 3];
        int shift = 150 - (int)(bits >> 23) + 2 - scale;
        ulong quarters = (fraction | 0x80_0000) * 4ul; // of the distance to the next number
        ulong middle = quarters * five;
        uint high = (uint)(((quarters + 2) * five - 1) >> shift); // the greatest below the upper bound
        uint low = (uint)((quarters - (fraction == 0 ? 1u : 2u)) * five >> shift) + 1; // the least above the lower
        uint rest = (uint)(middle >> shift);
        ulong below = middle & ((1ul << shift) - 1), half = 1ul << (shift - 1);
        bool isUp = below > half || (below == half && (rest & 1) == 1);
        bool isExact = below == 0;
        int dropped = 0;
        for (uint l = (low + 9) / 10, h = high / 10; l <= h; l = (low + 9) / 10, h = high / 10)
        {
            (low, high) = (l, h);
            (rest, uint digit) = Math.DivRem(rest, 10u);
            isUp = digit > 5 || (digit == 5 && (!isExact || (rest & 1) == 1));
            isExact &= digit == 0;
            dropped++;
        }
        powerOfTen = dropped - scale;
        return Math.Clamp(rest + (isUp ? 1u : 0), low, high);
    }
}
