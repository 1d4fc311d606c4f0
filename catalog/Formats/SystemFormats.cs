using System.Buffers;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Formats;

/// <summary>int2vector and oidvector: numbers with spaces between, an array counted from 0 inside.</summary>
internal sealed class NumberListFormat(uint elementOid, TypeFormat element) : TypeFormat
{
    private readonly ArrayFormat _array = new(elementOid, element);

    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        var builder = new ArrayBuilder(elementOid);
        for (int at = 0; ; )
        {
            while (at < utf8.Length && TextScan.IsSpace(utf8[at]))
                at++;
            if (at == utf8.Length)
                break;
            int start = at;
            while (at < utf8.Length && !TextScan.IsSpace(utf8[at]))
                at++;
            element.ReadText(utf8[start..at], -1, builder.Elements, context);
        }
        int count = builder.Elements.Length;
        builder.AppendTo((BinaryColumnBuilder)target, [count], [0]);
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        var array = new ArrayValue(((BinaryColumn)source)[row]);
        for (int i = 0; i < array.Count; i++)
        {
            if (i > 0)
                target.WriteByte((byte)' ');
            target.WriteDecimal(elementOid == TypeOid.Int2
                ? MemoryMarshal.Read<short>(array[i])
                : MemoryMarshal.Read<long>(array[i]));
        }
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target,
        FormatContext context) =>
        _array.ReadBinary(bytes, modifier, target, context);

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        _array.WriteBinary(source, row, target, context);
}

/// <summary>tid: <c>(block,position)</c>. Binary: block uint32, position uint16.</summary>
internal sealed class TidFormat : TypeFormat
{
    private const int PositionBits = 16;

    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        int comma = utf8.IndexOf((byte)',');
        if (utf8 is not [(byte)'(', .., (byte)')'] || comma < 0)
            throw FormatErrors.Syntax("tid", utf8);
        if (!uint.TryParse(utf8[1..comma], out uint block)
            || !ushort.TryParse(utf8[(comma + 1)..^1], out ushort position))
            throw FormatErrors.Syntax("tid", utf8);
        ((FixedColumnBuilder<long>)target).Append((long)block << PositionBits | position);
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        long value = ((FixedColumn<long>)source)[row];
        target.WriteByte((byte)'(');
        target.WriteDecimal(value >> PositionBits);
        target.WriteByte((byte)',');
        target.WriteDecimal(value & ushort.MaxValue);
        target.WriteByte((byte)')');
    }

    public override int? TextBytesMax(ReadOnlySpan<byte> value) => "(4294967295,65535)".Length;

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        long block = fields.ReadUInt32();
        ushort position = fields.ReadUInt16();
        fields.ExpectEnd();
        ((FixedColumnBuilder<long>)target).Append(block << PositionBits | position);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        long value = ((FixedColumn<long>)source)[row];
        target.WriteInt32((int)(value >> PositionBits));
        target.WriteInt16((short)value);
    }
}
