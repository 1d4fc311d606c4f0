using System.Buffers.Binary;
using System.Numerics;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>A value of type numeric: an exact decimal of any size with a display scale, an infinity, or NaN.</summary>
/// <remarks>
/// The number is coefficient · 10^−scale, and the scale is also how many fraction digits are shown: 1.50 is (150, 2).
/// Layout in memory (a value of a Binary column), integers little-endian:
/// <code>
/// offset  size  field
///      0     2  bits 0–13 scale; bit 14 special (infinity, or NaN if bit 0 is set too); bit 15 negative
///      2     n  the coefficient's magnitude, without leading zero bytes; zero has none
/// </code>
/// Equal numbers of unequal scale differ in bytes; <see cref="TrimScale"/> gives the one form that all equal numbers
/// share.
/// Limits: 131,072 digits before the decimal point and 16,383 after it, as in PostgreSQL.
/// </remarks>
public readonly partial struct SqlNumeric : IEquatable<SqlNumeric>, IComparable<SqlNumeric>
{
    public const int ScaleMax = 16383;

    private const int IntegerDigitsMax = 131072, HeaderBytes = 2;
    private const ushort SpecialBit = 1 << 14, NegativeBit = 1 << 15, ScaleMask = SpecialBit - 1;

    private readonly Int128 _small; // the coefficient, where _big is null
    private readonly Large? _big; // only for coefficients beyond an Int128
    private readonly ushort _scale;
    private readonly NumericKind _kind;

    private SqlNumeric(Int128 coefficient, int scale)
    {
        _small = coefficient;
        _scale = (ushort)scale;
    }

    private SqlNumeric(NumericKind kind) => _kind = kind;

    private SqlNumeric(Large big, int scale)
    {
        _big = big;
        _scale = (ushort)scale;
    }

    public static readonly SqlNumeric Zero = new(0, 0);
    public static readonly SqlNumeric One = new(1, 0);
    public static readonly SqlNumeric NaN = new(NumericKind.NaN);
    public static readonly SqlNumeric PositiveInfinity = new(NumericKind.PositiveInfinity);
    public static readonly SqlNumeric NegativeInfinity = new(NumericKind.NegativeInfinity);

    private enum NumericKind : byte { Finite, NegativeInfinity, PositiveInfinity, NaN }

    /// <summary>Boxes a coefficient that is too wide for the struct.</summary>
    private sealed record Large(BigInteger Value);

    /// <summary>Fraction digits shown; 0 for NaN and the infinities.</summary>
    public int Scale => _scale;

    public bool IsFinite => _kind == NumericKind.Finite;

    public bool IsNaN => _kind == NumericKind.NaN;

    public bool IsInfinity => _kind is NumericKind.PositiveInfinity or NumericKind.NegativeInfinity;

    public bool IsZero => IsFinite && _big is null && _small == 0;

    /// <summary>−1, 0 or 1; 0 for NaN.</summary>
    public int Sign => _kind switch
    {
        NumericKind.Finite => _big is null ? Int128.Sign(_small) : _big.Value.Sign,
        NumericKind.PositiveInfinity => 1,
        NumericKind.NegativeInfinity => -1,
        _ => 0,
    };

    /// <summary>The digits without the decimal point.</summary>
    public BigInteger Coefficient => _big is null ? (BigInteger)_small : _big.Value;

    private bool IsSmall => _big is null;

    /// <summary>coefficient · 10^−scale.</summary>
    /// <exception cref="SqlException">The number is beyond numeric's limits (22003).</exception>
    public static SqlNumeric Create(BigInteger coefficient, int scale)
    {
        if (scale is < 0 or > ScaleMax)
            throw Overflow();
        if (coefficient.GetBitLength() < 127)
            return new SqlNumeric((Int128)coefficient, scale);
        // The bit count decides for nearly all; only close to the limit are digits counted.
        if (coefficient.GetBitLength() > 435_000
            && PowersOfTen.CountDigits(BigInteger.Abs(coefficient)) - scale > IntegerDigitsMax)
            throw Overflow();
        return new SqlNumeric(new Large(coefficient), scale);
    }

    /// <inheritdoc cref="Create(BigInteger, int)"/>
    public static SqlNumeric Create(Int128 coefficient, int scale) => scale is >= 0 and <= ScaleMax
        ? new SqlNumeric(coefficient, scale)
        : throw Overflow();

    /// <summary>Reads a value of a numeric column.</summary>
    public static SqlNumeric Read(ReadOnlySpan<byte> encoded)
    {
        Invariant.Holds(encoded.Length >= HeaderBytes);
        ushort header = BinaryPrimitives.ReadUInt16LittleEndian(encoded);
        bool isNegative = (header & NegativeBit) != 0;
        if ((header & SpecialBit) != 0)
            return (header & 1) != 0 ? NaN : isNegative ? NegativeInfinity : PositiveInfinity;
        ReadOnlySpan<byte> magnitude = encoded[HeaderBytes..];
        int scale = header & ScaleMask;
        if (magnitude.Length < 16 || (magnitude.Length == 16 && magnitude[15] < 0x80))
        {
            Span<byte> wide = stackalloc byte[16];
            wide.Clear();
            magnitude.CopyTo(wide);
            Int128 coefficient = BinaryPrimitives.ReadInt128LittleEndian(wide);
            return new SqlNumeric(isNegative ? -coefficient : coefficient, scale);
        }
        var big = new BigInteger(magnitude, isUnsigned: true);
        return new SqlNumeric(new Large(isNegative ? -big : big), scale);
    }

    /// <summary>How many bytes <see cref="Write"/> writes at most.</summary>
    public int EncodedLengthMax => HeaderBytes
        + (IsSmall ? 16 : BigInteger.Abs(_big!.Value).GetByteCount(isUnsigned: true));

    /// <summary>Writes the value as a numeric column holds it; returns the length.</summary>
    public int Write(Span<byte> target)
    {
        int header = _kind switch
        {
            NumericKind.Finite => _scale | (Sign < 0 ? NegativeBit : 0),
            NumericKind.NaN => SpecialBit | 1,
            NumericKind.PositiveInfinity => SpecialBit,
            _ => SpecialBit | NegativeBit,
        };
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)header);
        if (!IsFinite)
            return HeaderBytes;
        if (!IsSmall)
        {
            Invariant.Holds(BigInteger.Abs(_big!.Value)
                .TryWriteBytes(target[HeaderBytes..], out int written, isUnsigned: true));
            return HeaderBytes + written;
        }
        UInt128 magnitude = Magnitude(_small);
        if (magnitude <= ulong.MaxValue)
        {
            ulong low = (ulong)magnitude;
            int length = HeaderBytes;
            for (; low != 0; low >>= 8)
                target[length++] = (byte)low;
            return length;
        }
        Span<byte> wide = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(wide, magnitude);
        int significant = 16 - (int)UInt128.LeadingZeroCount(magnitude) / 8;
        wide[..significant].CopyTo(target[HeaderBytes..]);
        return HeaderBytes + significant;
    }

    public void AppendTo(BinaryColumnBuilder target) => target.Commit(Write(target.Reserve(EncodedLengthMax)));

    /// <summary>PostgreSQL's order: NaN equals itself and is above everything, also above infinity.</summary>
    public int CompareTo(SqlNumeric other)
    {
        if (!IsFinite || !other.IsFinite)
            return Rank(_kind).CompareTo(Rank(other._kind));
        if (IsSmall && other.IsSmall)
        {
            if (_scale == other._scale)
                return _small.CompareTo(other._small);
            int signs = Sign.CompareTo(other.Sign);
            if (signs != 0)
                return signs;
            if (TryAlign(_small, _scale, other._small, other._scale, out Int128 left, out Int128 right))
                return left.CompareTo(right);
        }
        int scale = Math.Max(_scale, other._scale);
        return ScaledTo(scale).CompareTo(other.ScaledTo(scale));
    }

    /// <summary>Whether the numbers are equal; their scales may differ, and NaN equals NaN.</summary>
    public bool Equals(SqlNumeric other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is SqlNumeric other && Equals(other);

    /// <summary>Equal for equal numbers, whatever their scales.</summary>
    public override int GetHashCode()
    {
        if (!IsFinite)
            return (int)_kind;
        SqlNumeric trimmed = TrimScale();
        return trimmed.IsSmall
            ? HashCode.Combine(trimmed._small, trimmed._scale)
            : HashCode.Combine(trimmed._big!.Value, trimmed._scale);
    }

    public static bool operator ==(SqlNumeric left, SqlNumeric right) => left.CompareTo(right) == 0;

    public static bool operator !=(SqlNumeric left, SqlNumeric right) => left.CompareTo(right) != 0;

    public static bool operator <(SqlNumeric left, SqlNumeric right) => left.CompareTo(right) < 0;

    public static bool operator >(SqlNumeric left, SqlNumeric right) => left.CompareTo(right) > 0;

    public static bool operator <=(SqlNumeric left, SqlNumeric right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SqlNumeric left, SqlNumeric right) => left.CompareTo(right) >= 0;

    internal static SqlException Overflow() => new(SqlState.NumericValueOutOfRange, "value overflows numeric format");

    internal static SqlException DivisionByZero() => new(SqlState.DivisionByZero, "division by zero");

    private static int Rank(NumericKind kind) => kind switch
    {
        NumericKind.NegativeInfinity => 0,
        NumericKind.Finite => 1,
        NumericKind.PositiveInfinity => 2,
        _ => 3,
    };

    private static UInt128 Magnitude(Int128 value) => value < 0 ? (UInt128)(-value) : (UInt128)value;

    /// <summary>The coefficient that the number has at a scale no smaller than its own.</summary>
    private BigInteger ScaledTo(int scale) =>
        scale == _scale ? Coefficient : Coefficient * PowersOfTen.Big(scale - _scale);

    /// <summary>Brings two coefficients to the larger scale, unless that could leave an Int128.</summary>
    private static bool TryAlign(
        Int128 left, int leftScale, Int128 right, int rightScale, out Int128 alignedLeft, out Int128 alignedRight)
    {
        (alignedLeft, alignedRight) = (left, right);
        int difference = leftScale - rightScale;
        if (difference == 0)
            return true;
        return difference > 0
            ? TryScaleUp(right, difference, out alignedRight)
            : TryScaleUp(left, -difference, out alignedLeft);
    }

    private static bool TryScaleUp(Int128 value, int digits, out Int128 scaled)
    {
        // 64 bits times 10^18 stays below 2^124, which leaves room for a sum.
        if (digits <= 18 && value >= long.MinValue && value <= long.MaxValue)
        {
            scaled = value * (long)PowersOfTen.Small(digits);
            return true;
        }
        scaled = 0;
        if (value == 0)
            return true;
        if (digits + PowersOfTen.CountDigits(Magnitude(value)) >= PowersOfTen.SmallMax)
            return false;
        scaled = value * PowersOfTen.Small(digits);
        return true;
    }
}
