using System.Buffers;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Formats;

internal sealed class UuidFormat : TypeFormat
{
    private const int SizeBytes = 16, TextLength = 36;

    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((FixedColumnBuilder<Fixed16>)target).Append(
            TryParse(utf8, out Fixed16 value) ? value : throw FormatErrors.Syntax("uuid", utf8));

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        Fixed16 value = ((FixedColumn<Fixed16>)source)[row];
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<Fixed16>(in value));
        Span<byte> text = target.GetSpan(TextLength);
        int at = 0;
        for (int i = 0; i < SizeBytes; i++)
        {
            if (i is 4 or 6 or 8 or 10)
                text[at++] = (byte)'-';
            text[at++] = "0123456789abcdef"u8[bytes[i] >> 4];
            text[at++] = "0123456789abcdef"u8[bytes[i] & 15];
        }
        target.Advance(at);
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        Fixed16 value = MemoryMarshal.Read<Fixed16>(fields.Take(SizeBytes));
        fields.ExpectEnd();
        ((FixedColumnBuilder<Fixed16>)target).Append(value);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        Fixed16 value = ((FixedColumn<Fixed16>)source)[row];
        MemoryMarshal.Write(target.GetSpan(SizeBytes), in value);
        target.Advance(SizeBytes);
    }

    /// <summary>32 hexadecimal digits, a hyphen allowed after every fourth, all perhaps in braces.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out Fixed16 value)
    {
        value = default;
        if (text is [(byte)'{', .., (byte)'}'])
            text = text[1..^1];
        Span<byte> bytes = stackalloc byte[SizeBytes];
        int at = 0;
        for (int i = 0; i < SizeBytes; i++)
        {
            if (at + 2 > text.Length || !char.IsAsciiHexDigit((char)text[at])
                || !char.IsAsciiHexDigit((char)text[at + 1]))
                return false;
            bytes[i] = (byte)(Digit(text[at]) << 4 | Digit(text[at + 1]));
            at += 2;
            if (i % 2 == 1 && i < SizeBytes - 1 && at < text.Length && text[at] == '-')
                at++;
        }
        value = MemoryMarshal.Read<Fixed16>(bytes);
        return at == text.Length;
    }

    private static int Digit(byte c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
