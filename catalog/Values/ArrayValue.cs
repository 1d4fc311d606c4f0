using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>
/// Reads an array as it lies in a Binary column: dimensions, then the elements in their own in-memory form.
/// </summary>
/// <remarks>
/// Layout, integers little-endian:
/// <code>
/// offset  size   field
///      0     4   dimensions d, 0 to 6; an empty array has none
///      4     4   the elements' type
///      8     4   1 if there is a validity bitmap, else 0
///     12   8·d   per dimension: how many elements int32, lower bound int32
///          ⌈n/8⌉ bitmap, if any: a set bit is a value, a clear bit a null; least significant bit first
///          n·w   elements of a fixed width w (bool takes one byte; nulls are zeros), in row-major order; or
///          4·n   elements of any width: where each ends, counted from the end of this table; then their bytes
/// </code>
/// Ownership: the value points into the column it was read from.
/// </remarks>
public readonly ref struct ArrayValue
{
    public const int DimensionsMax = 6;

    internal const int FixedHeaderBytes = 12;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _bitmapOffset, _dataOffset;

    public ArrayValue(ReadOnlySpan<byte> bytes)
    {
        Invariant.Holds(bytes.Length >= FixedHeaderBytes);
        _bytes = bytes;
        Dimensions = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        ElementOid = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        HasNulls = bytes[8] != 0;
        Invariant.Holds(Dimensions is >= 0 and <= DimensionsMax);
        int count = Dimensions == 0 ? 0 : 1;
        for (int i = 0; i < Dimensions; i++)
            count *= Length(i);
        Count = count;
        _bitmapOffset = FixedHeaderBytes + (8 * Dimensions);
        _dataOffset = _bitmapOffset + (HasNulls ? (count + 7) / 8 : 0);
        Physical = BuiltinTypes.PhysicalOf(ElementOid);
    }

    /// <summary>How many dimensions; 0 for an empty array.</summary>
    public int Dimensions { get; }

    public uint ElementOid { get; }

    public bool HasNulls { get; }

    /// <summary>Elements in all dimensions together.</summary>
    public int Count { get; }

    /// <summary>How the elements lie in memory.</summary>
    public PhysicalType Physical { get; }

    /// <summary>How many elements a dimension has, counted from 0.</summary>
    public int Length(int dimension) =>
        BinaryPrimitives.ReadInt32LittleEndian(_bytes[(FixedHeaderBytes + (8 * dimension))..]);

    /// <summary>The subscript of a dimension's first element; 1 unless written otherwise.</summary>
    public int LowerBound(int dimension) =>
        BinaryPrimitives.ReadInt32LittleEndian(_bytes[(FixedHeaderBytes + 4 + (8 * dimension))..]);

    public bool IsNull(int index) =>
        HasNulls && (_bytes[_bitmapOffset + (index >> 3)] & (1 << (index & 7))) == 0;

    /// <summary>
    /// An element's bytes in its in-memory form, by its place in row-major order; unspecified for a null.
    /// </summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            int width = WidthOf(Physical);
            if (width > 0)
                return _bytes.Slice(_dataOffset + (index * width), width);
            ReadOnlySpan<byte> ends = _bytes[_dataOffset..];
            int start = index == 0 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(ends[(4 * (index - 1))..]);
            int end = BinaryPrimitives.ReadInt32LittleEndian(ends[(4 * index)..]);
            return ends[((4 * Count) + start)..((4 * Count) + end)];
        }
    }

    /// <summary>All elements of a fixed width, one after the other.</summary>
    public ReadOnlySpan<byte> FixedData => _bytes.Slice(_dataOffset, Count * WidthOf(Physical));

    /// <summary>All elements of a fixed-width type that is not bool; the bytes need not be aligned.</summary>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(FixedData);

    /// <summary>All elements of any width, one after the other; nulls take no bytes.</summary>
    public ReadOnlySpan<byte> VariableData
    {
        get
        {
            ReadOnlySpan<byte> ends = _bytes[_dataOffset..];
            return Count == 0 ? default : ends.Slice(4 * Count, BinaryPrimitives.ReadInt32LittleEndian(ends[(4 * (Count - 1))..]));
        }
    }

    /// <summary>The length that all elements of any width have, in bytes, nulls apart: 0 where there are none.</summary>
    /// <param name="other">A length that differs from it; 0 where none does.</param>
    public int CommonLength(out int other)
    {
        ReadOnlySpan<byte> ends = _bytes.Slice(_dataOffset, 4 * Count);
        int start = 0, common = 0;
        other = 0;
        for (int i = 0; i < Count; i++)
        {
            int end = BinaryPrimitives.ReadInt32LittleEndian(ends[(4 * i)..]), length = end - start;
            start = end;
            if (length == common || IsNull(i))
                continue;
            if (common != 0)
            {
                other = length;
                break;
            }
            common = length;
        }
        return common;
    }

    /// <summary>The place in row-major order of an element with these subscripts; −1 where there is none.</summary>
    public int IndexOf(ReadOnlySpan<int> subscripts)
    {
        if (subscripts.Length != Dimensions || Dimensions == 0)
            return -1;
        int index = 0;
        for (int i = 0; i < subscripts.Length; i++)
        {
            long at = (long)subscripts[i] - LowerBound(i);
            if (at < 0 || at >= Length(i))
                return -1;
            index = (index * Length(i)) + (int)at;
        }
        return index;
    }

    /// <summary>Appends an element to a column of the element's type.</summary>
    public void AppendElement(int index, ColumnBuilder target)
    {
        if (IsNull(index))
            target.AppendNull();
        else
            AppendRaw(this[index], target);
    }

    public void AppendElements(ColumnBuilder target) => AppendElements(0, Count, target);

    public void AppendElements(int start, int count, ColumnBuilder target)
    {
        for (int i = start; i < start + count; i++)
            AppendElement(i, target);
    }

    /// <summary>The elements as a column.</summary>
    public Column ToColumn()
    {
        ColumnBuilder builder = ColumnBuilder.Create(Physical, Math.Max(Count, 1));
        AppendElements(builder);
        return builder.Build();
    }

    /// <summary>Appends a value given as the bytes of its in-memory form.</summary>
    internal static void AppendRaw(ReadOnlySpan<byte> raw, ColumnBuilder target)
    {
        switch (target)
        {
            case BoolColumnBuilder bools:
                bools.Append(raw[0] != 0);
                break;
            case FixedColumnBuilder<short> shorts:
                shorts.Append(MemoryMarshal.Read<short>(raw));
                break;
            case FixedColumnBuilder<int> ints:
                ints.Append(MemoryMarshal.Read<int>(raw));
                break;
            case FixedColumnBuilder<long> longs:
                longs.Append(MemoryMarshal.Read<long>(raw));
                break;
            case FixedColumnBuilder<float> floats:
                floats.Append(MemoryMarshal.Read<float>(raw));
                break;
            case FixedColumnBuilder<double> doubles:
                doubles.Append(MemoryMarshal.Read<double>(raw));
                break;
            case FixedColumnBuilder<Fixed16> wides:
                wides.Append(MemoryMarshal.Read<Fixed16>(raw));
                break;
            default:
                ((BinaryColumnBuilder)target).Append(raw);
                break;
        }
    }

    /// <summary>Bytes of one element; 0 for those of any width.</summary>
    internal static int WidthOf(PhysicalType physical) => physical switch
    {
        PhysicalType.Bool => 1,
        PhysicalType.Int16 => 2,
        PhysicalType.Int32 or PhysicalType.Float32 => 4,
        PhysicalType.Int64 or PhysicalType.Float64 => 8,
        PhysicalType.Fixed16 => 16,
        _ => 0,
    };
}
