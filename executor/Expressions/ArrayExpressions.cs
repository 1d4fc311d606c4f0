using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

/// <summary>ARRAY[…] of values, or of arrays that become one of a dimension more.</summary>
internal sealed class ArrayConstructor(ArrayConstruction node) : VectorExpression
{
    private readonly VectorExpression[] _items = ExpressionCompiler.CompileAll(node.Items);
    private readonly uint _element = BuiltinTypes.ElementOf(node.Type.Oid);

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        var items = new Column[_items.Length];
        for (int i = 0; i < items.Length; i++)
            items[i] = _items[i].Evaluate(input, context);
        if (!Columns.AreConstant(items))
            return Construct(items, input.RowCount, context);
        return Construct(Array.ConvertAll(items, static item => item.WithLength(1)), 1, context)
            .Broadcast(0, input.RowCount);
    }

    private Column Construct(Column[] items, int rowCount, EvaluationContext context)
    {
        var target = new BinaryColumnBuilder(rowCount) { Growth = context.Values };
        var array = new ArrayBuilder(_element);
        for (int row = 0; row < rowCount; row++)
        {
            if (node.IsNested)
                Nest(items, row, array, target);
            else
                Collect(items, row, array, target);
        }
        return target.Build();
    }

    private static void Collect(Column[] items, int row, ArrayBuilder array, BinaryColumnBuilder target)
    {
        foreach (Column item in items)
            array.Elements.AppendFrom(item, row);
        array.AppendTo(target);
    }

    // All must have one shape, which of a null array is that of an empty one.
    private static void Nest(Column[] items, int row, ArrayBuilder array, BinaryColumnBuilder target)
    {
        int[]? shape = null;
        int count = 0;
        foreach (Column item in items)
        {
            bool isNull = item.IsNull(row);
            int[] innerShape = isNull ? [] : ArrayShape.LengthsOf(new ArrayValue(((BinaryColumn)item)[row]));
            if (shape is not null && !shape.AsSpan().SequenceEqual(innerShape))
            {
                throw new SqlException(SqlState.ArraySubscriptError,
                    "multidimensional arrays must have array expressions with matching dimensions");
            }
            if (innerShape.Length >= ArrayValue.DimensionsMax)
            {
                throw new SqlException(SqlState.ProgramLimitExceeded,
                    $"number of array dimensions ({innerShape.Length + 1}) exceeds the maximum allowed ({ArrayValue.DimensionsMax})");
            }
            shape = innerShape;
            if (!isNull)
                new ArrayValue(((BinaryColumn)item)[row]).AppendElements(array.Elements);
            count++;
        }
        if (shape is null || shape.Length == 0)
            array.AppendTo(target);
        else
            array.AppendTo(target, [count, .. shape], ArrayShape.Ones(shape.Length + 1));
    }
}

/// <summary>Dimensions of arrays.</summary>
internal static class ArrayShape
{
    public static int[] LengthsOf(ArrayValue array)
    {
        var lengths = new int[array.Dimensions];
        for (int i = 0; i < lengths.Length; i++)
            lengths[i] = array.Length(i);
        return lengths;
    }

    public static int[] LowerBoundsOf(ArrayValue array)
    {
        var bounds = new int[array.Dimensions];
        for (int i = 0; i < bounds.Length; i++)
            bounds[i] = array.LowerBound(i);
        return bounds;
    }

    public static int[] Ones(int count)
    {
        var ones = new int[count];
        Array.Fill(ones, 1);
        return ones;
    }
}

/// <summary>Casts arrays element by element: all elements of a batch's arrays go through the cast together.</summary>
internal sealed class ArrayCast(
    SqlType source, SqlType target, VectorExpression operand, VectorExpression elementCast) : VectorExpression
{
    private readonly uint _from = BuiltinTypes.ElementOf(source.Oid), _to = BuiltinTypes.ElementOf(target.Oid);

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        Column arrays = operand.Evaluate(input, context);
        return arrays.IsConstant
            ? Convert(arrays.WithLength(1), context).Broadcast(0, input.RowCount)
            : Convert(arrays, context);
    }

    private Column Convert(Column arrays, EvaluationContext context)
    {
        var values = (BinaryColumn)arrays;
        ColumnBuilder elements = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(_from));
        for (int row = 0; row < values.Length; row++)
        {
            if (!values.IsNull(row))
                new ArrayValue(values[row]).AppendElements(elements);
        }
        Column flat = elements.Build();
        Column cast = elementCast.Evaluate(new ColumnBatch([flat], flat.Length), context);
        var result = new BinaryColumnBuilder(values.Length);
        var array = new ArrayBuilder(_to);
        int at = 0;
        for (int row = 0; row < values.Length; row++)
        {
            if (values.IsNull(row))
            {
                result.AppendNull();
                continue;
            }
            var from = new ArrayValue(values[row]);
            for (int i = 0; i < from.Count; i++)
                array.Elements.AppendFrom(cast, at++);
            array.AppendTo(result, ArrayShape.LengthsOf(from), ArrayShape.LowerBoundsOf(from));
        }
        return result.Build();
    }
}
