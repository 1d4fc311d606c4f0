using System.Numerics;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

// Roots, logarithms, exponentials and powers, rounded to the scales that PostgreSQL chooses for them.
public readonly partial struct SqlNumeric
{
    private const double Log10E = 0.434294481903252, Ln10 = 2.302585092994046;
    private const int ExponentWeightMax = 2000;

    /// <exception cref="SqlException">The number is negative (2201F).</exception>
    public static SqlNumeric Sqrt(SqlNumeric value)
    {
        if (value.Sign < 0)
        {
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction,
                "cannot take square root of a negative number");
        }
        if (!value.IsFinite)
            return value;
        int weight = (value.FirstDigit().Weight * 2) + 1;
        int scale = Math.Clamp(Math.Max(DivisionDigitsMin - weight, value._scale), 0, DisplayScaleMax);
        // The floor of the root at the wanted scale, rounded up where the rest says so.
        int shift = (2 * scale) - value._scale;
        // Digits below the last do not matter: (root + ½)² lies above root² + root, which is whole.
        BigInteger square = shift >= 0
            ? value.Coefficient * PowersOfTen.Big(shift)
            : value.Coefficient / PowersOfTen.Big(-shift);
        BigInteger root = IntegerRoot.Floor(square), rest = square - (root * root);
        return Create(rest > root ? root + 1 : root, scale);
    }

    /// <summary>e raised to the number.</summary>
    public static SqlNumeric Exp(SqlNumeric value)
    {
        if (!value.IsFinite)
            return value.Sign < 0 ? Zero : value;
        double weight = Math.Clamp(value.ToDoubleUnchecked() * Log10E, -ExponentWeightMax, ExponentWeightMax);
        int scale = Math.Clamp(Math.Max(DivisionDigitsMin - (int)weight, value._scale), 0, DisplayScaleMax);
        return ExpAt(value.Coefficient, PowersOfTen.Big(value._scale), value.ToDoubleUnchecked(), scale);
    }

    /// <exception cref="SqlException">The number is not positive (2201E).</exception>
    public static SqlNumeric Ln(SqlNumeric value)
    {
        CheckLogarithm(value);
        if (!value.IsFinite)
            return value;
        int scale = Math.Clamp(Math.Max(DivisionDigitsMin - value.LnWeight(), value._scale), 0, DisplayScaleMax);
        return FromFixed(LnFixed(value, BitsFor(scale)), BitsFor(scale), scale);
    }

    /// <summary>The logarithm of a number to a base.</summary>
    /// <exception cref="SqlException">One of them is not positive (2201E), or the base is 1 (22012).</exception>
    public static SqlNumeric Log(SqlNumeric logBase, SqlNumeric value)
    {
        if (logBase.IsNaN || value.IsNaN)
            return NaN;
        CheckLogarithm(logBase);
        CheckLogarithm(value);
        if (logBase.IsInfinity)
            return value.IsInfinity ? NaN : Zero;
        if (value.IsInfinity)
            return value;
        int weight = value.LnWeight() - logBase.LnWeight();
        int scale = Math.Max(DivisionDigitsMin - weight, Math.Max((int)logBase._scale, value._scale));
        scale = Math.Clamp(scale, 0, DisplayScaleMax);
        int bits = BitsFor(scale + Math.Abs(weight) + Math.Abs(logBase.LnWeight()));
        BigInteger divisor = LnFixed(logBase, bits);
        if (logBase == One)
            throw DivisionByZero();
        BigInteger quotient = LnFixed(value, bits) * PowersOfTen.Big(scale);
        return Create(DivideRounded(quotient, divisor), scale);
    }

    /// <exception cref="SqlException">The power is not a real number (2201F), or too large (22003).</exception>
    public static SqlNumeric Power(SqlNumeric powerBase, SqlNumeric exponent)
    {
        if (!powerBase.IsFinite || !exponent.IsFinite)
            return PowerSpecial(powerBase, exponent);
        if (powerBase.IsZero && exponent.Sign < 0)
        {
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction,
                "zero raised to a negative power is undefined");
        }
        bool isInteger = exponent.TryToInt128(out Int128 whole);
        if (isInteger && whole >= int.MinValue && whole <= int.MaxValue)
        {
            int scale = Math.Clamp(Math.Max(DivisionDigitsMin, powerBase.Scale), 0, DisplayScaleMax);
            return PowerOfInteger(powerBase, (int)whole, scale);
        }
        if (powerBase.IsZero)
            return Create((Int128)0, DivisionDigitsMin);
        bool isNegative = false;
        if (powerBase.Sign < 0)
        {
            if (exponent.MinScale > 0)
                throw ComplexPower();
            isNegative = !exponent.ToScale(0, truncates: true).Coefficient.IsEven;
            powerBase = -powerBase;
        }
        SqlNumeric power = PowerOfReal(powerBase, exponent);
        return isNegative ? -power : power;
    }

    /// <summary>n!, for n up to the largest whose factorial numeric holds.</summary>
    public static SqlNumeric Factorial(long n)
    {
        if (n < 0)
        {
            throw new SqlException(SqlState.NumericValueOutOfRange, "factorial of a negative number is undefined");
        }
        if (n > 32177)
            throw Overflow();
        return Create(ProductOfRange(2, Math.Max(n, 1)), 0);
    }

    private static BigInteger ProductOfRange(long from, long to)
    {
        if (from > to)
            return BigInteger.One;
        if (to - from < 8)
        {
            BigInteger product = from;
            for (long i = from + 1; i <= to; i++)
                product *= i;
            return product;
        }
        long middle = (from + to) / 2;
        return ProductOfRange(from, middle) * ProductOfRange(middle + 1, to);
    }

    private static SqlNumeric PowerOfReal(SqlNumeric powerBase, SqlNumeric exponent)
    {
        // As many digits as PostgreSQL estimates the size with, by which it chooses the scale.
        int estimate = Math.Clamp(8 - powerBase.LnWeight(), 0, DisplayScaleMax);
        SqlNumeric ln = FromFixed(LnFixed(powerBase, BitsFor(estimate)), BitsFor(estimate), estimate);
        double size = (ln * exponent).ToScale(estimate, truncates: false).ToDoubleUnchecked();
        if (Math.Abs(size) > ExponentWeightMax * 3.01)
            return size > 0 ? throw Overflow() : Create((Int128)0, DisplayScaleMax);
        size *= Log10E;
        int scale = Math.Max(DivisionDigitsMin - (int)size, Math.Max((int)powerBase._scale, exponent._scale));
        scale = Math.Clamp(scale, 0, DisplayScaleMax);
        int digits = scale + Math.Max(0, (int)size) + exponent.CountDigits();
        int bits = BitsFor(digits);
        // ln(base) · exponent, kept as an exact fraction of the rounded logarithm.
        BigInteger numerator = LnFixed(powerBase, bits) * exponent.Coefficient;
        BigInteger denominator = PowersOfTen.Big(exponent._scale) << bits;
        return ExpAt(numerator, denominator, size / Log10E, scale);
    }

    private static SqlNumeric PowerOfInteger(SqlNumeric powerBase, int exponent, int scale)
    {
        switch (exponent)
        {
            case 0:
                return Create(PowersOfTen.Big(scale), scale);
            case 1:
                return powerBase.ToScale(scale, truncates: false);
            case -1:
                return Divide(One, powerBase, scale);
        }
        if (powerBase.IsZero)
            return Create((Int128)0, scale);
        int digits = powerBase.CountDigits();
        double log = exponent * (Math.Log10(powerBase.LeadingDigits(Math.Min(17, digits)))
            + (digits - Math.Min(17, digits)) - powerBase._scale);
        if (log > 3.0 * short.MaxValue * 4)
            throw Overflow();
        if (log + 1 < -scale || log + 1 < -DisplayScaleMax)
            return Create((Int128)0, scale);
        int significant = 1 + scale + (int)log + (int)Math.Log(Math.Abs((double)exponent)) + 16;
        (BigInteger mantissa, long shift) = PowerTruncated(powerBase.Coefficient, Math.Abs((long)exponent),
            significant);
        shift -= (long)powerBase._scale * Math.Abs((long)exponent);
        // power = mantissa · 10^shift
        if (exponent > 0)
            return FromShifted(mantissa, shift + scale, scale);
        int lead = Math.Max(0, significant + PowersOfTen.CountDigits(BigInteger.Abs(mantissa)));
        return FromShifted(PowersOfTen.Big(lead) / mantissa, scale - shift - lead, scale);
    }

    /// <summary>coefficient · 10^shift, rounded to a whole number of units of 10^−scale.</summary>
    private static SqlNumeric FromShifted(BigInteger coefficient, long shift, int scale)
    {
        if (shift >= 0)
        {
            if (shift > IntegerDigitsMax + scale)
                throw Overflow();
            return Create(coefficient * PowersOfTen.Big((int)shift), scale);
        }
        if (-shift > PowersOfTen.CountDigits(BigInteger.Abs(coefficient)) + 1)
            return Create((Int128)0, scale);
        return Create(DivideRounded(coefficient, PowersOfTen.Big((int)-shift)), scale);
    }

    /// <summary>A power by squaring, keeping so many digits; the result is mantissa · 10^shift.</summary>
    private static (BigInteger Mantissa, long Shift) PowerTruncated(BigInteger value, long exponent, int digitsKept)
    {
        BigInteger result = BigInteger.One, factor = value;
        long resultShift = 0, factorShift = 0;
        for (long bits = exponent; ; )
        {
            if ((bits & 1) != 0)
            {
                result *= factor;
                resultShift += factorShift;
                Shorten(ref result, ref resultShift, digitsKept);
            }
            bits >>= 1;
            if (bits == 0)
                return (result, resultShift);
            factor *= factor;
            factorShift *= 2;
            Shorten(ref factor, ref factorShift, digitsKept);
        }
    }

    private static void Shorten(ref BigInteger value, ref long shift, int digitsKept)
    {
        // Cut only when there is much to cut, since every cut is a division.
        if (value.GetBitLength() < (digitsKept + 20) * 3.33)
            return;
        int excess = PowersOfTen.CountDigits(BigInteger.Abs(value)) - digitsKept;
        if (excess <= 0)
            return;
        value /= PowersOfTen.Big(excess);
        shift += excess;
    }

    /// <summary>e^(numerator / denominator) rounded to a scale.</summary>
    private static SqlNumeric ExpAt(BigInteger numerator, BigInteger denominator, double size, int scale)
    {
        if (Math.Abs(size) >= ExponentWeightMax * 3)
            return size > 0 ? throw Overflow() : Create((Int128)0, scale);
        int bits = BitsFor(scale + Math.Max(0, (int)(size * Log10E)));
        (BigInteger mantissa, int exponent) = BinaryFixed.Exp((numerator << bits) / denominator, bits);
        int shift = exponent - bits;
        BigInteger scaled = mantissa * PowersOfTen.Big(scale);
        return shift >= 0 ? Create(scaled << shift, scale) : FromFixedScaled(scaled, -shift, scale);
    }

    private static SqlNumeric FromFixed(BigInteger value, int bits, int scale) =>
        FromFixedScaled(value * PowersOfTen.Big(scale), bits, scale);

    private static SqlNumeric FromFixedScaled(BigInteger value, int bits, int scale) =>
        Create(DivideRounded(value, BigInteger.One << bits), scale);

    private static BigInteger LnFixed(SqlNumeric value, int bits) =>
        BinaryFixed.Ln(value.Coefficient, PowersOfTen.Big(value._scale), bits);

    private static int BitsFor(int digits) => (int)(digits * 3.3219280948873626) + 96;

    /// <summary>About the decimal place of the first digit of ln(value).</summary>
    private int LnWeight()
    {
        if (this >= Create((Int128)9, 1) && this <= Create((Int128)11, 1))
        {
            SqlNumeric distance = this - One; // ln(1 + x) is about x
            if (distance.IsZero)
                return 0;
            (int weight, int digit) = distance.FirstDigit();
            return (weight * 4) + (int)Math.Log10(digit);
        }
        int digits = CountDigits(), take = Math.Min(8, digits);
        double ln = Math.Log(LeadingDigits(take)) + ((digits - take - _scale) * Ln10);
        return (int)Math.Log10(Math.Abs(ln));
    }

    private static void CheckLogarithm(SqlNumeric value)
    {
        if (value.IsNaN || value.Sign > 0)
            return;
        throw new SqlException(SqlState.InvalidArgumentForLogarithm, value.IsZero
            ? "cannot take logarithm of zero"
            : "cannot take logarithm of a negative number");
    }

    private static SqlException ComplexPower() => new(SqlState.InvalidArgumentForPowerFunction,
        "a negative number raised to a non-integer power yields a complex result");

    /// <summary>POSIX's rules for pow(3) with NaN and infinities.</summary>
    private static SqlNumeric PowerSpecial(SqlNumeric powerBase, SqlNumeric exponent)
    {
        if (powerBase.IsNaN)
            return exponent.IsZero ? One : NaN;
        if (exponent.IsNaN)
            return powerBase == One ? One : NaN;
        if (exponent.IsZero || powerBase == One)
            return One;
        if (powerBase.IsZero && exponent.Sign < 0)
        {
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction,
                "zero raised to a negative power is undefined");
        }
        if (exponent.IsInfinity)
        {
            int size = Abs(powerBase).CompareTo(One);
            if (size == 0)
                return One;
            return (size > 0) == (exponent.Sign > 0) ? PositiveInfinity : Zero;
        }
        if (powerBase.Sign > 0)
            return exponent.Sign > 0 ? PositiveInfinity : Zero;
        if (exponent.MinScale > 0)
            throw ComplexPower();
        if (exponent.Sign < 0)
            return Zero;
        return exponent.Coefficient.IsEven ? PositiveInfinity : NegativeInfinity;
    }
}
