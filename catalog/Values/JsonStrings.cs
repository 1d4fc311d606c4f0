using System.Buffers;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>Strings of JSON: with escapes and without.</summary>
public static class JsonStrings
{
    private static readonly SearchValues<byte> NeedsEscape =
        SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 32).Select(c => (byte)c)]);

    /// <summary>How long a text is at most as a JSON string.</summary>
    public static int EncodedLengthMax(ReadOnlySpan<byte> text) =>
        text.IndexOfAny(NeedsEscape) < 0 ? text.Length + 2 : checked((text.Length * 6) + 2);

    /// <summary>Writes text as a JSON string with quotes, escaping what must be; returns the length.</summary>
    public static int Encode(ReadOnlySpan<byte> text, Span<byte> target)
    {
        int length = 0;
        target[length++] = (byte)'"';
        while (true)
        {
            int special = text.IndexOfAny(NeedsEscape);
            int plain = special < 0 ? text.Length : special;
            text[..plain].CopyTo(target[length..]);
            length += plain;
            if (special < 0)
                break;
            length += Escape(text[special], target[length..]);
            text = text[(special + 1)..];
        }
        target[length++] = (byte)'"';
        return length;
    }

    /// <summary>Writes text as a JSON string with quotes.</summary>
    public static void Encode(ReadOnlySpan<byte> text, IBufferWriter<byte> target) =>
        target.Advance(Encode(text, target.GetSpan(EncodedLengthMax(text))));

    /// <summary>
    /// Removes the escapes of a checked JSON string given without quotes; returns the length, at most the source's.
    /// </summary>
    /// <exception cref="SqlException">
    /// An escape stands for no character (22P02), or for a zero character (22P05).
    /// </exception>
    public static int Decode(ReadOnlySpan<byte> raw, Span<byte> target)
    {
        int length = 0;
        while (true)
        {
            int escape = raw.IndexOf((byte)'\\');
            int plain = escape < 0 ? raw.Length : escape;
            raw[..plain].CopyTo(target[length..]);
            length += plain;
            if (escape < 0)
                return length;
            raw = raw[(escape + 1)..];
            if (raw[0] == 'u')
            {
                Rune rune = DecodeUnicode(ref raw);
                length += rune.EncodeToUtf8(target[length..]);
                continue;
            }
            target[length++] = raw[0] switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                byte other => other,
            };
            raw = raw[1..];
        }
    }

    private static Rune DecodeUnicode(ref ReadOnlySpan<byte> raw)
    {
        char unit = ReadUnit(ref raw);
        if (unit == 0)
        {
            throw new SqlException(SqlState.UntranslatableCharacter, "unsupported Unicode escape sequence")
            {
                Detail = "\\u0000 cannot be converted to text.",
            };
        }
        if (!char.IsSurrogate(unit))
            return new Rune(unit);
        if (char.IsHighSurrogate(unit) && raw.StartsWith("\\u"u8))
        {
            raw = raw[1..];
            char low = ReadUnit(ref raw);
            if (char.IsLowSurrogate(low))
                return new Rune(unit, low);
            if (char.IsHighSurrogate(low))
                throw Surrogate("Unicode high surrogate must not follow a high surrogate.");
        }
        throw Surrogate("Unicode low surrogate must follow a high surrogate.");
    }

    private static char ReadUnit(ref ReadOnlySpan<byte> raw)
    {
        int unit = 0;
        for (int i = 1; i <= 4; i++)
        {
            byte c = raw[i];
            unit = (unit << 4) | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        }
        raw = raw[5..];
        return (char)unit;
    }

    private static int Escape(byte c, Span<byte> target)
    {
        ReadOnlySpan<byte> escape = c switch
        {
            (byte)'"' => "\\\""u8,
            (byte)'\\' => "\\\\"u8,
            (byte)'\b' => "\\b"u8,
            (byte)'\f' => "\\f"u8,
            (byte)'\n' => "\\n"u8,
            (byte)'\r' => "\\r"u8,
            (byte)'\t' => "\\t"u8,
            _ => default,
        };
        if (!escape.IsEmpty)
        {
            escape.CopyTo(target);
            return escape.Length;
        }
        "\\u00"u8.CopyTo(target);
        target[4] = (byte)('0' + (c >> 4));
        target[5] = "0123456789abcdef"u8[c & 15];
        return 6;
    }

    private static SqlException Surrogate(string detail) =>
        new(SqlState.InvalidTextRepresentation, "invalid input syntax for type json") { Detail = detail };
}
