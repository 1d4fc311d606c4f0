using System.Buffers;
using System.Text;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

internal sealed class ByteaFormat : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        var builder = (BinaryColumnBuilder)target;
        if (utf8.StartsWith("\\x"u8))
            builder.Commit(DecodeHex(utf8[2..], builder.Reserve(utf8.Length / 2)));
        else
            builder.Commit(DecodeEscaped(utf8, builder.Reserve(utf8.Length)));
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        ReadOnlySpan<byte> value = ((BinaryColumn)source)[row];
        if (!context.ByteaHex)
        {
            WriteEscaped(value, target);
            return;
        }
        Span<byte> text = target.GetSpan(2 + (2 * value.Length));
        "\\x"u8.CopyTo(text);
        Invariant.Holds(Convert.TryToHexStringLower(value, text[2..], out int written));
        target.Advance(2 + written);
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target,
        FormatContext context) =>
        ((BinaryColumnBuilder)target).Append(bytes);

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.Write(((BinaryColumn)source)[row]);

    /// <summary>
    /// Reads pairs of hexadecimal digits with spaces between pairs; returns how many bytes they make.
    /// </summary>
    internal static int DecodeHex(ReadOnlySpan<byte> text, Span<byte> target)
    {
        // The usual case has no spaces and is done at once.
        if (Convert.FromHexString(text, target, out int consumed, out int written) == OperationStatus.Done)
            return written;
        _ = consumed;
        int count = 0;
        for (int at = 0; at < text.Length;)
        {
            if (text[at] is (byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\r')
            {
                at++;
                continue;
            }
            int high = HexDigit(text, at++);
            if (at == text.Length)
                throw new SqlException(SqlState.InvalidParameterValue,
                    "invalid hexadecimal data: odd number of digits");
            target[count++] = (byte)(high << 4 | HexDigit(text, at++));
        }
        return count;
    }

    private static int HexDigit(ReadOnlySpan<byte> text, int at)
    {
        byte c = text[at];
        if (char.IsAsciiHexDigit((char)c))
            return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
        Rune.DecodeFromUtf8(text[at..], out _, out int length);
        throw new SqlException(SqlState.InvalidParameterValue,
            $"invalid hexadecimal digit: \"{FormatErrors.Text(text.Slice(at, length))}\"");
    }

    private static int DecodeEscaped(ReadOnlySpan<byte> text, Span<byte> target)
    {
        int count = 0;
        for (int at = 0; at < text.Length; count++)
        {
            ReadOnlySpan<byte> rest = text[at..];
            if (rest[0] != '\\')
            {
                target[count] = rest[0];
                at++;
            }
            else if (rest is [_, >= (byte)'0' and <= (byte)'3', >= (byte)'0' and <= (byte)'7',
                >= (byte)'0' and <= (byte)'7', ..])
            {
                target[count] = (byte)((rest[1] - '0') << 6 | (rest[2] - '0') << 3 | (rest[3] - '0'));
                at += 4;
            }
            else if (rest is [_, (byte)'\\', ..])
            {
                target[count] = (byte)'\\';
                at += 2;
            }
            else
            {
                throw new SqlException(SqlState.InvalidTextRepresentation, "invalid input syntax for type bytea");
            }
        }
        return count;
    }

    private static void WriteEscaped(ReadOnlySpan<byte> value, IBufferWriter<byte> target)
    {
        Span<byte> text = target.GetSpan(Math.Max(1, 4 * value.Length));
        int length = 0;
        foreach (byte b in value)
        {
            if (b == '\\')
                text[length++] = (byte)'\\';
            if (b is >= 0x20 and <= 0x7e)
            {
                text[length++] = b;
                continue;
            }
            text[length++] = (byte)'\\';
            text[length++] = (byte)('0' + (b >> 6));
            text[length++] = (byte)('0' + ((b >> 3) & 7));
            text[length++] = (byte)('0' + (b & 7));
        }
        target.Advance(length);
    }
}
