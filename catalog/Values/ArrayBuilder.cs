using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>Collects elements and writes them as an array value; see <see cref="ArrayValue"/> for the layout.</summary>
/// <remarks>
/// Append to <see cref="Elements"/>, then call one of the <c>AppendTo</c> methods, which empty the builder for the
/// next array.
/// </remarks>
public sealed class ArrayBuilder
{
    /// <summary>Elements of an array at most, as in PostgreSQL (what fits in a gigabyte of pointers).</summary>
    public const int CountMax = 134_217_727;

    private readonly uint _elementOid;
    private readonly int _width;

    public ArrayBuilder(uint elementOid)
    {
        _elementOid = elementOid;
        PhysicalType physical = BuiltinTypes.PhysicalOf(elementOid);
        _width = ArrayValue.WidthOf(physical);
        Elements = ColumnBuilder.Create(physical);
    }

    /// <summary>The elements so far, in row-major order.</summary>
    public ColumnBuilder Elements { get; }

    /// <summary>Writes a one-dimensional array, or the empty one.</summary>
    public void AppendTo(BinaryColumnBuilder target, int lowerBound = 1)
    {
        if (Elements.Length == 0)
            AppendTo(target, default, default);
        else
            AppendTo(target, [Elements.Length], [lowerBound]);
    }

    /// <summary>Writes an array of the given shape; the product of the lengths is the number of elements.</summary>
    public void AppendTo(BinaryColumnBuilder target, ReadOnlySpan<int> lengths, ReadOnlySpan<int> lowerBounds)
    {
        Column elements = Elements.Build();
        Append(target, _elementOid, _width, elements, lengths, lowerBounds);
    }

    /// <summary>Writes a whole column as a one-dimensional array, or the empty one.</summary>
    public static void Append(BinaryColumnBuilder target, uint elementOid, Column elements, int lowerBound = 1)
    {
        int width = ArrayValue.WidthOf(BuiltinTypes.PhysicalOf(elementOid));
        if (elements.Length == 0)
            Append(target, elementOid, width, elements, default, default);
        else
            Append(target, elementOid, width, elements, [elements.Length], [lowerBound]);
    }

    /// <exception cref="SqlException">
    /// The shape has too many elements (54000) or bounds beyond integers (22003).
    /// </exception>
    public static int CheckShape(ReadOnlySpan<int> lengths, ReadOnlySpan<int> lowerBounds)
    {
        long count = lengths.Length == 0 ? 0 : 1;
        foreach (int length in lengths)
        {
            count *= length;
            if (count > CountMax || length < 0)
            {
                throw new SqlException(SqlState.ProgramLimitExceeded,
                    $"array size exceeds the maximum allowed ({CountMax})");
            }
        }
        for (int i = 0; i < lowerBounds.Length; i++)
        {
            if ((long)lowerBounds[i] + lengths[i] > int.MaxValue)
                throw new SqlException(SqlState.ProgramLimitExceeded,
                    $"array lower bound is too large: {lowerBounds[i]}");
        }
        return (int)count;
    }

    private static void Append(
        BinaryColumnBuilder target, uint elementOid, int width, Column elements,
        ReadOnlySpan<int> lengths, ReadOnlySpan<int> lowerBounds)
    {
        int count = CheckShape(lengths, lowerBounds);
        Invariant.Holds(count == elements.Length);
        elements = elements.Expand();
        bool hasNulls = elements.HasNulls && elements.Validity.CountSet() < count;
        int bitmapBytes = hasNulls ? (count + 7) / 8 : 0;
        int header = ArrayValue.FixedHeaderBytes + (8 * lengths.Length) + bitmapBytes;
        int size = checked(header + (width > 0 ? width * count : VariableSize((BinaryColumn)elements)));
        Span<byte> bytes = target.Reserve(size)[..size];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, lengths.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], elementOid);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], hasNulls ? 1 : 0);
        for (int i = 0; i < lengths.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(ArrayValue.FixedHeaderBytes + (8 * i))..], lengths[i]);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(ArrayValue.FixedHeaderBytes + 4 + (8 * i))..],
                lowerBounds[i]);
        }
        if (hasNulls)
            WriteBitmap(elements, bytes.Slice(header - bitmapBytes, bitmapBytes));
        if (width > 0)
            WriteFixed(elements, bytes[header..]);
        else
            WriteVariable((BinaryColumn)elements, bytes[header..]);
        if (hasNulls && width > 0)
            ClearNulls(elements, width, bytes[header..]);
        target.Commit(size);
    }

    private static int VariableSize(BinaryColumn elements)
    {
        int size = 4 * elements.Length;
        ReadOnlySpan<int> lengths = elements.Lengths;
        for (int i = 0; i < elements.Length; i++)
            size = checked(size + (elements.IsNull(i) ? 0 : lengths[i]));
        return size;
    }

    private static void WriteVariable(BinaryColumn elements, Span<byte> target)
    {
        int end = 0, table = 4 * elements.Length;
        for (int i = 0; i < elements.Length; i++)
        {
            if (!elements.IsNull(i))
            {
                ReadOnlySpan<byte> value = elements[i];
                value.CopyTo(target[(table + end)..]);
                end += value.Length;
            }
            BinaryPrimitives.WriteInt32LittleEndian(target[(4 * i)..], end);
        }
    }

    private static void WriteFixed(Column elements, Span<byte> target)
    {
        switch (elements)
        {
            case BoolColumn bools:
                for (int i = 0; i < bools.Length; i++)
                    target[i] = bools[i] ? (byte)1 : (byte)0;
                break;
            case FixedColumn<short> shorts:
                MemoryMarshal.AsBytes(shorts.Values[..elements.Length]).CopyTo(target);
                break;
            case FixedColumn<int> ints:
                MemoryMarshal.AsBytes(ints.Values[..elements.Length]).CopyTo(target);
                break;
            case FixedColumn<long> longs:
                MemoryMarshal.AsBytes(longs.Values[..elements.Length]).CopyTo(target);
                break;
            case FixedColumn<float> floats:
                MemoryMarshal.AsBytes(floats.Values[..elements.Length]).CopyTo(target);
                break;
            case FixedColumn<double> doubles:
                MemoryMarshal.AsBytes(doubles.Values[..elements.Length]).CopyTo(target);
                break;
            case FixedColumn<Fixed16> wides:
                MemoryMarshal.AsBytes(wides.Values[..elements.Length]).CopyTo(target);
                break;
            default:
                throw new InvariantException($"no array of {elements.Type}");
        }
    }

    private static void WriteBitmap(Column elements, Span<byte> target)
    {
        target.Clear();
        for (int i = 0; i < elements.Length; i++)
        {
            if (!elements.IsNull(i))
                target[i >> 3] |= (byte)(1 << (i & 7));
        }
    }

    // Equal arrays have equal bytes, so what a null's slot holds is fixed.
    private static void ClearNulls(Column elements, int width, Span<byte> target)
    {
        for (int i = 0; i < elements.Length; i++)
        {
            if (elements.IsNull(i))
                target.Slice(i * width, width).Clear();
        }
    }
}
