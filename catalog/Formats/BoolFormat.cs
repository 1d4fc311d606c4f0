using System.Buffers;
using System.Text;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Formats;

internal sealed class BoolFormat : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((BoolColumnBuilder)target).Append(TryParse(utf8, out bool value) ? value
            : throw FormatErrors.Syntax("boolean", utf8));

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.WriteByte(((BoolColumn)source)[row] ? (byte)'t' : (byte)'f');

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        byte value = fields.ReadByte();
        fields.ExpectEnd();
        ((BoolColumnBuilder)target).Append(value != 0);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.WriteByte(((BoolColumn)source)[row] ? (byte)1 : (byte)0);

    /// <summary>Any unambiguous beginning of true, false, yes, no, on, off; or 1 or 0.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> utf8, out bool value)
    {
        ReadOnlySpan<byte> word = TextScan.TrimSpaces(utf8);
        value = word.Length > 0 && (char)(word[0] | 0x20) is 't' or 'y'
            || word is [(byte)'1']
            || (word.Length == 2 && (word[1] | 0x20) == 'n' && (word[0] | 0x20) == 'o');
        if (word.IsEmpty)
            return false;
        return word[0] switch
        {
            (byte)'t' or (byte)'T' => IsBeginning(word, "true"u8),
            (byte)'f' or (byte)'F' => IsBeginning(word, "false"u8),
            (byte)'y' or (byte)'Y' => IsBeginning(word, "yes"u8),
            (byte)'n' or (byte)'N' => IsBeginning(word, "no"u8),
            (byte)'o' or (byte)'O' => word.Length > 1 && (IsBeginning(word, "on"u8) || IsBeginning(word, "off"u8)),
            (byte)'1' or (byte)'0' => word.Length == 1,
            _ => false,
        };
    }

    private static bool IsBeginning(ReadOnlySpan<byte> word, ReadOnlySpan<byte> of) =>
        word.Length <= of.Length && Ascii.EqualsIgnoreCase(word, of[..word.Length]);
}
