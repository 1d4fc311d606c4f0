using System.Buffers;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Formats;

/// <summary>bit(n) and bit varying(n): <c>101</c>. Binary: bit count int32, bits.</summary>
internal sealed class BitFormat(bool isVarying) : TypeFormat
{
    private const int CountMax = int.MaxValue - 7; // PostgreSQL's

    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        BitString.Parse(utf8, isVarying, modifier, (BinaryColumnBuilder)target);

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        var bits = new BitString(((BinaryColumn)source)[row]);
        if (bits.Count == 0)
            return;
        Span<byte> text = target.GetSpan(bits.Count);
        for (int i = 0; i < bits.Count; i++)
            text[i] = bits[i] ? (byte)'1' : (byte)'0';
        target.Advance(bits.Count);
    }

    public override int? TextBytesMax(ReadOnlySpan<byte> value) => new BitString(value).Count;

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        int count = fields.ReadInt32();
        if (count is < 0 or > CountMax)
            throw FormatErrors.BadBinary("invalid length in external bit string");
        BitString.CheckLength(count, isVarying, modifier);
        ReadOnlySpan<byte> bits = fields.Take((int)(((long)count + 7) / 8));
        fields.ExpectEnd();
        BitString.Append((BinaryColumnBuilder)target, count, bits);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        var bits = new BitString(((BinaryColumn)source)[row]);
        target.WriteInt32(bits.Count);
        target.Write(bits.Bytes);
    }
}
