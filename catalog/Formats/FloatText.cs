using System.Globalization;
using System.Numerics;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>Floating-point numbers as PostgreSQL prints them.</summary>
/// <remarks>
/// With extra digits above 0 the shortest text that reads back to the same number, in plain notation for exponents
/// from −4 to 14 (double) or 5 (float); else C's <c>%g</c> with 15 (6) digits more or fewer.
/// </remarks>
public static class FloatText
{
    /// <summary>The longest text of any number.</summary>
    public const int LengthMax = 32;

    private const int DoubleDigits = 15, SingleDigits = 6;

    /// <summary>Writes the text; returns its length, at most <see cref="LengthMax"/>.</summary>
    public static int Write(double value, Span<byte> target, int extraDigits = 1)
    {
        if (!double.IsFinite(value))
            return WriteSpecial(double.IsNaN(value), value > 0, target);
        if (extraDigits <= 0)
            return WriteRounded(value, Math.Max(1, DoubleDigits + extraDigits), target);
        if (value == (long)value && Math.Abs(value) < 1e15 && value != 0)
        {
            Invariant.Holds(((long)value).TryFormat(target, out int length));
            return length;
        }
        Span<byte> text = stackalloc byte[LengthMax];
        Invariant.Holds(value.TryFormat(text, out int written, default, CultureInfo.InvariantCulture));
        if (Math.Abs(value) is >= 9007199254740992.0 and < MidpointsBelow && IsMidpoint(text[..written], value))
            written = WriteInside(value, text);
        return Lay(text[..written], DoubleDigits, target);
    }

    /// <inheritdoc cref="Write(double, Span{byte}, int)"/>
    public static int Write(float value, Span<byte> target, int extraDigits = 1)
    {
        if (!float.IsFinite(value))
            return WriteSpecial(float.IsNaN(value), value > 0, target);
        if (extraDigits <= 0)
            return WriteRounded(value, Math.Max(1, SingleDigits + extraDigits), target);
        if (value == (int)value && Math.Abs(value) < 1e6f && value != 0)
        {
            Invariant.Holds(((int)value).TryFormat(target, out int length));
            return length;
        }
        return Math.Abs(value) is >= ShortSingle.From and < ShortSingle.Below
            ? WriteShort(value, target)
            : WriteAny(value, target);
    }

    private static int WriteShort(float value, Span<byte> target)
    {
        int start = 0;
        if (value < 0)
            target[start++] = (byte)'-';
        uint digits = ShortSingle.Digits(Math.Abs(value), out int power);
        Invariant.Holds(power < 0); // whole numbers took another way
        // The digits go where they are when a point and a zero come before; then the point moves to its place.
        Span<byte> text = target[(start + 1)..];
        Invariant.Holds(digits.TryFormat(text, out int count));
        int whole = count + power;
        if (whole > 0)
        {
            text[..whole].CopyTo(target[start..]);
            target[start + whole] = (byte)'.';
            return start + 1 + count;
        }
        int zeros = 1 - whole; // one before the point, the others behind it
        text[..count].CopyTo(target[(start + 1 + zeros)..]);
        target.Slice(start, zeros + 1).Fill((byte)'0');
        target[start + 1] = (byte)'.';
        return start + 1 + zeros + count;
    }

    /// <summary>The shortest text of a number of any size.</summary>
    internal static int WriteAny(float value, Span<byte> target)
    {
        Span<byte> text = stackalloc byte[LengthMax];
        Invariant.Holds(value.TryFormat(text, out int written, default, CultureInfo.InvariantCulture));
        if (Math.Abs(value) is >= 16777216f and < SingleMidpointsBelow && IsMidpoint(text[..written], value))
            written = WriteInside(value, text);
        return Lay(text[..written], SingleDigits, target);
    }

    // Halfway between two neighbours, rounding to even may lead back to the number, so the shortest text can be a
    // midpoint. PostgreSQL never prints one and takes more digits. Midpoints are short only among whole numbers of this
    // size.
    private const double MidpointsBelow = 1e40;
    private const float SingleMidpointsBelow = 1e30f;

    private static bool IsMidpoint(ReadOnlySpan<byte> text, double value)
    {
        BigInteger twice = 2 * Whole(text), exact = new(value);
        return twice == exact + new BigInteger(Math.BitIncrement(value))
            || twice == exact + new BigInteger(Math.BitDecrement(value));
    }

    private static bool IsMidpoint(ReadOnlySpan<byte> text, float value)
    {
        BigInteger twice = 2 * Whole(text), exact = new(value);
        return twice == exact + new BigInteger(MathF.BitIncrement(value))
            || twice == exact + new BigInteger(MathF.BitDecrement(value));
    }

    private static BigInteger Whole(ReadOnlySpan<byte> text)
    {
        Span<char> wide = stackalloc char[LengthMax];
        int length = Encoding.ASCII.GetChars(text, wide);
        return BigInteger.Parse(wide[..length], NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    /// <summary>The shortest rounding of the number that is not a midpoint.</summary>
    private static int WriteInside(double value, Span<byte> text)
    {
        for (int digits = 1; ; digits++)
        {
            int written = Format(value, digits, text);
            if (double.Parse(text[..written], CultureInfo.InvariantCulture) == value
                && !IsMidpoint(text[..written], value))
                return written;
        }
    }

    private static int WriteInside(float value, Span<byte> text)
    {
        for (int digits = 1; ; digits++)
        {
            int written = Format(value, digits, text);
            if (float.Parse(text[..written], CultureInfo.InvariantCulture) == value
                && !IsMidpoint(text[..written], value))
                return written;
        }
    }

    private static int WriteSpecial(bool isNaN, bool isPositive, Span<byte> target)
    {
        ReadOnlySpan<byte> word = isNaN ? "NaN"u8 : isPositive ? "Infinity"u8 : "-Infinity"u8;
        word.CopyTo(target);
        return word.Length;
    }

    private static int WriteRounded<T>(T value, int digits, Span<byte> target) where T : IUtf8SpanFormattable
    {
        Span<byte> text = stackalloc byte[LengthMax];
        return Lay(text[..Format(value, digits, text)], digits, target);
    }

    /// <summary>Writes the number at so many significant digits, in scientific notation.</summary>
    private static int Format<T>(T value, int digits, Span<byte> text) where T : IUtf8SpanFormattable
    {
        ReadOnlySpan<char> precision = ['E', (char)('0' + ((digits - 1) / 10)), (char)('0' + ((digits - 1) % 10))];
        Invariant.Holds(value.TryFormat(text, out int written, precision, CultureInfo.InvariantCulture));
        return written;
    }

    /// <summary>
    /// Puts a number's digits into PostgreSQL's layout: plain if the exponent is at least −4 and below a bound.
    /// </summary>
    private static int Lay(ReadOnlySpan<byte> text, int plainBelow, Span<byte> target)
    {
        int length = 0, at = 0;
        if (text[0] == '-')
        {
            target[length++] = (byte)'-';
            at = 1;
        }
        Span<byte> digits = stackalloc byte[LengthMax];
        int count = 0, exponent = -1; // of the first digit that is not zero
        bool hasPoint = false;
        for (; at < text.Length && text[at] != 'E'; at++)
        {
            if (text[at] == '.')
            {
                hasPoint = true;
                continue;
            }
            if (count > 0 || text[at] != '0')
                digits[count++] = text[at];
            if (!hasPoint && count > 0)
                exponent++;
            else if (hasPoint && count == 0)
                exponent--;
        }
        if (at < text.Length)
        {
            Invariant.Holds(int.TryParse(text[(at + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
                out int written));
            exponent += written;
        }
        while (count > 1 && digits[count - 1] == '0')
            count--;
        if (count == 0)
        {
            target[length++] = (byte)'0';
            return length;
        }
        return exponent >= -4 && exponent < plainBelow
            ? length + WritePlain(digits[..count], exponent, target[length..])
            : length + WriteScientific(digits[..count], exponent, target[length..]);
    }

    private static int WritePlain(ReadOnlySpan<byte> digits, int exponent, Span<byte> target)
    {
        if (exponent < 0)
        {
            "0.000"u8[..(1 - exponent)].CopyTo(target);
            digits.CopyTo(target[(1 - exponent)..]);
            return 1 - exponent + digits.Length;
        }
        int whole = exponent + 1;
        if (digits.Length <= whole)
        {
            digits.CopyTo(target);
            target[digits.Length..whole].Fill((byte)'0');
            return whole;
        }
        digits[..whole].CopyTo(target);
        target[whole] = (byte)'.';
        digits[whole..].CopyTo(target[(whole + 1)..]);
        return digits.Length + 1;
    }

    private static int WriteScientific(ReadOnlySpan<byte> digits, int exponent, Span<byte> target)
    {
        int length = 0;
        target[length++] = digits[0];
        if (digits.Length > 1)
        {
            target[length++] = (byte)'.';
            digits[1..].CopyTo(target[length..]);
            length += digits.Length - 1;
        }
        target[length++] = (byte)'e';
        target[length++] = exponent < 0 ? (byte)'-' : (byte)'+';
        int size = Math.Abs(exponent);
        if (size >= 100)
        {
            target[length++] = (byte)('0' + (size / 100));
            size %= 100;
        }
        target[length++] = (byte)('0' + (size / 10));
        target[length++] = (byte)('0' + (size % 10));
        return length;
    }
}
