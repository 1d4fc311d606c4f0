using System.Numerics;

namespace VecSQL.Catalog.Values;

/// <summary>Logarithm and exponential of binary fixed-point numbers: value · 2^bits, as whole numbers.</summary>
/// <remarks>Error: a few units in the last place; callers carry at least 32 guard bits.</remarks>
internal static class BinaryFixed
{
    private static readonly Lock Gate = new();
    private static BigInteger s_ln2;
    private static int s_ln2Bits;

    /// <summary>The natural logarithm of numerator / denominator, both positive, with so many fraction bits.</summary>
    internal static BigInteger Ln(BigInteger numerator, BigInteger denominator, int bits)
    {
        int guard = 32, wide = bits + guard;
        // Scale the quotient into [1, 2): ln(x) = ln(m) + k·ln(2).
        int exponent = (int)(numerator.GetBitLength() - denominator.GetBitLength());
        int shift = wide - exponent;
        BigInteger mantissa = shift >= 0 ? (numerator << shift) / denominator : numerator / (denominator << -shift);
        BigInteger one = BigInteger.One << wide;
        if (mantissa < one)
        {
            exponent--;
            shift++;
            mantissa = shift >= 0 ? (numerator << shift) / denominator : numerator / (denominator << -shift);
        }
        if (mantissa > one + (one >> 1)) // keep near 1 for fewer terms, and so that numbers just below 1 do not cancel
        {
            exponent++;
            BigInteger half = shift - 1 >= 0
                ? (numerator << (shift - 1)) / denominator
                : numerator / (denominator << (1 - shift));
            mantissa = half;
        }
        BigInteger log = LnNearOne(mantissa, wide);
        if (exponent != 0)
            log += Ln2(wide) * exponent;
        return log >> guard;
    }

    /// <summary>
    /// e^x as (mantissa, exponent): mantissa · 2^(exponent − bits), mantissa in about [0.7, 1.5) · 2^bits.
    /// </summary>
    internal static (BigInteger Mantissa, int Exponent) Exp(BigInteger x, int bits)
    {
        int halvings = (int)Math.Sqrt(bits), guard = 32 + halvings, wide = bits + guard;
        BigInteger ln2 = Ln2(wide), value = x << guard;
        int exponent = (int)RoundedQuotient(value, ln2);
        BigInteger rest = (value - (ln2 * exponent)) >> halvings;
        BigInteger one = BigInteger.One << wide, sum = one, term = one;
        for (int i = 1; !term.IsZero; i++)
        {
            term = ((term * rest) >> wide) / i;
            sum += term;
            if (term == BigInteger.MinusOne) // the shift of a negative number never reaches zero
                break;
        }
        for (int i = 0; i < halvings; i++)
            sum = (sum * sum) >> wide;
        return (sum >> guard, exponent);
    }

    private static BigInteger RoundedQuotient(BigInteger value, BigInteger divisor) =>
        SqlNumeric.DivideRounded(value, divisor);

    /// <summary>
    /// ln of a number in [0.75, 1.5]: square roots bring it close to 1, then 2·atanh((m − 1) / (m + 1)).
    /// </summary>
    private static BigInteger LnNearOne(BigInteger mantissa, int bits)
    {
        int roots = Math.Max(2, (int)Math.Sqrt(bits) / 4), wide = bits + (2 * roots);
        BigInteger value = mantissa << (wide - bits);
        for (int i = 0; i < roots; i++)
            value = IntegerRoot.Floor(value << wide);
        BigInteger one = BigInteger.One << wide;
        BigInteger z = ((value - one) << wide) / (value + one);
        BigInteger square = (z * z) >> wide, power = z, sum = z;
        for (int i = 3; !power.IsZero && power != BigInteger.MinusOne; i += 2)
        {
            power = (power * square) >> wide;
            sum += power / i;
        }
        return (sum << (1 + roots)) >> (wide - bits);
    }

    private static BigInteger Ln2(int bits)
    {
        lock (Gate)
        {
            if (s_ln2Bits < bits)
            {
                // ln 2 = 2·atanh(1/3)
                int wide = bits + 64;
                BigInteger power = (BigInteger.One << wide) / 3, sum = power;
                for (int i = 3; !power.IsZero; i += 2)
                {
                    power /= 9;
                    sum += power / i;
                }
                (s_ln2, s_ln2Bits) = (sum << 1 >> (wide - bits), bits);
            }
            return s_ln2 >> (s_ln2Bits - bits);
        }
    }
}
