using System.Buffers.Binary;
using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>
/// Reads a bit or varbit value: how many bits, then the bits, most significant first, padded with zeros.
/// </summary>
public readonly ref struct BitString
{
    private const int HeaderBytes = 4;

    private readonly ReadOnlySpan<byte> _value;

    public BitString(ReadOnlySpan<byte> value)
    {
        _value = value;
        Count = BinaryPrimitives.ReadInt32LittleEndian(value);
    }

    public int Count { get; }

    /// <summary>The bits, eight a byte; the bits after the last are zero.</summary>
    public ReadOnlySpan<byte> Bytes => _value[HeaderBytes..];

    public bool this[int index] => (_value[HeaderBytes + (index >> 3)] & (0x80 >> (index & 7))) != 0;

    /// <summary>Appends a bit string; bits after the last one are cleared.</summary>
    public static void Append(BinaryColumnBuilder target, int count, ReadOnlySpan<byte> bits)
    {
        Span<byte> room = Begin(target, count);
        bits[..room.Length].CopyTo(room);
        ClearPadding(room, count);
        target.Commit(HeaderBytes + room.Length);
    }

    /// <summary>Casts to bit(n) or varbit(n): an explicit cast cuts or pads with zeros at the right.</summary>
    /// <exception cref="SqlException">An implicit cast, and the length does not fit.</exception>
    public void AppendCast(BinaryColumnBuilder target, bool isVarying, int length, bool isExplicit)
    {
        if (length <= 0 || length == Count || (isVarying && Count <= length))
        {
            target.Append(_value);
            return;
        }
        if (!isExplicit)
            CheckLength(Count, isVarying, length);
        Span<byte> room = Begin(target, length);
        room.Clear();
        Bytes[..Math.Min(Bytes.Length, room.Length)].CopyTo(room);
        ClearPadding(room, length);
        target.Commit(HeaderBytes + room.Length);
    }

    /// <summary>Zeroes the unused bits of the last byte.</summary>
    public static void ClearPadding(Span<byte> bits, int count)
    {
        if ((count & 7) != 0)
            bits[count >> 3] &= (byte)(0xFF00 >> (count & 7));
    }

    /// <summary>
    /// Room for a bit string's bits in a builder; fill it, then commit the length of the room plus four.
    /// </summary>
    public static Span<byte> Begin(BinaryColumnBuilder target, int count)
    {
        int bytes = (int)(((long)count + 7) / 8);
        Span<byte> room = target.Reserve(HeaderBytes + bytes);
        BinaryPrimitives.WriteInt32LittleEndian(room, count);
        return room.Slice(HeaderBytes, bytes);
    }

    /// <summary>PostgreSQL's order: bytes first, then the shorter before the longer.</summary>
    public static int Compare(BitString left, BitString right)
    {
        int common = Math.Min(left.Bytes.Length, right.Bytes.Length);
        int bytes = left.Bytes[..common].SequenceCompareTo(right.Bytes[..common]);
        return bytes != 0 ? bytes : left.Count.CompareTo(right.Count);
    }

    /// <exception cref="SqlException">The type modifier does not allow the length.</exception>
    internal static void CheckLength(int count, bool isVarying, int modifier)
    {
        if (modifier <= 0)
            return;
        if (isVarying && count > modifier)
        {
            throw new SqlException(SqlState.StringDataRightTruncation,
                $"bit string too long for type bit varying({modifier})");
        }
        if (!isVarying && count != modifier)
        {
            throw new SqlException(SqlState.StringDataLengthMismatch,
                $"bit string length {count} does not match type bit({modifier})");
        }
    }

    /// <summary>Reads <c>101</c>, <c>b101</c> or <c>xA5</c>.</summary>
    internal static void Parse(ReadOnlySpan<byte> text, bool isVarying, int modifier, BinaryColumnBuilder target)
    {
        bool isHexadecimal = text.Length > 0 && text[0] is (byte)'x' or (byte)'X';
        ReadOnlySpan<byte> digits = isHexadecimal || (text.Length > 0 && text[0] is (byte)'b' or (byte)'B') ? text[1..]
            : text;
        long count = (long)digits.Length * (isHexadecimal ? 4 : 1);
        if (count > int.MaxValue)
            throw new SqlException(SqlState.ProgramLimitExceeded,
                "bit string length exceeds the maximum allowed (2147483639)");
        CheckLength((int)count, isVarying, modifier);
        Span<byte> room = Begin(target, (int)count);
        room.Clear();
        for (int i = 0; i < digits.Length; i++)
        {
            byte c = digits[i];
            if (isHexadecimal)
            {
                if (!char.IsAsciiHexDigit((char)c))
                    throw BadDigit(digits[i..], "hexadecimal");
                int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
                room[i >> 1] |= (byte)((i & 1) == 0 ? digit << 4 : digit);
            }
            else if (c == '1')
            {
                room[i >> 3] |= (byte)(0x80 >> (i & 7));
            }
            else if (c != '0')
            {
                throw BadDigit(digits[i..], "binary");
            }
        }
        target.Commit(HeaderBytes + room.Length);
    }

    private static SqlException BadDigit(ReadOnlySpan<byte> rest, string kind)
    {
        Rune.DecodeFromUtf8(rest, out _, out int length);
        return new SqlException(SqlState.InvalidTextRepresentation,
            $"\"{Encoding.UTF8.GetString(rest[..length])}\" is not a valid {kind} digit");
    }
}
