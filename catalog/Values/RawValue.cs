using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>A single value of any column as bytes: what arrays and records are made of. A bool is one byte.</summary>
public static class RawValue
{
    /// <summary>How many bytes a non-null row's value takes.</summary>
    public static int LengthOf(Column column, int row) =>
        column is BinaryColumn binary ? binary[row].Length : ArrayValue.WidthOf(column.Type);

    /// <summary>Copies a non-null row's value.</summary>
    public static void Copy(Column column, int row, Span<byte> target)
    {
        switch (column)
        {
            case BoolColumn bools:
                target[0] = bools[row] ? (byte)1 : (byte)0;
                break;
            case FixedColumn<short> shorts:
                MemoryMarshal.Write(target, shorts[row]);
                break;
            case FixedColumn<int> ints:
                MemoryMarshal.Write(target, ints[row]);
                break;
            case FixedColumn<long> longs:
                MemoryMarshal.Write(target, longs[row]);
                break;
            case FixedColumn<float> floats:
                MemoryMarshal.Write(target, floats[row]);
                break;
            case FixedColumn<double> doubles:
                MemoryMarshal.Write(target, doubles[row]);
                break;
            case FixedColumn<Fixed16> wides:
                MemoryMarshal.Write(target, wides[row]);
                break;
            case BinaryColumn binary:
                binary[row].CopyTo(target);
                break;
            default:
                throw new InvariantException($"no raw form of {column.Type}");
        }
    }

    /// <summary>Appends a value given as bytes to a column of its type.</summary>
    public static void Append(ReadOnlySpan<byte> raw, ColumnBuilder target) => ArrayValue.AppendRaw(raw, target);
}
