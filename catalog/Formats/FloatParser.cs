using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace VecSQL.Catalog.Formats;

/// <summary>
/// Reads a floating-point number at the front of text as C's strtof and strtod do, without its leading spaces.
/// </summary>
/// <remarks>
/// Error: none; the result is the nearest number to the text. The fast path computes in double precision with at most
/// four units of error, and hands over to the exact parser where that could change the rounding.
/// Forms: decimal with exponent, hexadecimal (0x1.8p3), inf, infinity, nan, nan(text); any letter case.
/// </remarks>
internal static class FloatParser
{
    private const int MantissaDigitsMax = 19; // 10^19 − 1 is the last that fits into 64 bits
    private const ulong CutMantissaMin = 1_000_000_000_000_000_000; // what is cut off is then below a double's last bit

    // .NET's own constant has its sign bit set, PostgreSQL's has not.
    private static readonly double PositiveNaN = BitConverter.Int64BitsToDouble(0x7FF8_0000_0000_0000);

    // Exact up to 10^22; above, each is off by at most half a unit.
    private static readonly double[] PowersOfTen = MakePowers(60);

    /// <summary>Reads a float; returns how many bytes it took, 0 if there is no number.</summary>
    /// <param name="isOutOfRange">
    /// The text is not infinite but the value is, or the text is not zero but the value is.
    /// </param>
    internal static int ParseSingle(ReadOnlySpan<byte> text, out float value, out bool isOutOfRange)
    {
        int length = Scan(text, out ulong mantissa, out int exponent, out bool isNegative, out bool isCut);
        if (length > 0 && mantissa == 0 && !isCut)
        {
            value = isNegative ? -0f : 0f;
            isOutOfRange = false;
            return length;
        }
        if (length > 0 && mantissa != 0 && exponent is >= -60 and <= 60)
        {
            double wide = exponent < 0 ? mantissa / PowersOfTen[-exponent] : mantissa * PowersOfTen[exponent];
            // A double within a few units of the true value rounds to the same float, unless it lies beside a midpoint
            // of two floats, or outside of the range in which floats have all their bits.
            long tail = BitConverter.DoubleToInt64Bits(wide) & 0x1FFF_FFFF;
            if (Math.Abs(tail - 0x1000_0000) > 8 && wide is >= 1.1754944e-38 and < 3.4028234e38)
            {
                value = (float)(isNegative ? -wide : wide);
                isOutOfRange = false;
                return length;
            }
        }
        length = MeasureToken(text, out Token token);
        value = token switch
        {
            Token.Decimal => float.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture),
            Token.None => 0,
            _ => (float)ParseWord(text[..length], token),
        };
        isOutOfRange = IsOutOfRange(token, float.IsInfinity(value), value == 0, text[..length]);
        return length;
    }

    /// <summary>Reads a double; returns how many bytes it took, 0 if there is no number.</summary>
    /// <inheritdoc cref="ParseSingle"/>
    internal static int ParseDouble(ReadOnlySpan<byte> text, out double value, out bool isOutOfRange)
    {
        const ulong exactMax = 1UL << 53;
        int length = Scan(text, out ulong mantissa, out int exponent, out bool isNegative, out bool isCut);
        if (length > 0 && !isCut && mantissa <= exactMax && exponent is >= -22 and <= 22)
        {
            // Both operands are exact, so the one operation rounds once.
            value = exponent < 0 ? mantissa / PowersOfTen[-exponent] : mantissa * PowersOfTen[exponent];
            value = isNegative ? -value : value;
            isOutOfRange = false;
            return length;
        }
        length = MeasureToken(text, out Token token);
        value = token switch
        {
            Token.Decimal => double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture),
            Token.None => 0,
            _ => ParseWord(text[..length], token),
        };
        isOutOfRange = IsOutOfRange(token, double.IsInfinity(value), value == 0, text[..length]);
        return length;
    }

    private enum Token : byte { None, Decimal, Hexadecimal, Infinity, NaN }

    /// <summary>Reads a plain decimal number; returns 0 where it is something else or too long to tell.</summary>
    /// <param name="isCut">There were more digits than the mantissa holds; those after were left out.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Scan(ReadOnlySpan<byte> text, out ulong mantissa, out int exponent, out bool isNegative,
        out bool isCut)
    {
        mantissa = 0;
        exponent = 0;
        isCut = false;
        int at = 0;
        isNegative = text.Length > 0 && text[0] == '-';
        if (isNegative || (text.Length > 0 && text[0] == '+'))
            at = 1;
        int start = at;
        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
            mantissa = (mantissa * 10) + (uint)(text[at] - '0');
        int digits = at - start;
        if (digits > MantissaDigitsMax)
            return 0;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            int fractionStart = at;
            if (digits == 1 && mantissa == 0)
                digits = 0; // "0." in front costs no room
            // Eight digits at a step: numbers from embeddings have about that many.
            while (at + 8 <= text.Length && digits + (at - fractionStart) + 8 <= MantissaDigitsMax
                && TryParseEight(text[at..], out uint eight))
            {
                mantissa = (mantissa * 100_000_000) + eight;
                at += 8;
            }
            int room = MantissaDigitsMax - digits + fractionStart;
            for (; at < text.Length && (uint)(text[at] - '0') <= 9 && at < room; at++)
                mantissa = (mantissa * 10) + (uint)(text[at] - '0');
            exponent = fractionStart - at;
            if (at == room)
            {
                for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
                    isCut = true;
                if (isCut && mantissa < CutMantissaMin)
                    return 0; // zeros in front took the room of digits that count
            }
            if (at == fractionStart && fractionStart - 1 == start)
                return 0; // a point alone
        }
        else if (digits == 0)
        {
            return 0;
        }
        if (at < text.Length)
        {
            int letter = text[at] | 0x20;
            if (letter == 'e')
                return ScanExponent(text, at, ref exponent);
            if (letter == 'x')
                return 0;
        }
        return at;
    }

    private static int ScanExponent(ReadOnlySpan<byte> text, int at, ref int exponent)
    {
        int digit = at + 1;
        bool isNegative = digit < text.Length && text[digit] == '-';
        if (digit < text.Length && text[digit] is (byte)'-' or (byte)'+')
            digit++;
        int start = digit, value = 0;
        for (; digit < text.Length && (uint)(text[digit] - '0') <= 9; digit++)
            value = Math.Min((value * 10) + (text[digit] - '0'), 100_000);
        if (digit == start)
            return at; // the e is not the number's
        exponent += isNegative ? -value : value;
        return digit;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryParseEight(ReadOnlySpan<byte> text, out uint value)
    {
        ulong chunk = BinaryPrimitives.ReadUInt64LittleEndian(text);
        ulong digits = chunk - 0x3030303030303030UL;
        value = 0;
        if ((((chunk + 0x4646464646464646UL) | digits) & 0x8080808080808080UL) != 0)
            return false;
        digits = (digits * 10) + (digits >> 8); // pairs, then fours, then all eight
        value = (uint)((((digits & 0x000000FF000000FFUL) * 0x000F424000000064UL)
            + (((digits >> 16) & 0x000000FF000000FFUL) * 0x0000271000000001UL)) >> 32);
        return true;
    }

    private static int MeasureToken(ReadOnlySpan<byte> text, out Token token)
    {
        int at = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        ReadOnlySpan<byte> rest = text[at..];
        token = Token.None;
        if (rest.IsEmpty)
            return 0;
        if ((rest[0] | 0x20) == 'i')
        {
            int word = StartsWith(rest, "infinity"u8) ? 8 : StartsWith(rest, "inf"u8) ? 3 : 0;
            token = word > 0 ? Token.Infinity : Token.None;
            return word > 0 ? at + word : 0;
        }
        if ((rest[0] | 0x20) == 'n')
        {
            if (!StartsWith(rest, "nan"u8))
                return 0;
            token = Token.NaN;
            return at + 3 + MeasureParenthesis(rest[3..]);
        }
        if (rest.Length > 2 && rest[0] == '0' && (rest[1] | 0x20) == 'x'
            && MeasureHexadecimal(rest) is > 0 and int hexadecimal)
        {
            token = Token.Hexadecimal;
            return at + hexadecimal;
        }
        int length = MeasureDecimal(rest);
        token = length > 0 ? Token.Decimal : Token.None;
        return length > 0 ? at + length : 0;
    }

    private static int MeasureDecimal(ReadOnlySpan<byte> text)
    {
        int at = 0, digits = 0;
        for (; at < text.Length && char.IsAsciiDigit((char)text[at]); at++)
            digits++;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            for (; at < text.Length && char.IsAsciiDigit((char)text[at]); at++)
                digits++;
        }
        if (digits == 0)
            return 0;
        int ignored = 0;
        return at < text.Length && (text[at] | 0x20) == 'e' ? ScanExponent(text, at, ref ignored) : at;
    }

    private static int MeasureHexadecimal(ReadOnlySpan<byte> text)
    {
        int at = 2, digits = 0;
        for (; at < text.Length && char.IsAsciiHexDigit((char)text[at]); at++)
            digits++;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            for (; at < text.Length && char.IsAsciiHexDigit((char)text[at]); at++)
                digits++;
        }
        if (digits == 0)
            return 0;
        int ignored = 0;
        return at < text.Length && (text[at] | 0x20) == 'p' ? ScanExponent(text, at, ref ignored) : at;
    }

    private static int MeasureParenthesis(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != '(')
            return 0;
        int at = 1;
        while (at < text.Length && (char.IsAsciiLetterOrDigit((char)text[at]) || text[at] == '_'))
            at++;
        return at < text.Length && text[at] == ')' ? at + 1 : 0;
    }

    private static double ParseWord(ReadOnlySpan<byte> text, Token token)
    {
        bool isNegative = text[0] == '-';
        double value = token switch
        {
            Token.NaN => PositiveNaN,
            Token.Infinity => double.PositiveInfinity,
            _ => ParseHexadecimal(text[(text[0] is (byte)'-' or (byte)'+' ? 3 : 2)..]),
        };
        return isNegative ? -value : value;
    }

    private static double ParseHexadecimal(ReadOnlySpan<byte> digits)
    {
        ulong mantissa = 0;
        int exponent = 0, at = 0;
        bool hasPoint = false, hasMore = false;
        for (; at < digits.Length && (char.IsAsciiHexDigit((char)digits[at]) || digits[at] == '.'); at++)
        {
            if (digits[at] == '.')
            {
                hasPoint = true;
                continue;
            }
            int digit = digits[at] <= '9' ? digits[at] - '0' : (digits[at] | 0x20) - 'a' + 10;
            if (mantissa >> 58 == 0)
            {
                mantissa = (mantissa << 4) | (uint)digit;
                exponent -= hasPoint ? 4 : 0;
            }
            else
            {
                hasMore |= digit != 0;
                exponent += hasPoint ? 0 : 4;
            }
        }
        if (at < digits.Length)
            ScanExponent(digits, at, ref exponent);
        return Math.ScaleB(mantissa | (hasMore ? 1u : 0), exponent); // a digit dropped still decides a tie
    }

    private static bool IsOutOfRange(Token token, bool isInfinite, bool isZero, ReadOnlySpan<byte> text) => token switch
    {
        Token.Decimal => isInfinite || (isZero && HasNonZeroDigit(text, 'e')),
        Token.Hexadecimal => isInfinite || (isZero
            && HasNonZeroDigit(text[(text.IndexOfAny((byte)'x', (byte)'X') + 1)..], 'p')),
        _ => false,
    };

    private static bool HasNonZeroDigit(ReadOnlySpan<byte> text, char exponentLetter)
    {
        foreach (byte c in text)
        {
            if ((c | 0x20) == exponentLetter)
                return false;
            if (c is not ((byte)'0' or (byte)'.' or (byte)'+' or (byte)'-'))
                return true;
        }
        return false;
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) =>
        text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[..word.Length], word);

    private static double[] MakePowers(int exponentMax)
    {
        double[] powers = new double[exponentMax + 1];
        for (int i = 0; i <= exponentMax; i++)
            powers[i] = double.Parse($"1e{i}", CultureInfo.InvariantCulture);
        return powers;
    }
}
