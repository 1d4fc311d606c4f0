using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Engine.Copy;

/// <summary>JSON lines: see <see cref="JsonLinesReader"/>. Numbers that JSON cannot write are strings.</summary>
internal sealed class JsonLinesWriter : CopyWriter
{
    private readonly byte[][] _keys;
    private readonly CopyBuffer _text = new();

    internal JsonLinesWriter(ReadOnlySpan<CopyColumn> columns, FormatContext context)
        : base(columns, context with { DateStyle = DateStyle.Iso })
    {
        _keys = [.. Columns.Select(static (column, i) => KeyOf(column.Name, i))];
    }

    internal override void Begin(CopyBuffer target, List<int> rowEnds)
    {
    }

    private protected override void WriteRow(ColumnBatch batch, int row, CopyBuffer target)
    {
        for (int i = 0; i < Columns.Length; i++)
        {
            target.Put(_keys[i]);
            Write(batch.Columns[i], row, Columns[i].Type, target);
        }
        target.Put(Columns.Length == 0 ? "{}\n"u8 : "}\n"u8);
    }

    private void Write(Column column, int row, SqlType type, CopyBuffer target)
    {
        if (column.IsNull(row))
        {
            target.Put("null"u8);
            return;
        }
        switch (type.Oid)
        {
            case TypeOid.Bool:
                target.Put(((BoolColumn)column)[row] ? "true"u8 : "false"u8);
                return;
            case TypeOid.Json or TypeOid.Jsonb:
                WriteJson(((BinaryColumn)column)[row], target);
                return;
            case var oid when BuiltinTypes.TryFind(oid, out TypeEntry? entry) && entry.IsArray:
                ArrayValue array = new(((BinaryColumn)column)[row]);
                int at = 0;
                WriteElements(array.ToColumn(), LengthsOf(array), 0, ref at, new SqlType(array.ElementOid), target);
                return;
        }
        _text.Truncate(0);
        TypeFormats.For(type.Oid).WriteText(column, row, _text, Context);
        ReadOnlySpan<byte> text = _text.Written.Span;
        if (IsBare(type.Oid, text))
            target.Put(text);
        else
            JsonStrings.Encode(text, target);
    }

    /// <summary>Whether a value's text is JSON as it stands: numbers, and vectors, which are arrays of them.</summary>
    private static bool IsBare(uint type, ReadOnlySpan<byte> text) => type switch
    {
        TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Vector or TypeOid.HalfVector => true,
        TypeOid.Float4 or TypeOid.Float8 or TypeOid.Numeric => text[^1] is >= (byte)'0' and <= (byte)'9',
        _ => false,
    };

    /// <summary>json keeps its text, in which lines may end; outside strings they are spaces, and within them they cannot be.</summary>
    private static void WriteJson(ReadOnlySpan<byte> json, CopyBuffer target)
    {
        int start = target.Length;
        target.Put(json);
        target.From(start).Replace((byte)'\n', (byte)' ');
    }

    private void WriteElements(Column elements, int[] lengths, int dimension, ref int at, SqlType type, CopyBuffer target)
    {
        target.Put((byte)'[');
        for (int i = 0; dimension < lengths.Length && i < lengths[dimension]; i++)
        {
            if (i > 0)
                target.Put((byte)',');
            if (dimension + 1 < lengths.Length)
                WriteElements(elements, lengths, dimension + 1, ref at, type, target);
            else
                Write(elements, at++, type, target);
        }
        target.Put((byte)']');
    }

    private static int[] LengthsOf(ArrayValue array)
    {
        int[] lengths = new int[array.Dimensions];
        for (int i = 0; i < lengths.Length; i++)
            lengths[i] = array.Length(i);
        return lengths;
    }

    private static byte[] KeyOf(string name, int place)
    {
        CopyBuffer key = new();
        key.Put(place == 0 ? (byte)'{' : (byte)',');
        JsonStrings.Encode(System.Text.Encoding.UTF8.GetBytes(name), key);
        key.Put((byte)':');
        return key.Written.ToArray();
    }
}
