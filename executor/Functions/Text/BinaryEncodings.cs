using System.Buffers.Text;
using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Text;

/// <summary>encode() and decode(): hex, base64 with lines of 76 characters, escape.</summary>
internal static class BinaryEncodings
{
    private const int LineLength = 76;

    public static void Encode(ReadOnlySpan<byte> value, string format, BinaryColumnBuilder target)
    {
        switch (format.ToLowerInvariant())
        {
            case "hex":
                target.Append(Convert.ToHexStringLower(value));
                break;
            case "base64":
                EncodeBase64(value, target);
                break;
            case "escape":
                EncodeEscaped(value, target);
                break;
            default:
                throw Unknown(format);
        }
    }

    public static void Decode(ReadOnlySpan<byte> text, string format, BinaryColumnBuilder target)
    {
        switch (format.ToLowerInvariant())
        {
            case "hex":
                DecodeHex(text, target);
                break;
            case "base64":
                DecodeBase64(text, target);
                break;
            case "escape":
                DecodeEscaped(text, target);
                break;
            default:
                throw Unknown(format);
        }
    }

    private static void EncodeBase64(ReadOnlySpan<byte> value, BinaryColumnBuilder target)
    {
        string text = Convert.ToBase64String(value);
        var lines = new StringBuilder(text.Length + (text.Length / LineLength));
        for (int at = 0; at < text.Length; at += LineLength)
        {
            if (at > 0)
                lines.Append('\n');
            lines.Append(text, at, Math.Min(LineLength, text.Length - at));
        }
        target.Append(lines.ToString());
    }

    private static void EncodeEscaped(ReadOnlySpan<byte> value, BinaryColumnBuilder target)
    {
        Span<byte> room = target.Reserve(value.Length * 4L);
        int at = 0;
        foreach (byte b in value)
        {
            if (b == 0 || b >= 0x80)
            {
                room[at++] = (byte)'\\';
                room[at++] = (byte)('0' + (b >> 6));
                room[at++] = (byte)('0' + ((b >> 3) & 7));
                room[at++] = (byte)('0' + (b & 7));
            }
            else
            {
                room[at++] = b;
                if (b == '\\')
                    room[at++] = b;
            }
        }
        target.Commit(at);
    }

    private static void DecodeHex(ReadOnlySpan<byte> text, BinaryColumnBuilder target)
    {
        Span<byte> room = target.Reserve((text.Length / 2) + 1);
        int at = 0, high = -1;
        for (int i = 0; i < text.Length; i++)
        {
            byte c = text[i];
            if (high < 0 && c is ((byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\r'))
                continue; // between two bytes only
            int digit = char.IsAsciiHexDigit((char)c) ? Convert.ToInt32(((char)c).ToString(), 16)
                : throw Invalid(text[i..], "hexadecimal digit");
            if (high < 0)
            {
                high = digit;
                continue;
            }
            room[at++] = (byte)((high << 4) | digit);
            high = -1;
        }
        if (high >= 0)
            throw new SqlException(SqlState.InvalidParameterValue, "invalid hexadecimal data: odd number of digits");
        target.Commit(at);
    }

    private static void DecodeBase64(ReadOnlySpan<byte> text, BinaryColumnBuilder target)
    {
        byte[] compact = new byte[text.Length];
        int count = 0, padding = 0;
        for (int i = 0; i < text.Length; i++)
        {
            byte c = text[i];
            if (c is (byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\r')
                continue;
            if (c == '=')
            {
                // An end mark stands only where two or three characters of a group are there.
                if (padding == 0 && count % 4 < 2)
                    throw new SqlException(SqlState.InvalidParameterValue,
                        "unexpected \"=\" while decoding base64 sequence");
                padding++;
            }
            else if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'+' or (byte)'/'))
            {
                throw Invalid(text[i..], "symbol", " found while decoding base64 sequence");
            }
            compact[count++] = c;
        }
        if (count % 4 != 0)
        {
            throw new SqlException(SqlState.InvalidParameterValue, "invalid base64 end sequence",
                hint: "Input data is missing padding, is truncated, or is otherwise corrupted.");
        }
        Span<byte> room = target.Reserve((count / 4 * 3) + 1);
        if (Base64.DecodeFromUtf8(compact.AsSpan(0, count), room, out _,
            out int written) != System.Buffers.OperationStatus.Done)
            throw new SqlException(SqlState.InvalidParameterValue, "unexpected \"=\" while decoding base64 sequence");
        target.Commit(written);
    }

    private static void DecodeEscaped(ReadOnlySpan<byte> text, BinaryColumnBuilder target)
    {
        Span<byte> room = target.Reserve(text.Length);
        int at = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                room[at++] = text[i];
            }
            else if (i + 1 < text.Length && text[i + 1] == '\\')
            {
                room[at++] = (byte)'\\';
                i++;
            }
            else if (i + 3 < text.Length && text[i + 1] is >= (byte)'0' and <= (byte)'3'
                && text[i + 2] is >= (byte)'0' and <= (byte)'7' && text[i + 3] is >= (byte)'0' and <= (byte)'7')
            {
                room[at++] = (byte)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0'));
                i += 3;
            }
            else
            {
                throw new SqlException(SqlState.InvalidTextRepresentation, "invalid input syntax for type bytea");
            }
        }
        target.Commit(at);
    }

    private static SqlException Unknown(string format) =>
        new(SqlState.InvalidParameterValue, $"unrecognized encoding: \"{format}\"");

    private static SqlException Invalid(ReadOnlySpan<byte> rest, string what, string where = "")
    {
        Rune.DecodeFromUtf8(rest, out Rune rune, out _);
        return new SqlException(SqlState.InvalidParameterValue,
            $"invalid {what}{(where.Length > 0 ? " " : ": ")}\"{rune}\"{where}");
    }
}
