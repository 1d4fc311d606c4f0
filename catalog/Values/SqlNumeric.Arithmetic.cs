using System.Numerics;

namespace VecSQL.Catalog.Values;

// Exact arithmetic, with the result scales that PostgreSQL's numeric functions choose.
public readonly partial struct SqlNumeric
{
    internal const int DivisionDigitsMin = 16, DisplayScaleMax = 1000;

    // Half of what an Int128 holds: a sum of two cannot overflow.
    private static readonly Int128 SumSafe = Int128.MaxValue / 2;

    public static SqlNumeric operator +(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return AddSpecial(left, right);
        int scale = Math.Max(left._scale, right._scale);
        if (left.IsSmall && right.IsSmall
            && TryAlign(left._small, left._scale, right._small, right._scale, out Int128 x, out Int128 y)
            && IsSumSafe(x) && IsSumSafe(y))
        {
            return new SqlNumeric(x + y, scale);
        }
        return Create(left.ScaledTo(scale) + right.ScaledTo(scale), scale);
    }

    public static SqlNumeric operator -(SqlNumeric left, SqlNumeric right) => left + -right;

    public static SqlNumeric operator -(SqlNumeric value) => value._kind switch
    {
        NumericKind.PositiveInfinity => NegativeInfinity,
        NumericKind.NegativeInfinity => PositiveInfinity,
        NumericKind.NaN => NaN,
        _ => value.IsSmall
            ? new SqlNumeric(-value._small, value._scale)
            : new SqlNumeric(new Large(-value._big!.Value), value._scale),
    };

    public static SqlNumeric operator *(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return MultiplySpecial(left, right);
        int scale = left._scale + right._scale;
        if (left.IsSmall && right.IsSmall && scale <= ScaleMax)
        {
            if (left._small == (long)left._small && right._small == (long)right._small)
                return new SqlNumeric((Int128)(long)left._small * (long)right._small, scale);
        }
        BigInteger product = left.Coefficient * right.Coefficient;
        return scale <= ScaleMax
            ? Create(product, scale)
            : Create(DivideRounded(product, PowersOfTen.Big(scale - ScaleMax)), ScaleMax);
    }

    /// <summary>The quotient, rounded to the scale that gives at least sixteen significant digits.</summary>
    /// <exception cref="VecSQL.Core.Errors.SqlException">The divisor is zero (22012).</exception>
    public static SqlNumeric operator /(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return DivideSpecial(left, right);
        if (right.IsZero)
            throw DivisionByZero();
        return Divide(left, right, DivisionScale(left, right));
    }

    /// <summary>The remainder of truncating division; its sign is the dividend's.</summary>
    public static SqlNumeric operator %(SqlNumeric left, SqlNumeric right)
    {
        if (left.IsNaN || right.IsNaN)
            return NaN;
        if (left.IsInfinity)
            return right.IsZero ? throw DivisionByZero() : NaN;
        if (right.IsInfinity)
            return left;
        if (right.IsZero)
            throw DivisionByZero();
        int scale = Math.Max(left._scale, right._scale);
        return left.IsSmall && right.IsSmall
            && TryAlign(left._small, left._scale, right._small, right._scale, out Int128 x, out Int128 y)
            ? new SqlNumeric(x % y, scale)
            : Create(BigInteger.Remainder(left.ScaledTo(scale), right.ScaledTo(scale)), scale);
    }

    /// <summary>The integer part of the quotient: SQL's div().</summary>
    public static SqlNumeric DivideTruncated(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return DivideSpecial(left, right);
        if (right.IsZero)
            throw DivisionByZero();
        int scale = Math.Max(left._scale, right._scale);
        return Create(BigInteger.Divide(left.ScaledTo(scale), right.ScaledTo(scale)), 0);
    }

    public static SqlNumeric Abs(SqlNumeric value) => value.Sign < 0 ? -value : value;

    /// <summary>The greatest common divisor; exact also for fractions.</summary>
    public static SqlNumeric Gcd(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return NaN;
        int scale = Math.Max(left._scale, right._scale);
        return Create(BigInteger.GreatestCommonDivisor(left.ScaledTo(scale), right.ScaledTo(scale)), scale);
    }

    /// <summary>The least common multiple; zero if either is zero.</summary>
    public static SqlNumeric Lcm(SqlNumeric left, SqlNumeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
            return NaN;
        int scale = Math.Max(left._scale, right._scale);
        BigInteger x = left.ScaledTo(scale), y = right.ScaledTo(scale);
        BigInteger divisor = BigInteger.GreatestCommonDivisor(x, y);
        return divisor.IsZero ? Create((Int128)0, scale) : Create(BigInteger.Abs(x / divisor * y), scale);
    }

    /// <summary>The quotient rounded to a scale; the divisor is not zero.</summary>
    internal static SqlNumeric Divide(SqlNumeric left, SqlNumeric right, int scale)
    {
        // left / right at the scale = (leftC · 10^(scale − leftScale + rightScale)) / rightC
        int shift = scale - left._scale + right._scale;
        if (left.IsSmall && right.IsSmall && shift >= 0 && TryScaleUp(left._small, shift, out Int128 numerator))
        {
            (Int128 quotient, Int128 remainder) = Int128.DivRem(numerator, right._small);
            // The remainder is at most 2^126 here, or the divisor is wide and the test falls to the slow path.
            UInt128 rest = Magnitude(remainder), divisor = Magnitude(right._small);
            if (rest >= divisor - rest)
                quotient += (numerator < 0) == (right._small < 0) ? 1 : -1;
            return new SqlNumeric(quotient, scale);
        }
        BigInteger top = left.Coefficient, bottom = right.Coefficient;
        if (shift >= 0)
            top *= PowersOfTen.Big(shift);
        else
            bottom *= PowersOfTen.Big(-shift);
        return Create(DivideRounded(top, bottom), scale);
    }

    /// <summary>A quotient rounded half away from zero.</summary>
    internal static BigInteger DivideRounded(BigInteger numerator, BigInteger divisor)
    {
        BigInteger quotient = BigInteger.DivRem(numerator, divisor, out BigInteger remainder);
        if (BigInteger.Abs(remainder) * 2 >= BigInteger.Abs(divisor))
            quotient += (numerator.Sign < 0) == (divisor.Sign < 0) ? 1 : -1;
        return quotient;
    }

    /// <summary>
    /// The scale of a quotient, from the places and values of both numbers' first base-10,000 digits.
    /// </summary>
    private static int DivisionScale(SqlNumeric left, SqlNumeric right)
    {
        (int leftWeight, int leftDigit) = left.FirstDigit();
        (int rightWeight, int rightDigit) = right.FirstDigit();
        int weight = leftWeight - rightWeight;
        if (leftDigit <= rightDigit)
            weight--;
        int scale = Math.Max(DivisionDigitsMin - (weight * 4), Math.Max((int)left._scale, right._scale));
        return Math.Clamp(scale, 0, DisplayScaleMax);
    }

    /// <summary>The place (power of 10,000) and the value of the first non-zero digit in base 10,000.</summary>
    internal (int Weight, int Digit) FirstDigit()
    {
        int digits = CountDigits();
        if (digits == 0)
            return (0, 0);
        int exponent = digits - 1 - _scale; // of the first decimal digit
        int weight = (int)Math.Floor(exponent / 4.0);
        int take = exponent - (weight * 4) + 1; // one to four decimal digits make up the first base-10,000 digit
        return (weight, (int)LeadingDigits(take));
    }

    /// <summary>
    /// The first decimal digits as a number, with zeros after the last digit where there are fewer; take ≤ 18.
    /// </summary>
    internal long LeadingDigits(int take)
    {
        int digits = CountDigits();
        if (IsSmall)
        {
            UInt128 magnitude = Magnitude(_small);
            return digits >= take
                ? (long)(magnitude / (UInt128)PowersOfTen.Small(digits - take))
                : (long)(magnitude * (UInt128)PowersOfTen.Small(take - digits));
        }
        return (long)(BigInteger.Abs(_big!.Value) / PowersOfTen.Big(digits - take)); // a big one has more than 18
    }

    /// <summary>Decimal digits of the coefficient; 0 for zero.</summary>
    internal int CountDigits() => IsSmall
        ? PowersOfTen.CountDigits(Magnitude(_small))
        : PowersOfTen.CountDigits(BigInteger.Abs(_big!.Value));

    private static bool IsSumSafe(Int128 value) => value <= SumSafe && value >= -SumSafe;

    private static SqlNumeric AddSpecial(SqlNumeric left, SqlNumeric right)
    {
        if (left.IsNaN || right.IsNaN)
            return NaN;
        if (left.IsInfinity)
            return right.IsInfinity && right._kind != left._kind ? NaN : left;
        return right;
    }

    private static SqlNumeric MultiplySpecial(SqlNumeric left, SqlNumeric right)
    {
        if (left.IsNaN || right.IsNaN)
            return NaN;
        return (left.Sign * right.Sign) switch
        {
            > 0 => PositiveInfinity,
            < 0 => NegativeInfinity,
            _ => NaN, // infinity times zero
        };
    }

    private static SqlNumeric DivideSpecial(SqlNumeric left, SqlNumeric right)
    {
        if (left.IsNaN || right.IsNaN)
            return NaN;
        if (!left.IsInfinity)
            return Zero; // a finite number by an infinite one
        if (right.IsInfinity)
            return NaN;
        if (right.IsZero)
            throw DivisionByZero();
        return left.Sign * right.Sign > 0 ? PositiveInfinity : NegativeInfinity;
    }
}
