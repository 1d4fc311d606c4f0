using System.Globalization;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions;
using VecSQL.Executor.Functions.Json;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

/// <summary>The new value of array[i] = x, array[a:b] = x and jsonb['key'] = x.</summary>
internal sealed class SubscriptAssigner : VectorExpression
{
    private readonly SubscriptOperation _place;
    private readonly VectorExpression _whole, _value;
    private readonly VectorExpression?[] _lowers, _uppers;
    private readonly uint _element; // 0 for jsonb

    internal SubscriptAssigner(SubscriptAssignment node)
    {
        _place = node.Place;
        _whole = ExpressionCompiler.Compile(node.Place.Operand);
        _value = ExpressionCompiler.Compile(node.Value);
        _lowers = [.. node.Place.Subscripts.Select(static bounds => CompileOptional(bounds.Lower))];
        _uppers = [.. node.Place.Subscripts.Select(static bounds => CompileOptional(bounds.Upper))];
        if (node.Type.Oid != TypeOid.Jsonb)
            _element = BuiltinTypes.ElementOf(node.Type.Oid);
    }

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        var whole = (BinaryColumn)_whole.Evaluate(input, context);
        Column value = _value.Evaluate(input, context);
        Column?[] lowers = Array.ConvertAll(_lowers, expression => expression?.Evaluate(input, context));
        Column?[] uppers = Array.ConvertAll(_uppers, expression => expression?.Evaluate(input, context));
        var target = new BinaryColumnBuilder(input.RowCount);
        // Others may run the same code now, for other rows.
        ArrayAssignment? assignment = _element == 0 ? null : new ArrayAssignment(_element, _lowers.Length);
        for (int row = 0; row < input.RowCount; row++)
        {
            if (assignment is null)
                AssignMember(whole, lowers, value, row, target);
            else if (_place.IsSlice && value.IsNull(row))
                AppendUnchanged(whole, row, assignment, target);
            else if (_place.IsSlice)
                assignment.Slice(whole, row, Ints(lowers, row), Ints(uppers, row), (BinaryColumn)value, target);
            else
                assignment.Element(whole, row, Ints(lowers, row), value, target);
        }
        return target.Build();
    }

    /// <summary>Nothing is assigned; but a null array is taken to be empty.</summary>
    private static void AppendUnchanged(BinaryColumn whole, int row, ArrayAssignment assignment, BinaryColumnBuilder target)
    {
        if (whole.IsNull(row))
            assignment.Empty(target);
        else
            target.AppendFrom(whole, row);
    }

    private static VectorExpression? CompileOptional(ScalarExpression? expression) =>
        expression is null ? null : ExpressionCompiler.Compile(expression);

    /// <summary>A row's subscripts; null where a bound is left out.</summary>
    private static int?[] Ints(Column?[] columns, int row)
    {
        var places = new int?[columns.Length];
        for (int i = 0; i < places.Length; i++)
        {
            if (columns[i] is not { } column)
                continue;
            if (column.IsNull(row))
                throw NullSubscript("array");
            places[i] = ((FixedColumn<int>)column)[row];
        }
        return places;
    }

    private static void AssignMember(
        BinaryColumn whole, Column?[] subscripts, Column value, int row, BinaryColumnBuilder target)
    {
        var path = new string[subscripts.Length];
        for (int i = 0; i < path.Length; i++)
        {
            if (subscripts[i] is not { } subscript || subscript.IsNull(row))
                throw NullSubscript("jsonb");
            path[i] = subscript is FixedColumn<int> numbers
                ? numbers[row].ToString(CultureInfo.InvariantCulture)
                : System.Text.Encoding.UTF8.GetString(((BinaryColumn)subscript)[row]);
        }
        ReadOnlySpan<byte> json = !whole.IsNull(row) ? whole[row] : subscripts[0] is FixedColumn<int> ? "[]"u8 : "{}"u8;
        JsonAssignment.Assign(json, path, value.IsNull(row) ? "null"u8 : ((BinaryColumn)value)[row], target);
    }

    private static SqlException NullSubscript(string type) =>
        new(SqlState.NullValueNotAllowed, $"{type} subscript in assignment must not be null");
}
