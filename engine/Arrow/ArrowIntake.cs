using System.Runtime.InteropServices;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Arrow;

/// <summary>Turns an Arrow field's arrays into columns of a SQL type. What it gives shares no memory with the arrays.</summary>
internal sealed class ArrowIntake
{
    private readonly ArrowField _field;
    private readonly SqlType _target;
    private readonly FormatContext _context;
    private readonly PhysicalType _physical;

    /// <param name="place">What the values are put into, for messages: <c>column "a"</c>.</param>
    /// <exception cref="SqlException">42804: no value of the field can become one of the type.</exception>
    internal ArrowIntake(ArrowField field, SqlType target, string place, FormatContext context)
    {
        if (!ArrowTypes.CanBecome(field, target))
            throw ArrowTypes.Mismatch(field, $"{place} of type {BuiltinTypes.FormatType(target)}");
        _field = field;
        _target = ArrowTypes.Measured(field, target);
        _context = context;
        _physical = BuiltinTypes.PhysicalOf(target.Oid);
    }

    /// <param name="rowsBefore">How many rows came before those of this array, for errors.</param>
    /// <exception cref="SqlException">A value does not fit: says of which field and row.</exception>
    internal Column Read(ArrowArray array, int start, int count, long rowsBefore)
    {
        try
        {
            return Convert(array, start, count);
        }
        catch (SqlException error)
        {
            throw Place(array, start, count, rowsBefore, error);
        }
    }

    /// <summary>Finds the row that failed.</summary>
    private SqlException Place(ArrowArray array, int start, int count, long rowsBefore, SqlException error)
    {
        for (int row = start; row < start + count; row++)
        {
            try
            {
                Convert(array, row, 1);
            }
            catch (SqlException single)
            {
                return single.In($"Arrow field \"{_field.Name}\", row {rowsBefore + row + 1}");
            }
        }
        return error;
    }

    private Column Convert(ArrowArray array, int start, int count)
    {
        ArrowType type = array.Type;
        switch (_target.Oid)
        {
            case var _ when type.Kind == ArrowTypeKind.Null:
                return Column.Nulls(_physical, count);
            case TypeOid.Vector when ArrowTypes.IsList(type):
                return Vectors(array, start, count);
            case TypeOid.HalfVector when ArrowTypes.IsList(type):
                return HalfVectors(array, start, count);
            case TypeOid.SparseVector when type.Kind == ArrowTypeKind.Struct:
                return SparseVectors(array, start, count);
            case TypeOid.Uuid when type.Kind == ArrowTypeKind.FixedSizeBinary:
                return new FixedColumn<Fixed16>(MemoryMarshal.Cast<byte, Fixed16>(array.Buffers[1].Bytes).Slice(start, count).ToArray(),
                    ArrowDecoding.ValidityOf(array, start, count));
            case TypeOid.Uuid when type.IsBinary:
                return Uuids(array, start, count);
            case TypeOid.Bit when type.IsBinary:
                return Bits(array, start, count);
            case var oid when BuiltinTypes.ElementOf(oid) is var element and not 0 && ArrowTypes.IsList(type):
                return Arrays(array, start, count, element);
            default:
                SqlType natural = ArrowTypes.NaturalOf(_field) ?? throw new InvariantException("a field without a type was taken");
                return ArrowCasts.Cast(ArrowDecoding.Decode(array, start, count), natural, _target, _context);
        }
    }

    private BinaryColumn Vectors(ArrowArray list, int start, int count)
    {
        ArrowArray child = list.Children[0];
        if (child.Type.Kind == ArrowTypeKind.Float32 && child.NullCount == 0 && list.Type is { Kind: ArrowTypeKind.FixedSizeList, Size: > 0 } type
            && (list.NullCount == 0 || ArrowDecoding.ValidityOf(list, start, count).CountSet() == count))
        {
            CheckDimensions(type.Size);
            float[] values = child.Values<float>().Slice(start * type.Size, count * type.Size).ToArray();
            VectorChecks.Elements(values, "vector");
            return BinaryColumn.FixedStride(ColumnBuffer.Wrap(values), type.Size * sizeof(float), count);
        }
        BinaryColumnBuilder target = new(Math.Max(count, 4));
        for (int row = start; row < start + count; row++)
        {
            if (Elements(list, row) is not { } elements)
            {
                target.AppendNull();
                continue;
            }
            VectorChecks.Elements(elements, "vector");
            target.Append(MemoryMarshal.AsBytes<float>(elements));
        }
        return (BinaryColumn)target.Build();
    }

    private BinaryColumn HalfVectors(ArrowArray list, int start, int count)
    {
        BinaryColumnBuilder target = new(Math.Max(count, 4));
        ArrowArray child = list.Children[0];
        bool isHalf = child.Type.Kind == ArrowTypeKind.Float16 && child.NullCount == 0;
        for (int row = start; row < start + count; row++)
        {
            if (list.IsNull(row))
            {
                target.AppendNull();
            }
            else if (isHalf)
            {
                (int first, int end) = ArrowDecoding.RangeOf(list, row);
                CheckDimensions(end - first);
                ReadOnlySpan<Half> halves = child.Values<Half>()[first..end];
                VectorChecks.Elements(halves, "halfvec");
                target.Append(MemoryMarshal.AsBytes(halves));
            }
            else
            {
                float[] elements = Elements(list, row) ?? [];
                VectorChecks.Elements(elements, "halfvec");
                VectorCasts.VectorToHalf(elements, _target.Modifier, target);
            }
        }
        return (BinaryColumn)target.Build();
    }

    /// <summary>A list's elements as float32, as many as the type asks for; null for a null list.</summary>
    private float[]? Elements(ArrowArray list, int row)
    {
        if (list.IsNull(row))
            return null;
        (int first, int end) = ArrowDecoding.RangeOf(list, row);
        CheckDimensions(end - first);
        SqlType natural = ArrowTypes.NaturalOf(list.Type.Children[0]) ?? SqlType.Float4;
        Column elements = ArrowCasts.Cast(
            ArrowDecoding.Decode(list.Children[0], first, end - first), natural, SqlType.Float4, _context);
        if (elements.HasNulls && elements.Validity.CountSet() < elements.Length)
            throw new SqlException(SqlState.NullValueNotAllowed, "array must not contain nulls");
        return ((FixedColumn<float>)elements).Values.ToArray();
    }

    private void CheckDimensions(int dimensions)
    {
        VectorChecks.Dimensions(dimensions, _target.Oid == TypeOid.Vector ? "vector" : "halfvec");
        VectorChecks.Expected(_target.Modifier, dimensions);
    }

    private BinaryColumn SparseVectors(ArrowArray vectors, int start, int count)
    {
        ArrowArray indices = Member(vectors, SparseVectorForm.Indices) ?? throw ArrowTypes.Mismatch(_field, "sparsevec");
        ArrowArray values = Member(vectors, SparseVectorForm.Values) ?? throw ArrowTypes.Mismatch(_field, "sparsevec");
        ArrowArray? sizes = Member(vectors, SparseVectorForm.Dimensions);
        BinaryColumnBuilder target = new(Math.Max(count, 4));
        for (int row = start; row < start + count; row++)
        {
            if (vectors.IsNull(row))
                target.AppendNull();
            else
                AppendSparse(indices, values, sizes, row, target);
        }
        return (BinaryColumn)target.Build();
    }

    private void AppendSparse(ArrowArray indices, ArrowArray values, ArrowArray? sizes, int row, BinaryColumnBuilder target)
    {
        SqlType naturalIndex = ArrowTypes.NaturalOf(indices.Type.Children[0]) ?? SqlType.Int4;
        (int first, int end) = ArrowDecoding.RangeOf(indices, row);
        Column places = ArrowCasts.Cast(
            ArrowDecoding.Decode(indices.Children[0], first, end - first), naturalIndex, SqlType.Int4, _context);
        float[] elements = Values(values, row);
        if (indices.IsNull(row) || places.HasNulls || places.Length != elements.Length)
            throw new SqlException(SqlState.DataException, "sparsevec indices and values must be as many, and not null");
        int dimensions = sizes is not null && !sizes.IsNull(row)
            ? (int)Math.Clamp(ArrowNumbers.Integer(sizes, row), int.MinValue, int.MaxValue)
            : _target.Modifier;
        VectorChecks.Dimensions(dimensions, "sparsevec");
        VectorChecks.Expected(_target.Modifier, dimensions);
        VectorChecks.NonZeroCount(elements.Length, dimensions);
        VectorChecks.Elements(elements, "sparsevec");
        int[] kept = ((FixedColumn<int>)places).Values.ToArray();
        for (int i = 0; i < kept.Length; i++)
            VectorChecks.Index(kept[i], i == 0 ? -1 : kept[i - 1], dimensions);
        int count = 0;
        for (int i = 0; i < kept.Length; i++)
        {
            if (elements[i] != 0) // zeros are not stored
                (kept[count], elements[count++]) = (kept[i], elements[i]);
        }
        SparseVector.Append(target, dimensions, kept.AsSpan(0, count), elements.AsSpan(0, count));
    }

    private float[] Values(ArrowArray list, int row)
    {
        if (list.IsNull(row))
            throw new SqlException(SqlState.NullValueNotAllowed, "sparsevec values must not be null");
        (int first, int end) = ArrowDecoding.RangeOf(list, row);
        SqlType natural = ArrowTypes.NaturalOf(list.Type.Children[0]) ?? SqlType.Float4;
        Column elements = ArrowCasts.Cast(
            ArrowDecoding.Decode(list.Children[0], first, end - first), natural, SqlType.Float4, _context);
        return elements.HasNulls
            ? throw new SqlException(SqlState.NullValueNotAllowed, "sparsevec values must not be null")
            : ((FixedColumn<float>)elements).Values.ToArray();
    }

    private static ArrowArray? Member(ArrowArray vectors, string name)
    {
        for (int i = 0; i < vectors.Children.Count; i++)
        {
            if (vectors.Type.Children[i].Name == name)
                return vectors.Children[i];
        }
        return null;
    }

    private static FixedColumn<Fixed16> Uuids(ArrowArray array, int start, int count)
    {
        Fixed16[] target = new Fixed16[count];
        for (int i = 0; i < count; i++)
        {
            if (!array.IsNull(start + i))
                target[i] = MemoryMarshal.Read<Fixed16>(Sized(array, start + i, ArrowTypes.UuidBytes, "uuid"));
        }
        return new FixedColumn<Fixed16>(target, ArrowDecoding.ValidityOf(array, start, count));
    }

    private BinaryColumn Bits(ArrowArray array, int start, int count)
    {
        BinaryColumnBuilder target = new(Math.Max(count, 4));
        for (int row = start; row < start + count; row++)
        {
            if (array.IsNull(row))
                target.AppendNull();
            else
                AppendBits(array, row, target);
        }
        return (BinaryColumn)target.Build();
    }

    /// <summary>As many bits as the type has; without a length, all that the bytes have.</summary>
    private void AppendBits(ArrowArray array, int row, BinaryColumnBuilder target)
    {
        int count = _target.Modifier;
        ReadOnlySpan<byte> bytes = count > 0 ? Sized(array, row, (count + 7) / 8, "bit") : ArrowDecoding.BytesOf(array, row);
        if (bytes.Length > int.MaxValue / 8)
            throw new SqlException(SqlState.ProgramLimitExceeded, "bit string length exceeds the maximum allowed (2147483639)");
        BitString.Append(target, count > 0 ? count : bytes.Length * 8, bytes);
    }

    private static ReadOnlySpan<byte> Sized(ArrowArray array, int row, int size, string type)
    {
        ReadOnlySpan<byte> bytes = ArrowDecoding.BytesOf(array, row);
        return bytes.Length == size ? bytes
            : throw new SqlException(SqlState.InvalidBinaryRepresentation, $"{bytes.Length} bytes are no value of type {type}, which has {size}");
    }

    private BinaryColumn Arrays(ArrowArray list, int start, int count, uint elementOid)
    {
        BinaryColumnBuilder target = new(Math.Max(count, 4));
        ArrowIntake element = new(_field.Type.Children[0], new SqlType(elementOid, _target.Modifier), "an element", _context);
        for (int row = start; row < start + count; row++)
        {
            if (list.IsNull(row))
            {
                target.AppendNull();
                continue;
            }
            (int first, int end) = ArrowDecoding.RangeOf(list, row);
            ArrayBuilder.Append(target, elementOid, element.Convert(list.Children[0], first, end - first).Expand());
        }
        return (BinaryColumn)target.Build();
    }
}
