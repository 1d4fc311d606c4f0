using System.Buffers;
using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>Arrays: <c>{1,2,NULL}</c>, <c>{{a,b},{c,d}}</c>, <c>[0:2]={1,2,3}</c>.</summary>
/// <remarks>
/// Binary: dimensions int32, has nulls int32, element type uint32, per dimension length int32 and lower bound int32,
/// then per element its length int32 (−1 for null) and its binary form.
/// </remarks>
internal sealed class ArrayFormat(uint elementOid, TypeFormat element) : TypeFormat
{
    /// <summary>Types from here on have numbers that differ from one server to another.</summary>
    private const uint FirstAssignedOid = 10_000;

    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        var reader = new ArrayTextReader(utf8, elementOid, element, modifier, context);
        reader.AppendTo((BinaryColumnBuilder)target);
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        var array = new ArrayValue(((BinaryColumn)source)[row]);
        if (array.Count == 0)
        {
            target.Write("{}"u8);
            return;
        }
        WriteBounds(array, target);
        Column elements = array.ToColumn();
        var text = new ArrayBufferWriter<byte>(64);
        int next = 0;
        WriteDimension(array, 0, ref next, elements, text, target, context);
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        int dimensions = fields.ReadInt32();
        if (dimensions < 0)
            throw FormatErrors.BadBinary($"invalid number of dimensions: {dimensions}");
        if (dimensions > ArrayValue.DimensionsMax)
        {
            throw new SqlException(SqlState.ProgramLimitExceeded,
                $"number of array dimensions ({dimensions}) exceeds the maximum allowed ({ArrayValue.DimensionsMax})");
        }
        int flags = fields.ReadInt32();
        if (flags is not (0 or 1))
            throw FormatErrors.BadBinary("invalid array flags");
        uint type = fields.ReadUInt32();
        // A client may copy what another server sent.
        if (type != elementOid && type < FirstAssignedOid && elementOid < FirstAssignedOid)
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                $"binary data has array element type {type} ({BuiltinTypes.FormatType(type, null)}) instead of expected "
                + $"{elementOid} ({BuiltinTypes.FormatType(elementOid, null)})");
        }
        Span<int> lengths = stackalloc int[ArrayValue.DimensionsMax], bounds = stackalloc int[ArrayValue.DimensionsMax];
        for (int i = 0; i < dimensions; i++)
        {
            lengths[i] = fields.ReadInt32();
            bounds[i] = fields.ReadInt32();
        }
        int count = ArrayBuilder.CheckShape(lengths[..dimensions], bounds[..dimensions]);
        var builder = new ArrayBuilder(elementOid);
        for (int i = 0; i < count; i++)
        {
            int length = fields.ReadInt32();
            if (length < -1 || length > fields.Remaining)
                throw FormatErrors.BadBinary("insufficient data left in message");
            if (length == -1)
                builder.Elements.AppendNull();
            else
                element.ReadBinary(fields.Take(length), modifier, builder.Elements, context);
        }
        fields.ExpectEnd();
        if (count == 0)
            dimensions = 0;
        builder.AppendTo((BinaryColumnBuilder)target, lengths[..dimensions], bounds[..dimensions]);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        var array = new ArrayValue(((BinaryColumn)source)[row]);
        target.WriteInt32(array.Dimensions);
        target.WriteInt32(array.HasNulls ? 1 : 0);
        target.WriteInt32((int)array.ElementOid);
        for (int i = 0; i < array.Dimensions; i++)
        {
            target.WriteInt32(array.Length(i));
            target.WriteInt32(array.LowerBound(i));
        }
        Column elements = array.ToColumn();
        var bytes = new ArrayBufferWriter<byte>(64);
        for (int i = 0; i < array.Count; i++)
        {
            if (elements.IsNull(i))
            {
                target.WriteInt32(-1);
                continue;
            }
            bytes.ResetWrittenCount();
            element.WriteBinary(elements, i, bytes, context);
            target.WriteInt32(bytes.WrittenCount);
            target.Write(bytes.WrittenSpan);
        }
    }

    private static void WriteBounds(ArrayValue array, IBufferWriter<byte> target)
    {
        bool isUsual = true;
        for (int i = 0; i < array.Dimensions; i++)
            isUsual &= array.LowerBound(i) == 1;
        if (isUsual)
            return;
        for (int i = 0; i < array.Dimensions; i++)
        {
            target.WriteByte((byte)'[');
            target.WriteDecimal(array.LowerBound(i));
            target.WriteByte((byte)':');
            target.WriteDecimal((long)array.LowerBound(i) + array.Length(i) - 1);
            target.WriteByte((byte)']');
        }
        target.WriteByte((byte)'=');
    }

    private void WriteDimension(
        ArrayValue array, int dimension, ref int next, Column elements,
        ArrayBufferWriter<byte> text, IBufferWriter<byte> target, FormatContext context)
    {
        target.WriteByte((byte)'{');
        for (int i = 0; i < array.Length(dimension); i++)
        {
            if (i > 0)
                target.WriteByte((byte)',');
            if (dimension + 1 < array.Dimensions)
            {
                WriteDimension(array, dimension + 1, ref next, elements, text, target, context);
                continue;
            }
            if (elements.IsNull(next))
            {
                target.Write("NULL"u8);
            }
            else
            {
                text.ResetWrittenCount();
                element.WriteText(elements, next, text, context);
                WriteElement(text.WrittenSpan, target);
            }
            next++;
        }
        target.WriteByte((byte)'}');
    }

    /// <summary>An array of values that are text already.</summary>
    public static string Text(IEnumerable<string> elements)
    {
        ArrayBufferWriter<byte> text = new();
        text.Write("{"u8);
        foreach (string element in elements)
        {
            if (text.WrittenCount > 1)
                text.Write(","u8);
            WriteElement(Encoding.UTF8.GetBytes(element), text);
        }
        text.Write("}"u8);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static void WriteElement(ReadOnlySpan<byte> text, IBufferWriter<byte> target)
    {
        if (!NeedsQuotes(text))
        {
            target.Write(text);
            return;
        }
        Span<byte> room = target.GetSpan((2 * text.Length) + 2);
        int length = 0;
        room[length++] = (byte)'"';
        foreach (byte b in text)
        {
            if (b is (byte)'"' or (byte)'\\')
                room[length++] = (byte)'\\';
            room[length++] = b;
        }
        room[length++] = (byte)'"';
        target.Advance(length);
    }

    private static bool NeedsQuotes(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || (text.Length == 4 && Ascii.EqualsIgnoreCase(text, "null"u8)))
            return true;
        return text.IndexOfAny(ArrayTextReader.Special) >= 0;
    }
}
