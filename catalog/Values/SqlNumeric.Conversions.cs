using System.Globalization;
using System.Numerics;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

// To and from the machine's numbers, by PostgreSQL's rules.
public readonly partial struct SqlNumeric
{
    public static SqlNumeric FromInt64(long value) => new(value, 0);

    /// <summary>The double at fifteen significant digits, as a cast does it.</summary>
    public static SqlNumeric FromDouble(double value) =>
        double.IsFinite(value) ? FromDigits(value, "E14") : FromSpecial(value);

    /// <summary>The float at six significant digits, as a cast does it.</summary>
    public static SqlNumeric FromSingle(float value) =>
        float.IsFinite(value) ? FromDigits(value, "E5") : FromSpecial(value);

    public static implicit operator SqlNumeric(long value) => FromInt64(value);

    /// <summary>Rounds half away from zero.</summary>
    /// <exception cref="SqlException">The number is out of smallint's range.</exception>
    public short ToInt16() => (short)ToInteger("smallint", short.MinValue, short.MaxValue);

    /// <summary>Rounds half away from zero.</summary>
    /// <exception cref="SqlException">The number is out of integer's range.</exception>
    public int ToInt32() => (int)ToInteger("integer", int.MinValue, int.MaxValue);

    /// <summary>Rounds half away from zero.</summary>
    /// <exception cref="SqlException">The number is out of bigint's range.</exception>
    public long ToInt64() => (long)ToInteger("bigint", long.MinValue, long.MaxValue);

    /// <summary>The nearest double.</summary>
    /// <exception cref="SqlException">The number is out of double precision's range.</exception>
    public double ToDouble()
    {
        double value = ToDoubleUnchecked();
        if (IsFinite && (double.IsInfinity(value) || (value == 0 && !IsZero)))
            throw OutOfRange("double precision");
        return value;
    }

    /// <summary>The nearest double; infinite or zero where the number is out of range.</summary>
    public double ToDoubleUnchecked()
    {
        switch (_kind)
        {
            case NumericKind.NaN:
                return double.NaN;
            case NumericKind.PositiveInfinity:
                return double.PositiveInfinity;
            case NumericKind.NegativeInfinity:
                return double.NegativeInfinity;
        }
        // Both parts are exact doubles, so the one division rounds once.
        const long exactMax = 1L << 53;
        if (IsSmall && _scale <= 22 && _small >= -exactMax && _small <= exactMax)
            return (double)(long)_small / (double)PowersOfTen.Small(_scale);
        return double.Parse(ToString(), NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    /// <summary>The nearest float.</summary>
    /// <exception cref="SqlException">The number is out of real's range.</exception>
    public float ToSingle()
    {
        if (!IsFinite)
            return (float)ToDoubleUnchecked();
        float value = float.Parse(ToString(), NumberStyles.Float, CultureInfo.InvariantCulture);
        if (float.IsInfinity(value) || (value == 0 && !IsZero))
            throw OutOfRange("real");
        return value;
    }

    /// <summary>The digits without the decimal point, where they fit an Int128.</summary>
    public bool TryGetCoefficient(out Int128 coefficient)
    {
        coefficient = _small;
        return IsFinite && IsSmall;
    }

    /// <summary>The number as an Int128, where it is whole and small enough.</summary>
    public bool TryToInt128(out Int128 value)
    {
        value = 0;
        if (!IsFinite)
            return false;
        SqlNumeric trimmed = TrimScale();
        value = trimmed._small;
        return trimmed._scale == 0 && trimmed.IsSmall;
    }

    private Int128 ToInteger(string type, Int128 min, Int128 max)
    {
        if (!IsFinite)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"cannot convert {(IsNaN ? "NaN" : "infinity")} to {type}");
        }
        SqlNumeric whole = ToScale(0, truncates: false);
        return whole.IsSmall && whole._small >= min && whole._small <= max
            ? whole._small
            : throw new SqlException(SqlState.NumericValueOutOfRange, $"{type} out of range");
    }

    private static SqlNumeric FromSpecial(double value) =>
        double.IsNaN(value) ? NaN : value > 0 ? PositiveInfinity : NegativeInfinity;

    private static SqlNumeric FromDigits<T>(T value, string format) where T : IUtf8SpanFormattable
    {
        Span<byte> text = stackalloc byte[32]; // d.ddddE+ddd
        Invariant.Holds(value.TryFormat(text, out int length, format, CultureInfo.InvariantCulture));
        return Parse(text[..length]).TrimScale();
    }

    private SqlException OutOfRange(string type) =>
        new(SqlState.NumericValueOutOfRange, $"\"{ToString()}\" is out of range for type {type}");
}
