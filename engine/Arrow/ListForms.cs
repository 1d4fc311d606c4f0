using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Arrow;

/// <summary>vector and halfvec of no fixed length: lists of their elements.</summary>
internal sealed class LooseVectorForm(ArrowTypeKind element) : ArrowForm(ArrowType.List(new ArrowType(element)))
{
    internal override bool IsCompressed => false;

    internal override ArrowArray Encode(Column column)
    {
        var values = (BinaryColumn)column.Expand();
        (int nullCount, ColumnBuffer validity) = NullsOf(values);
        ArrowArray bytes = ColumnArrays.ToArray(values, new ArrowType(ArrowTypeKind.Binary));
        ArrowType elementType = Type.Children[0].Type;
        int[] offsets = bytes.Buffers[1].As<int>().ToArray();
        foreach (ref int offset in offsets.AsSpan())
            offset /= elementType.WidthBytes;
        ArrowArray elements = new(elementType, offsets[^1], 0, [default, bytes.Buffers[2]]);
        return new ArrowArray(Type, values.Length, nullCount, [validity, ColumnBuffer.Wrap(offsets)], [elements]);
    }
}

/// <summary>sparsevec: a struct of the indexes that are not zero, counted from 0, and their values; and of how many dimensions there are,
/// where the type does not say.</summary>
internal sealed class SparseVectorForm(bool hasDimensions) : ArrowForm(ArrowType.Struct(Members(hasDimensions)))
{
    internal const string Indices = "indices", Values = "values", Dimensions = "dimensions";

    internal override ArrowArray Encode(Column column)
    {
        var vectors = (BinaryColumn)column.Expand();
        (int nullCount, ColumnBuffer validity) = NullsOf(vectors);
        int[] offsets = new int[vectors.Length + 1], dimensions = new int[vectors.Length];
        for (int row = 0; row < vectors.Length; row++)
            offsets[row + 1] = offsets[row] + (vectors.IsNull(row) ? 0 : new SparseVector(vectors[row]).Count);
        int[] indexes = new int[offsets[^1]];
        float[] values = new float[offsets[^1]];
        for (int row = 0; row < vectors.Length; row++)
        {
            if (vectors.IsNull(row))
                continue;
            SparseVector vector = new(vectors[row]);
            vector.Indexes.CopyTo(indexes.AsSpan(offsets[row]));
            vector.Values.CopyTo(values.AsSpan(offsets[row]));
            dimensions[row] = vector.Dimensions;
        }
        ArrowType integer = new(ArrowTypeKind.Int32);
        ColumnBuffer places = ColumnBuffer.Wrap(offsets);
        List<ArrowArray> members =
        [
            new(Type.Children[0].Type, vectors.Length, 0, [default, places],
                [new ArrowArray(integer, indexes.Length, 0, [default, ColumnBuffer.Wrap(indexes)])]),
            new(Type.Children[1].Type, vectors.Length, 0, [default, places],
                [new ArrowArray(new ArrowType(ArrowTypeKind.Float32), values.Length, 0, [default, ColumnBuffer.Wrap(values)])]),
        ];
        if (Type.Children.Count > members.Count)
            members.Add(new ArrowArray(integer, vectors.Length, 0, [default, ColumnBuffer.Wrap(dimensions)]));
        return new ArrowArray(Type, vectors.Length, nullCount, [validity], [.. members]);
    }

    private static List<ArrowField> Members(bool hasDimensions)
    {
        List<ArrowField> members =
        [
            new(Indices, ArrowType.List(new ArrowType(ArrowTypeKind.Int32)), IsNullable: false, []),
            new(Values, ArrowType.List(new ArrowType(ArrowTypeKind.Float32)), IsNullable: false, []),
        ];
        if (hasDimensions)
            members.Add(new(Dimensions, new ArrowType(ArrowTypeKind.Int32), IsNullable: false, []));
        return members;
    }
}

/// <summary>Arrays of one dimension: lists of their elements.</summary>
internal sealed class ArrayForm(uint elementOid, ArrowForm element) : ArrowForm(ArrowType.List(element.Type))
{
    internal override ArrowArray Encode(Column column)
    {
        var arrays = (BinaryColumn)column.Expand();
        (int nullCount, ColumnBuffer validity) = NullsOf(arrays);
        int[] offsets = new int[arrays.Length + 1];
        ColumnBuilder elements = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(elementOid));
        for (int row = 0; row < arrays.Length; row++)
        {
            if (!arrays.IsNull(row))
            {
                ArrayValue array = new(arrays[row]);
                if (array.Dimensions > 1)
                {
                    throw new SqlException(SqlState.FeatureNotSupported,
                        $"an array of {array.Dimensions} dimensions has no form in Arrow's lists", hint: "Cast it to text or to jsonb.");
                }
                array.AppendElements(elements);
            }
            offsets[row + 1] = elements.Length;
        }
        return new ArrowArray(Type, arrays.Length, nullCount, [validity, ColumnBuffer.Wrap(offsets)],
            [element.Encode(elements.Build())]);
    }

    /// <summary>The elements' own, where these become longer in Arrow than they are in the array.</summary>
    internal override long BytesOf(Column column)
    {
        if (element is not (TextForm or DecimalForm))
            return base.BytesOf(column);
        if (column.IsConstant)
            return column.Length == 0 ? 0 : column.Length * BytesOf(column.WithLength(1).Expand());
        var arrays = (BinaryColumn)column;
        long bytes = sizeof(int) * (long)arrays.Length;
        for (int row = 0; row < arrays.Length; row++)
        {
            if (arrays.IsNull(row))
                continue;
            ArrayValue array = new(arrays[row]);
            bytes += element is TextForm texts ? texts.BytesOf(array) : (long)array.Count * element.Type.WidthBytes;
        }
        return bytes;
    }
}

/// <summary>An enumerated type: numbers into the list of its labels, in their order.</summary>
internal sealed class EnumForm(long dictionaryId, Catalog.Objects.EnumTypeEntry type)
    : ArrowForm(ArrowType.Dictionary(dictionaryId, ArrowTypeKind.Int32, new ArrowType(ArrowTypeKind.Utf8), isOrdered: true))
{
    private readonly ArrowArray _labels = LabelsOf(type);
    private readonly Dictionary<long, int> _places = PlacesOf(type);

    internal override ArrowArray Encode(Column column)
    {
        var keys = (FixedColumn<long>)column.Expand();
        (int nullCount, ColumnBuffer validity) = NullsOf(keys);
        int[] numbers = new int[keys.Length];
        for (int row = 0; row < numbers.Length; row++)
        {
            if (!keys.IsNull(row) && !_places.TryGetValue(keys[row], out numbers[row]))
                throw new SqlException(SqlState.InvalidBinaryRepresentation, $"invalid internal value for enum: {keys[row]}");
        }
        return new ArrowArray(Type, keys.Length, nullCount, [validity, ColumnBuffer.Wrap(numbers)], dictionary: _labels);
    }

    private static ArrowArray LabelsOf(Catalog.Objects.EnumTypeEntry type)
    {
        BinaryColumnBuilder labels = new();
        foreach (Catalog.Objects.EnumLabel label in type.Labels)
            labels.Append(System.Text.Encoding.UTF8.GetBytes(label.Name));
        return ColumnArrays.ToArray(labels.Build(), new ArrowType(ArrowTypeKind.Utf8));
    }

    private static Dictionary<long, int> PlacesOf(Catalog.Objects.EnumTypeEntry type)
    {
        Dictionary<long, int> places = [];
        foreach (Catalog.Objects.EnumLabel label in type.Labels)
            places.Add(label.Key, places.Count);
        return places;
    }
}
