using System.Buffers;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Json;

/// <summary>Values of any type as JSON, as to_json makes it.</summary>
internal static class JsonText
{
    /// <summary>Writes a row's value.</summary>
    /// <param name="hasLines">The fields or elements of the outermost structure stand on lines of their own.</param>
    public static void Write(
        Column column, int row, SqlType type, IBufferWriter<byte> target, EvaluationContext context,
        bool hasLines = false)
    {
        if (column.IsNull(row))
        {
            target.Write("null"u8);
            return;
        }
        switch (type.Oid)
        {
            case TypeOid.Bool:
                target.Write(((BoolColumn)column)[row] ? "true"u8 : "false"u8);
                return;
            case TypeOid.Json or TypeOid.Jsonb:
                target.Write(((BinaryColumn)column)[row]);
                return;
            case TypeOid.Text or TypeOid.VarChar or TypeOid.BpChar or TypeOid.Name or TypeOid.Unknown:
                JsonStrings.Encode(((BinaryColumn)column)[row], target);
                return;
            case TypeOid.Record:
                WriteRecord(new RecordValue(((BinaryColumn)column)[row]), target, context, hasLines);
                return;
        }
        if (BuiltinTypes.TryFind(type.Oid, out TypeEntry? entry) && entry.IsArray)
            WriteArray(new ArrayValue(((BinaryColumn)column)[row]), target, context, hasLines);
        else
            WriteOutput(column, row, type, target, context);
    }

    private static void WriteOutput(
        Column column, int row, SqlType type, IBufferWriter<byte> target, EvaluationContext context)
    {
        bool isDate = type.Oid is TypeOid.Date or TypeOid.Timestamp or TypeOid.TimestampTz;
        FormatContext format = isDate ? context.Format with { DateStyle = DateStyle.Iso } : context.Format;
        var text = new ArrayBufferWriter<byte>();
        TypeFormats.For(type.Oid).WriteText(column, row, text, format);
        ReadOnlySpan<byte> output = text.WrittenSpan;
        if (type.Oid is TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8)
        {
            target.Write(output);
        }
        else if (type.Oid is TypeOid.Float4 or TypeOid.Float8 or TypeOid.Numeric)
        {
            // Numbers that JSON cannot write are strings.
            if (output[^1] is >= (byte)'0' and <= (byte)'9')
                target.Write(output);
            else
                JsonStrings.Encode(output, target);
        }
        else
        {
            JsonStrings.Encode(isDate ? Iso8601(output, type.Oid == TypeOid.TimestampTz) : output, target);
        }
    }

    /// <summary>A T between date and time, and minutes in the zone.</summary>
    private static ReadOnlySpan<byte> Iso8601(ReadOnlySpan<byte> text, bool hasZone)
    {
        int space = text.IndexOf((byte)' ');
        if (space < 0 || space + 1 >= text.Length || text[space + 1] is < (byte)'0' or > (byte)'9')
            return text;
        byte[] result = text.ToArray();
        result[space] = (byte)'T';
        if (!hasZone)
            return result;
        int era = text.IndexOf(" BC"u8), end = era < 0 ? result.Length : era;
        int sign = result.AsSpan(0, end).LastIndexOfAny((byte)'+', (byte)'-');
        return end - sign == 3 ? [.. result.AsSpan(0, end), .. ":00"u8, .. result.AsSpan(end)] : result;
    }

    private static void WriteRecord(
        RecordValue record, IBufferWriter<byte> target, EvaluationContext context, bool hasLines)
    {
        target.Write("{"u8);
        for (int i = 0; i < record.Count; i++)
        {
            if (i > 0)
                target.Write(hasLines ? ",\n "u8 : ","u8);
            JsonStrings.Encode(record.NameOf(i), target);
            target.Write(":"u8);
            ColumnBuilder field = ColumnBuilder.Create(Columns.PhysicalOf(record.TypeOf(i)), 1);
            record.AppendField(i, field);
            Write(field.Build(), 0, record.TypeOf(i), target, context);
        }
        target.Write("}"u8);
    }

    private static void WriteArray(
        ArrayValue array, IBufferWriter<byte> target, EvaluationContext context, bool hasLines)
    {
        if (array.Dimensions == 0)
        {
            target.Write("[]"u8);
            return;
        }
        WriteDimension(ArrayShape.LengthsOf(array), 0, 0, array.ToColumn(), new SqlType(array.ElementOid), target,
            context, hasLines);
    }

    private static int WriteDimension(
        int[] lengths, int dimension, int at, Column elements, SqlType type, IBufferWriter<byte> target,
            EvaluationContext context, bool hasLines = false)
    {
        target.Write("["u8);
        for (int i = 0; i < lengths[dimension]; i++)
        {
            if (i > 0)
                target.Write(hasLines ? ",\n "u8 : ","u8);
            if (dimension + 1 < lengths.Length)
                at = WriteDimension(lengths, dimension + 1, at, elements, type, target, context);
            else
                Write(elements, at++, type, target, context);
        }
        target.Write("]"u8);
        return at;
    }
}
