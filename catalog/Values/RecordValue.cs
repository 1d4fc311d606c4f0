using System.Buffers.Binary;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>Reads a record (a row value) as it lies in a Binary column.</summary>
/// <remarks>
/// Layout, integers little-endian: field count int32; per field: its type uint32, its modifier int32, its length int32
/// (−1 for null), its name's length int32; then the names in UTF-8, and the fields' bytes in their in-memory form, one
/// after the other; bool takes one byte. Names are no part of the value: comparisons pass over them.
/// </remarks>
public readonly ref struct RecordValue
{
    internal const int FieldHeaderBytes = 16;

    private readonly ReadOnlySpan<byte> _bytes;

    public RecordValue(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        Count = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        Invariant.Holds(Count >= 0 && 4 + ((long)Count * FieldHeaderBytes) <= bytes.Length);
    }

    public int Count { get; }

    public SqlType TypeOf(int field) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(Header(field)),
            BinaryPrimitives.ReadInt32LittleEndian(Header(field)[4..]));

    public bool IsNull(int field) => LengthOf(field) < 0;

    /// <summary>A field's name in UTF-8.</summary>
    public ReadOnlySpan<byte> NameOf(int field)
    {
        int start = 4 + (Count * FieldHeaderBytes);
        for (int i = 0; i < field; i++)
            start += NameLengthOf(i);
        return _bytes.Slice(start, NameLengthOf(field));
    }

    /// <summary>A field's bytes in its in-memory form; empty for a null.</summary>
    public ReadOnlySpan<byte> this[int field]
    {
        get
        {
            int start = 4 + (Count * FieldHeaderBytes);
            for (int i = 0; i < Count; i++)
                start += NameLengthOf(i);
            for (int i = 0; i < field; i++)
                start += Math.Max(0, LengthOf(i));
            return _bytes.Slice(start, Math.Max(0, LengthOf(field)));
        }
    }

    /// <summary>Appends a field to a column of the field's type.</summary>
    public void AppendField(int field, ColumnBuilder target)
    {
        if (IsNull(field))
            target.AppendNull();
        else
            ArrayValue.AppendRaw(this[field], target);
    }

    /// <summary>Writes one row of some columns as a record.</summary>
    /// <param name="names">The fields' names in UTF-8.</param>
    public static void Append(BinaryColumnBuilder target, ReadOnlySpan<SqlType> types, ReadOnlySpan<byte[]> names,
        ReadOnlySpan<Column> columns, int row)
    {
        int header = 4 + (types.Length * FieldHeaderBytes);
        foreach (byte[] name in names)
            header += name.Length;
        int size = header;
        for (int i = 0; i < types.Length; i++)
            size = checked(size + SizeOf(columns[i], row));
        Span<byte> bytes = target.Reserve(size)[..size];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, types.Length);
        int at = header, nameAt = 4 + (types.Length * FieldHeaderBytes);
        for (int i = 0; i < types.Length; i++)
        {
            Span<byte> field = bytes[(4 + (i * FieldHeaderBytes))..];
            int length = SizeOf(columns[i], row);
            BinaryPrimitives.WriteUInt32LittleEndian(field, types[i].Oid);
            BinaryPrimitives.WriteInt32LittleEndian(field[4..], types[i].Modifier);
            BinaryPrimitives.WriteInt32LittleEndian(field[8..], columns[i].IsNull(row) ? -1 : length);
            BinaryPrimitives.WriteInt32LittleEndian(field[12..], names[i].Length);
            names[i].CopyTo(bytes[nameAt..]);
            nameAt += names[i].Length;
            if (!columns[i].IsNull(row))
                RawValue.Copy(columns[i], row, bytes.Slice(at, length));
            at += length;
        }
        target.Commit(size);
    }

    private static int SizeOf(Column column, int row) => column.IsNull(row) ? 0 : RawValue.LengthOf(column, row);

    private int NameLengthOf(int field) => BinaryPrimitives.ReadInt32LittleEndian(Header(field)[12..]);

    private int LengthOf(int field) => BinaryPrimitives.ReadInt32LittleEndian(Header(field)[8..]);

    private ReadOnlySpan<byte> Header(int field) => _bytes.Slice(4 + (field * FieldHeaderBytes), FieldHeaderBytes);
}
