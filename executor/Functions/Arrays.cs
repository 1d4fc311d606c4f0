using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions;

/// <summary>What array functions do to arrays.</summary>
internal static class Arrays
{
    /// <summary>array || element and element || array; a null array is an empty one.</summary>
    public static void Extend(
        in Row row, int arrayArgument, int elementArgument, bool isAtEnd, CallSite site, BinaryColumnBuilder target)
    {
        var builder = new ArrayBuilder(BuiltinTypes.ElementOf(site.Arguments[arrayArgument].Oid));
        int lowerBound = 1;
        if (!row.IsNull(arrayArgument))
        {
            ArrayValue array = row.Array(arrayArgument);
            if (array.Dimensions > 1)
                throw new SqlException(SqlState.DataException, "argument must be empty or one-dimensional array");
            lowerBound = array.Dimensions == 0 ? 1 : array.LowerBound(0); // prepending keeps the lower bound too
            if (isAtEnd ? (long)lowerBound + array.Count > int.MaxValue : lowerBound == int.MinValue)
                throw new SqlException(SqlState.NumericValueOutOfRange, "integer out of range");
            if (!isAtEnd)
                builder.Elements.AppendFrom(row.Column(elementArgument), row.Index);
            array.AppendElements(builder.Elements);
            if (isAtEnd)
                builder.Elements.AppendFrom(row.Column(elementArgument), row.Index);
        }
        else
        {
            builder.Elements.AppendFrom(row.Column(elementArgument), row.Index);
        }
        builder.AppendTo(target, lowerBound);
    }

    /// <summary>array || array: along the first dimension; one may have a dimension less and is then an element of
    /// the other.</summary>
    public static void Concatenate(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, BinaryColumnBuilder target)
    {
        ArrayValue x = new(left), y = new(right);
        if (x.Dimensions == 0 || y.Dimensions == 0)
        {
            target.Append(x.Dimensions == 0 ? right : left);
            return;
        }
        int[] shapeX = ArrayShape.LengthsOf(x), shapeY = ArrayShape.LengthsOf(y), boundsX = ArrayShape.LowerBoundsOf(x);
        int[] lengths, bounds;
        if (x.Dimensions == y.Dimensions && shapeX.AsSpan(1).SequenceEqual(shapeY.AsSpan(1)))
            (lengths, bounds) = ([shapeX[0] + shapeY[0], .. shapeX[1..]], boundsX);
        else if (x.Dimensions == y.Dimensions + 1 && shapeX.AsSpan(1).SequenceEqual(shapeY))
            (lengths, bounds) = ([shapeX[0] + 1, .. shapeX[1..]], boundsX);
        else if (y.Dimensions == x.Dimensions + 1 && shapeY.AsSpan(1).SequenceEqual(shapeX))
            (lengths, bounds) = ([shapeY[0] + 1, .. shapeY[1..]], ArrayShape.LowerBoundsOf(y));
        else
            throw new SqlException(SqlState.ArraySubscriptError, "cannot concatenate incompatible arrays");
        var builder = new ArrayBuilder(x.ElementOid);
        x.AppendElements(builder.Elements);
        y.AppendElements(builder.Elements);
        builder.AppendTo(target, lengths, bounds);
    }

    /// <summary>array_remove(array, element) and array_replace(array, from, to), nulls being equal to nulls.</summary>
    public static void Replace(in Row row, bool isRemoval, BinaryColumnBuilder target)
    {
        if (row.IsNull(0))
        {
            target.AppendNull();
            return;
        }
        ArrayValue array = row.Array(0);
        if (isRemoval && array.Dimensions > 1)
            throw new SqlException(SqlState.FeatureNotSupported,
                "removing elements from multidimensional arrays is not supported");
        ValueOrder order = ValueOrder.Of(new SqlType(array.ElementOid));
        Column elements = array.ToColumn();
        var builder = new ArrayBuilder(array.ElementOid);
        for (int i = 0; i < array.Count; i++)
        {
            if (ValueOrder.CompareNullable(order, elements, i, row.Column(1), row.Index) != 0)
                builder.Elements.AppendFrom(elements, i);
            else if (!isRemoval)
                builder.Elements.AppendFrom(row.Column(2), row.Index);
        }
        if (isRemoval)
            builder.AppendTo(target, array.Dimensions == 0 ? 1 : array.LowerBound(0));
        else
            builder.AppendTo(target, ArrayShape.LengthsOf(array), ArrayShape.LowerBoundsOf(array));
    }

    /// <summary>trim_array: without the last elements.</summary>
    public static void Trim(ArrayValue array, int count, BinaryColumnBuilder target)
    {
        int length = array.Dimensions == 0 ? 0 : array.Length(0);
        if (count < 0 || count > length)
        {
            throw new SqlException(SqlState.ArraySubscriptError,
                $"number of elements to trim must be between 0 and {length}");
        }
        var builder = new ArrayBuilder(array.ElementOid);
        if (count == length)
        {
            builder.AppendTo(target);
            return;
        }
        int[] lengths = ArrayShape.LengthsOf(array);
        int kept = array.Count / length * (length - count);
        array.AppendElements(0, kept, builder.Elements);
        lengths[0] -= count;
        builder.AppendTo(target, lengths, ArrayShape.Ones(lengths.Length));
    }

    /// <summary>array_fill(value, lengths [, lower bounds]).</summary>
    public static void Fill(in Row row, SqlType element, BinaryColumnBuilder target)
    {
        if (row.IsNull(1) || (row.Count > 2 && row.IsNull(2)))
            throw new SqlException(SqlState.NullValueNotAllowed, "dimension array or low bound array cannot be null");
        int[] lengths = Integers(row.Array(1)), bounds = row.Count > 2 ? Integers(row.Array(2))
            : ArrayShape.Ones(lengths.Length);
        if (bounds.Length != lengths.Length)
        {
            throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts")
            { Detail = "Low bound array has different size than dimensions array." };
        }
        if (lengths.Length > ArrayValue.DimensionsMax)
        {
            throw new SqlException(SqlState.ProgramLimitExceeded,
                $"number of array dimensions ({lengths.Length}) exceeds the maximum allowed ({ArrayValue.DimensionsMax})");
        }
        var builder = new ArrayBuilder(element.Oid);
        int count = lengths.Length == 0 ? 0 : ArrayBuilder.CheckShape(lengths, bounds);
        for (int i = 0; i < count; i++)
            builder.Elements.AppendFrom(row.Column(0), row.Index);
        if (count == 0)
            builder.AppendTo(target);
        else
            builder.AppendTo(target, lengths, bounds);
    }

    /// <summary>The first subscript at or after a start whose element is not distinct from the one looked
    /// for.</summary>
    public static int? Position(in Row row, int? start)
    {
        if (row.IsNull(0))
            return null;
        ArrayValue array = OneDimensional(row.Array(0));
        ValueOrder order = ValueOrder.Of(new SqlType(array.ElementOid));
        Column elements = array.ToColumn();
        int bound = array.Dimensions == 0 ? 1 : array.LowerBound(0);
        for (int i = Math.Max(0, (start ?? bound) - bound); i < array.Count; i++)
        {
            if (ValueOrder.CompareNullable(order, elements, i, row.Column(1), row.Index) == 0)
                return bound + i;
        }
        return null;
    }

    public static void Positions(in Row row, BinaryColumnBuilder target)
    {
        if (row.IsNull(0))
        {
            target.AppendNull();
            return;
        }
        ArrayValue array = OneDimensional(row.Array(0));
        ValueOrder order = ValueOrder.Of(new SqlType(array.ElementOid));
        Column elements = array.ToColumn();
        var builder = new ArrayBuilder(TypeOid.Int4);
        for (int i = 0; i < array.Count; i++)
        {
            if (ValueOrder.CompareNullable(order, elements, i, row.Column(1), row.Index) == 0)
                ((FixedColumnBuilder<int>)builder.Elements).Append(array.LowerBound(0) + i);
        }
        builder.AppendTo(target);
    }

    private static ArrayValue OneDimensional(ArrayValue array) => array.Dimensions <= 1
        ? array
        : throw new SqlException(SqlState.FeatureNotSupported,
            "searching for elements in multidimensional arrays is not supported");

    private static int[] Integers(ArrayValue array)
    {
        if (array.Dimensions > 1)
            throw new SqlException(SqlState.ArraySubscriptError,
                "wrong number of array subscripts") { Detail = "Dimension array must be one dimensional." };
        if (array.HasNulls)
            throw new SqlException(SqlState.NullValueNotAllowed, "dimension values cannot be null");
        return array.Values<int>().ToArray();
    }

    /// <summary>width_bucket(): how many of the ascending thresholds are not above the value.</summary>
    public static int WidthBucket(in Row row, ValueOrder order)
    {
        ArrayValue thresholds = row.Array(1);
        if (thresholds.Dimensions > 1)
            throw new SqlException(SqlState.ArraySubscriptError, "thresholds must be one-dimensional array");
        if (thresholds.HasNulls)
            throw new SqlException(SqlState.NullValueNotAllowed, "thresholds array must not contain NULLs");
        Column values = thresholds.ToColumn();
        int low = 0, high = thresholds.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (order.Compare(row.Column(0), row.Index, values, middle) < 0)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }
}
