using System.Buffers;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Formats;

/// <summary>Reads decimal integers as PostgreSQL's integer input functions do.</summary>
internal static class IntegerText
{
    /// <summary>
    /// Spaces, a sign, digits, spaces; anything else is an error, and so is a number outside the range.
    /// </summary>
    internal static long Read(ReadOnlySpan<byte> utf8, string type, long min, long max)
    {
        int at = 0, end = utf8.Length;
        while (at < end && TextScan.IsSpace(utf8[at]))
            at++;
        bool isNegative = at < end && utf8[at] == '-';
        if (at < end && utf8[at] is (byte)'-' or (byte)'+')
            at++;
        int firstDigit = at;
        long value = 0; // negative, since there is one more negative number than positive ones
        bool overflows = false;
        for (; at < end && TextScan.IsDigit(utf8[at]); at++)
        {
            int digit = utf8[at] - '0';
            if (value < (long.MinValue + digit) / 10)
                overflows = true;
            else
                value = (value * 10) - digit;
        }
        if (at == firstDigit)
            throw FormatErrors.Syntax(type, utf8);
        while (at < end && TextScan.IsSpace(utf8[at]))
            at++;
        // PostgreSQL notices an overflow before it sees what follows the digits.
        if (overflows || (!isNegative && value == long.MinValue))
            throw FormatErrors.OutOfRange(type, utf8);
        if (at != end)
            throw FormatErrors.Syntax(type, utf8);
        value = isNegative ? value : -value;
        return value >= min && value <= max ? value : throw FormatErrors.OutOfRange(type, utf8);
    }
}

internal sealed class Int16Format : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((FixedColumnBuilder<short>)target).Append(
            (short)IntegerText.Read(utf8, "smallint", short.MinValue, short.MaxValue));

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.WriteDecimal(((FixedColumn<short>)source)[row]);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        short value = fields.ReadInt16();
        fields.ExpectEnd();
        ((FixedColumnBuilder<short>)target).Append(value);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.WriteInt16(((FixedColumn<short>)source)[row]);
}

internal sealed class Int32Format : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((FixedColumnBuilder<int>)target).Append((int)IntegerText.Read(utf8, "integer", int.MinValue, int.MaxValue));

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.WriteDecimal(((FixedColumn<int>)source)[row]);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        int value = fields.ReadInt32();
        fields.ExpectEnd();
        ((FixedColumnBuilder<int>)target).Append(value);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.WriteInt32(((FixedColumn<int>)source)[row]);
}

internal sealed class Int64Format : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((FixedColumnBuilder<long>)target).Append(IntegerText.Read(utf8, "bigint", long.MinValue, long.MaxValue));

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.WriteDecimal(((FixedColumn<long>)source)[row]);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        long value = fields.ReadInt64();
        fields.ExpectEnd();
        ((FixedColumnBuilder<long>)target).Append(value);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.WriteInt64(((FixedColumn<long>)source)[row]);
}
