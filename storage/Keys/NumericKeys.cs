using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace VecSQL.Storage.Keys;

/// <summary>Numerics as bytes that memcmp orders, equal for equal numbers of any scale.</summary>
/// <remarks>
/// Layout: a byte for the class (−∞, negative, zero, positive, ∞, NaN); for numbers the decimal exponent, then the digits two by two
/// from the first that is not zero, each pair plus one, then a zero; all bits behind the class turned for negative numbers.
/// </remarks>
public static class NumericKeys
{
    private const byte NegativeInfinity = 1, Negative = 2, Zero = 3, Positive = 4, PositiveInfinity = 5, NaN = 6;
    private const int SpecialBit = 1 << 14, NegativeBit = 1 << 15, ScaleMask = SpecialBit - 1;

    /// <param name="value">As a numeric column holds it; see <see cref="Catalog.Values.SqlNumeric"/> for the layout.</param>
    public static void Write(ReadOnlySpan<byte> value, KeyWriter target)
    {
        int header = BinaryPrimitives.ReadUInt16LittleEndian(value);
        bool isNegative = (header & NegativeBit) != 0;
        if ((header & SpecialBit) != 0)
        {
            target.Byte((header & 1) != 0 ? NaN : isNegative ? NegativeInfinity : PositiveInfinity);
            return;
        }
        ReadOnlySpan<byte> magnitude = value[2..];
        if (magnitude.IsEmpty)
        {
            target.Byte(Zero);
            return;
        }
        Span<byte> digits = stackalloc byte[40];
        if (magnitude.Length <= 16)
        {
            Span<byte> wide = stackalloc byte[16];
            wide.Clear();
            magnitude.CopyTo(wide);
            BinaryPrimitives.ReadUInt128LittleEndian(wide)
                .TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
            digits = digits[..length];
        }
        else
        {
            digits = System.Text.Encoding.ASCII.GetBytes(
                new BigInteger(magnitude, isUnsigned: true).ToString(CultureInfo.InvariantCulture));
        }
        target.Byte(isNegative ? Negative : Positive);
        int start = target.Length;
        target.UInt32((uint)(digits.Length - (header & ScaleMask)) ^ 0x8000_0000);
        WriteDigits(digits.TrimEnd((byte)'0'), target);
        if (isNegative)
            target.TurnFrom(start);
    }

    private static void WriteDigits(ReadOnlySpan<byte> digits, KeyWriter target)
    {
        for (int i = 0; i < digits.Length; i += 2)
        {
            int pair = (digits[i] - '0') * 10;
            if (i + 1 < digits.Length)
                pair += digits[i + 1] - '0';
            target.Byte((byte)(pair + 1));
        }
        target.Byte(0);
    }
}
