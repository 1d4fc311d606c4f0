using System.Buffers;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>record: <c>(1,"a b",)</c>. Binary: field count int32, per field type uint32, length int32, value.</summary>
internal sealed class RecordFormat : TypeFormat
{
    /// <summary>Quotes double with each level of nesting, so that a short statement may ask for any length.</summary>
    private const int FieldBytesMax = 1 << 28;

    private static readonly SearchValues<byte> Special = SearchValues.Create("\"\\(), \t\n\v\f\r"u8);

    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        throw new SqlException(SqlState.FeatureNotSupported, "input of anonymous composite types is not implemented");

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target,
        FormatContext context) =>
        throw new SqlException(SqlState.FeatureNotSupported, "input of anonymous composite types is not implemented");

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        var record = new RecordValue(((BinaryColumn)source)[row]);
        var text = new ArrayBufferWriter<byte>(64);
        target.WriteByte((byte)'(');
        for (int i = 0; i < record.Count; i++)
        {
            if (i > 0)
                target.WriteByte((byte)',');
            if (record.IsNull(i))
                continue;
            text.ResetWrittenCount();
            TypeFormats.For(record.TypeOf(i).Oid).WriteText(FieldColumn(record, i), 0, text, context);
            WriteField(text.WrittenSpan, target);
        }
        target.WriteByte((byte)')');
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        var record = new RecordValue(((BinaryColumn)source)[row]);
        var bytes = new ArrayBufferWriter<byte>(64);
        target.WriteInt32(record.Count);
        for (int i = 0; i < record.Count; i++)
        {
            target.WriteInt32((int)record.TypeOf(i).Oid);
            if (record.IsNull(i))
            {
                target.WriteInt32(-1);
                continue;
            }
            bytes.ResetWrittenCount();
            TypeFormats.For(record.TypeOf(i).Oid).WriteBinary(FieldColumn(record, i), 0, bytes, context);
            target.WriteInt32(bytes.WrittenCount);
            target.Write(bytes.WrittenSpan);
        }
    }

    private static Column FieldColumn(RecordValue record, int field)
    {
        ColumnBuilder builder = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(record.TypeOf(field).Oid), 1);
        record.AppendField(field, builder);
        return builder.Build();
    }

    private static void WriteField(ReadOnlySpan<byte> text, IBufferWriter<byte> target)
    {
        if (text.Length > 0 && text.IndexOfAny(Special) < 0)
        {
            target.Write(text);
            return;
        }
        if (text.Length > FieldBytesMax)
            throw new SqlException(SqlState.ProgramLimitExceeded, $"a field of {text.Length} bytes is too large for a record's text");
        Span<byte> room = target.GetSpan((2 * text.Length) + 2);
        int length = 0;
        room[length++] = (byte)'"';
        foreach (byte b in text)
        {
            if (b is (byte)'"' or (byte)'\\')
                room[length++] = b;
            room[length++] = b;
        }
        room[length++] = (byte)'"';
        target.Advance(length);
    }
}
