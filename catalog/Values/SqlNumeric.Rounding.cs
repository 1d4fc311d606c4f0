using System.Numerics;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

// Rounding, display scales, and what numeric(precision, scale) holds.
public readonly partial struct SqlNumeric
{
    private const int RoundingScaleMax = 2000;

    /// <summary>
    /// Rounds half away from zero to a number of fraction digits; negative ones count before the point.
    /// </summary>
    public SqlNumeric Round(int digits) => IsFinite
        ? ToScale(Math.Clamp(digits, -RoundingScaleMax, RoundingScaleMax), truncates: false)
        : this;

    /// <summary>Drops digits after a number of fraction digits; negative ones count before the point.</summary>
    public SqlNumeric Truncate(int digits = 0) => IsFinite
        ? ToScale(Math.Clamp(digits, -RoundingScaleMax, RoundingScaleMax), truncates: true)
        : this;

    public SqlNumeric Ceiling()
    {
        if (!IsFinite)
            return this;
        SqlNumeric whole = Truncate();
        return whole < this ? whole + One : whole;
    }

    public SqlNumeric Floor()
    {
        if (!IsFinite)
            return this;
        SqlNumeric whole = Truncate();
        return whole > this ? whole - One : whole;
    }

    /// <summary>The fewest fraction digits that show the number exactly; 0 for NaN and infinities.</summary>
    public int MinScale => IsFinite ? TrimScale()._scale : 0;

    /// <summary>The same number without trailing zeros in its fraction.</summary>
    public SqlNumeric TrimScale()
    {
        if (!IsFinite || _scale == 0)
            return this;
        if (IsZero)
            return Zero;
        int scale = _scale;
        if (IsSmall)
        {
            Int128 coefficient = _small;
            while (scale > 0)
            {
                (Int128 quotient, Int128 remainder) = Int128.DivRem(coefficient, 10);
                if (remainder != 0)
                    break;
                (coefficient, scale) = (quotient, scale - 1);
            }
            return new SqlNumeric(coefficient, scale);
        }
        BigInteger big = _big!.Value;
        // Halving steps: try to drop many zeros at once, then fewer.
        for (int step = LargestStep(scale); step > 0; step /= 2)
        {
            while (step <= scale)
            {
                BigInteger quotient = BigInteger.DivRem(big, PowersOfTen.Big(step), out BigInteger remainder);
                if (!remainder.IsZero)
                    break;
                (big, scale) = (quotient, scale - step);
            }
        }
        return Create(big, scale);
    }

    /// <summary>The value as numeric(precision, scale) keeps it.</summary>
    /// <exception cref="SqlException">It does not fit (22003).</exception>
    public SqlNumeric WithModifier(int modifier)
    {
        if (modifier < 4 || IsNaN)
            return this;
        int precision = TypeModifiers.NumericPrecision(modifier), scale = TypeModifiers.NumericScale(modifier);
        if (IsInfinity)
        {
            throw FieldOverflow($"A field with precision {precision}, scale {scale} cannot hold an infinite value.");
        }
        SqlNumeric rounded = ToScale(scale, truncates: false);
        int integerDigits = precision - scale;
        if (!rounded.IsZero && rounded.CountDigits() - rounded._scale > integerDigits)
        {
            string bound = integerDigits == 0 ? "1" : $"10^{integerDigits}";
            throw FieldOverflow(
                $"A field with precision {precision}, scale {scale} must round to an absolute value less than {bound}.");
        }
        return rounded;
    }

    internal SqlNumeric ToScale(int scale, bool truncates)
    {
        int drop = _scale - scale;
        if (drop == 0)
            return this;
        if (drop < 0)
        {
            return IsSmall && TryScaleUp(_small, -drop, out Int128 wider)
                ? Create(wider, scale)
                : Create(Coefficient * PowersOfTen.Big(-drop), scale);
        }
        int zerosAfter = Math.Max(0, -scale); // digits before the point that become zero
        if (IsSmall && drop <= PowersOfTen.SmallMax && zerosAfter == 0)
        {
            Int128 power = PowersOfTen.Small(drop);
            (Int128 quotient, Int128 remainder) = Int128.DivRem(_small, power);
            if (!truncates && Magnitude(remainder) >= (UInt128)power - Magnitude(remainder))
                quotient += _small < 0 ? -1 : 1;
            return new SqlNumeric(quotient, scale);
        }
        if (drop > CountDigits() + 1)
            return new SqlNumeric((Int128)0, Math.Max(scale, 0));
        BigInteger divisor = PowersOfTen.Big(drop);
        BigInteger kept = truncates ? BigInteger.Divide(Coefficient, divisor) : DivideRounded(Coefficient, divisor);
        return Create(zerosAfter == 0 ? kept : kept * PowersOfTen.Big(zerosAfter), Math.Max(scale, 0));
    }

    private static int LargestStep(int scale)
    {
        int step = 1;
        while (step * 2 <= scale)
            step *= 2;
        return step;
    }

    private static SqlException FieldOverflow(string detail) =>
        new(SqlState.NumericValueOutOfRange, "numeric field overflow") { Detail = detail };
}
