using System.Buffers;
using System.Buffers.Binary;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>double precision.</summary>
internal sealed class Float64Format : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((FixedColumnBuilder<double>)target).Append(Parse(utf8));

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.Advance(FloatText.Write(
            ((FixedColumn<double>)source)[row], target.GetSpan(FloatText.LengthMax), context.ExtraFloatDigits));

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        double value = fields.ReadDouble();
        fields.ExpectEnd();
        ((FixedColumnBuilder<double>)target).Append(value);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        BinaryPrimitives.WriteDoubleBigEndian(target.GetSpan(8), ((FixedColumn<double>)source)[row]);
        target.Advance(8);
    }

    internal static double Parse(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = TextScan.TrimSpaces(utf8);
        int length = FloatParser.ParseDouble(text, out double value, out bool isOutOfRange);
        if (length > 0 && isOutOfRange)
            throw FloatErrors.OutOfRange("double precision", text[..length]);
        return length > 0 && length == text.Length ? value : throw FormatErrors.Syntax("double precision", utf8);
    }
}

/// <summary>real.</summary>
internal sealed class Float32Format : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((FixedColumnBuilder<float>)target).Append(Parse(utf8));

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.Advance(FloatText.Write(
            ((FixedColumn<float>)source)[row], target.GetSpan(FloatText.LengthMax), context.ExtraFloatDigits));

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        float value = fields.ReadSingle();
        fields.ExpectEnd();
        ((FixedColumnBuilder<float>)target).Append(value);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        BinaryPrimitives.WriteSingleBigEndian(target.GetSpan(4), ((FixedColumn<float>)source)[row]);
        target.Advance(4);
    }

    internal static float Parse(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = TextScan.TrimSpaces(utf8);
        int length = FloatParser.ParseSingle(text, out float value, out bool isOutOfRange);
        if (length > 0 && isOutOfRange)
            throw FloatErrors.OutOfRange("real", text[..length]);
        return length > 0 && length == text.Length ? value : throw FormatErrors.Syntax("real", utf8);
    }
}

internal static class FloatErrors
{
    internal static SqlException OutOfRange(string type, ReadOnlySpan<byte> number) =>
        new(SqlState.NumericValueOutOfRange, $"\"{FormatErrors.Text(number)}\" is out of range for type {type}");
}
