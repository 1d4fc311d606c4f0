using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

// Text in and out.
public readonly partial struct SqlNumeric
{
    private const int ExponentMax = int.MaxValue / 2;

    /// <summary>
    /// Reads PostgreSQL's text form: spaces around, a sign, digits with a point, an exponent; or NaN, Infinity.
    /// </summary>
    /// <exception cref="SqlException">It is not one (22P02), or beyond numeric's limits (22003).</exception>
    public static SqlNumeric Parse(ReadOnlySpan<byte> utf8) => TryParse(utf8, out SqlNumeric value)
        ? value
        : throw new SqlException(SqlState.InvalidTextRepresentation,
            $"invalid input syntax for type numeric: \"{Encoding.UTF8.GetString(utf8)}\"");

    /// <summary>Reads the text form; false if it is not one.</summary>
    /// <exception cref="SqlException">The number is beyond numeric's limits (22003).</exception>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out SqlNumeric value)
    {
        ReadOnlySpan<byte> text = TextScan.TrimSpaces(utf8);
        value = default;
        bool isNegative = false;
        ReadOnlySpan<byte> rest = text;
        if (rest.Length > 0 && rest[0] is (byte)'+' or (byte)'-')
        {
            isNegative = rest[0] == '-';
            rest = rest[1..];
        }
        if (rest.Length > 0 && !IsDigit(rest[0]) && rest[0] != '.')
            return TryParseSpecial(text, rest, isNegative, out value);
        return TryParseNumber(rest, isNegative, out value);
    }

    public void WriteText(IBufferWriter<byte> target)
    {
        Span<byte> span = target.GetSpan(TextLengthMax);
        target.Advance(WriteText(span));
    }

    /// <summary>How many bytes the text form has at most.</summary>
    public int TextLengthMax => !IsFinite ? 9 : Math.Max(CountDigits(), _scale + 1) + 2;

    /// <summary>How many bytes the text form of a value of a numeric column has at most: three more than it has, or fewer.</summary>
    public static int TextBytesMax(ReadOnlySpan<byte> encoded)
    {
        ushort header = BinaryPrimitives.ReadUInt16LittleEndian(encoded);
        if ((header & SpecialBit) != 0)
            return "-Infinity".Length;
        ReadOnlySpan<byte> magnitude = encoded[HeaderBytes..];
        long bits = magnitude.IsEmpty ? 0 : (8L * magnitude.Length) - (BitOperations.LeadingZeroCount((uint)magnitude[^1]) - 24);
        int digits = (int)(bits * 30_103 / 100_000) + 1; // a little more than log10(2)
        return Math.Max(digits, (header & ScaleMask) + 1) + 2; // a sign and a point
    }

    /// <summary>Writes the text form; returns its length.</summary>
    public int WriteText(Span<byte> target)
    {
        if (!IsFinite)
        {
            ReadOnlySpan<byte> word = IsNaN ? "NaN"u8 : Sign > 0 ? "Infinity"u8 : "-Infinity"u8;
            word.CopyTo(target);
            return word.Length;
        }
        int length = 0;
        if (Sign < 0)
            target[length++] = (byte)'-';
        Span<byte> digits = target[length..];
        int count;
        if (IsSmall)
        {
            UInt128 magnitude = Magnitude(_small);
            Invariant.Holds(magnitude <= ulong.MaxValue
                ? ((ulong)magnitude).TryFormat(digits, out count)
                : magnitude.TryFormat(digits, out count));
        }
        else
        {
            count = Encoding.ASCII.GetBytes(BigInteger.Abs(_big!.Value).ToString(CultureInfo.InvariantCulture), digits);
        }
        if (_scale == 0)
            return length + count;
        if (count <= _scale) // no integer digits: put zeros in front
        {
            int missing = _scale + 1 - count;
            digits[..count].CopyTo(digits[missing..]);
            digits[..missing].Fill((byte)'0');
            count += missing;
        }
        int whole = count - _scale;
        digits[whole..count].CopyTo(digits[(whole + 1)..]);
        digits[whole] = (byte)'.';
        return length + count + 1;
    }

    public override string ToString()
    {
        int lengthMax = TextLengthMax;
        byte[]? rented = lengthMax > 256 ? ArrayPool<byte>.Shared.Rent(lengthMax) : null;
        Span<byte> span = rented ?? stackalloc byte[256];
        string text = Encoding.ASCII.GetString(span[..WriteText(span)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return text;
    }

    private static bool TryParseSpecial(
        ReadOnlySpan<byte> text, ReadOnlySpan<byte> unsigned, bool isNegative, out SqlNumeric value)
    {
        if (Ascii.EqualsIgnoreCase(text, "nan"u8)) // NaN takes no sign
        {
            value = NaN;
            return true;
        }
        value = isNegative ? NegativeInfinity : PositiveInfinity;
        return Ascii.EqualsIgnoreCase(unsigned, "infinity"u8) || Ascii.EqualsIgnoreCase(unsigned, "inf"u8);
    }

    private static bool TryParseNumber(ReadOnlySpan<byte> rest, bool isNegative, out SqlNumeric value)
    {
        value = default;
        int at = 0, digitCount = 0, fraction = 0;
        bool hasPoint = false;
        ulong small = 0;
        for (; at < rest.Length; at++)
        {
            int digit = rest[at] - '0';
            if ((uint)digit <= 9)
            {
                digitCount++;
                if (digitCount <= 18)
                    small = (small * 10) + (uint)digit;
                if (hasPoint)
                    fraction++;
            }
            else if (rest[at] == '.' && !hasPoint)
            {
                hasPoint = true;
            }
            else
            {
                break;
            }
        }
        if (digitCount == 0 || !TryParseExponent(rest[at..], out int exponent))
            return false;
        long scale = (long)fraction - exponent;
        if (digitCount <= 18 && scale is >= 0 and <= ScaleMax)
        {
            value = new SqlNumeric(isNegative ? -(Int128)small : small, (int)scale);
            return true;
        }
        if (digitCount > IntegerDigitsMax + ScaleMax && rest[..at].TrimStart((byte)'0').Length > IntegerDigitsMax + ScaleMax + 1)
            throw Overflow(); // too large, or too finely divided, before the work of reading it
        BigInteger coefficient = digitCount <= 18 ? small : ParseDigits(rest[..at], digitCount);
        if (scale < 0)
        {
            if (!coefficient.IsZero && -scale > IntegerDigitsMax)
                throw Overflow();
            coefficient = coefficient.IsZero ? coefficient : coefficient * PowersOfTen.Big((int)-scale);
            scale = 0;
        }
        if (scale > ScaleMax)
            throw Overflow();
        value = Create(isNegative ? -coefficient : coefficient, (int)scale);
        return true;
    }

    private static bool TryParseExponent(ReadOnlySpan<byte> rest, out int exponent)
    {
        exponent = 0;
        if (rest.IsEmpty)
            return true;
        if (rest[0] is not ((byte)'e' or (byte)'E'))
            return false;
        rest = rest[1..];
        bool isNegative = rest.Length > 0 && rest[0] == '-';
        if (rest.Length > 0 && rest[0] is (byte)'+' or (byte)'-')
            rest = rest[1..];
        if (rest.IsEmpty)
            return false;
        long value = 0;
        foreach (byte c in rest)
        {
            if (!IsDigit(c))
                return false;
            value = Math.Min((value * 10) + (c - '0'), int.MaxValue);
        }
        if (value >= ExponentMax)
            throw Overflow();
        exponent = (int)(isNegative ? -value : value);
        return true;
    }

    private static BigInteger ParseDigits(ReadOnlySpan<byte> text, int digitCount)
    {
        char[] rented = ArrayPool<char>.Shared.Rent(digitCount);
        int count = 0;
        foreach (byte c in text)
        {
            if (c != '.')
                rented[count++] = (char)c;
        }
        BigInteger value = BigInteger.Parse(rented.AsSpan(0, count), NumberStyles.None, CultureInfo.InvariantCulture);
        ArrayPool<char>.Shared.Return(rented);
        return value;
    }

    private static bool IsDigit(byte c) => (uint)(c - '0') <= 9;
}
