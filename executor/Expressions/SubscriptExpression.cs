using System.Globalization;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

/// <summary>array[i][j], array[a:b] and jsonb['key']. A null operand or subscript gives null, and so does a place
/// that is not there.</summary>
internal sealed class SubscriptExpression : VectorExpression
{
    private readonly SubscriptOperation _node;
    private readonly VectorExpression _operand;
    private readonly VectorExpression?[] _lowers, _uppers;
    private readonly PhysicalType _result;

    private SubscriptExpression(SubscriptOperation node)
    {
        _node = node;
        _operand = ExpressionCompiler.Compile(node.Operand);
        _lowers = [.. node.Subscripts.Select(static bounds => CompileOptional(bounds.Lower))];
        _uppers = [.. node.Subscripts.Select(static bounds => CompileOptional(bounds.Upper))];
        _result = Columns.PhysicalOf(node.Type);
    }

    public static SubscriptExpression Make(SubscriptOperation node) => new(node);

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        Column operand = _operand.Evaluate(input, context);
        Column?[] lowers = Array.ConvertAll(_lowers, expression => expression?.Evaluate(input, context));
        Column?[] uppers = Array.ConvertAll(_uppers, expression => expression?.Evaluate(input, context));
        ColumnBuilder target = ColumnBuilder.Create(_result, input.RowCount);
        for (int row = 0; row < input.RowCount; row++)
        {
            if (operand.IsNull(row) || HasNull(lowers, row) || HasNull(uppers, row))
                target.AppendNull();
            else if (_node.Operand.Type.Oid == TypeOid.Jsonb)
                AppendMember(((BinaryColumn)operand)[row], lowers, row, (BinaryColumnBuilder)target);
            else if (_node.Operand.Type.Oid == TypeOid.Name)
                AppendCharacter(((BinaryColumn)operand)[row], lowers, row, target);
            else if (_node.IsSlice)
                AppendSlice(new ArrayValue(((BinaryColumn)operand)[row]), lowers, uppers, row,
                    (BinaryColumnBuilder)target);
            else
                AppendElement(new ArrayValue(((BinaryColumn)operand)[row]), lowers, row, target);
        }
        Column result = target.Build();
        bool isConstant = operand.IsConstant && lowers.All(IsFixed) && uppers.All(IsFixed);
        return isConstant && input.RowCount > 0 ? result.Broadcast(0, input.RowCount) : result;
    }

    private static VectorExpression? CompileOptional(ScalarExpression? expression) =>
        expression is null ? null : ExpressionCompiler.Compile(expression);

    private static bool IsFixed(Column? column) => column is null || column.IsConstant;

    private static bool HasNull(Column?[] columns, int row)
    {
        foreach (Column? column in columns)
        {
            if (column is not null && column.IsNull(row))
                return true;
        }
        return false;
    }

    private static int Int(Column? column, int row) =>
        column is FixedColumn<int> places ? places[row] : throw new InvalidOperationException("a subscript is missing");

    private static void AppendElement(ArrayValue array, Column?[] subscripts, int row, ColumnBuilder target)
    {
        var places = new int[subscripts.Length];
        for (int i = 0; i < places.Length; i++)
            places[i] = Int(subscripts[i], row);
        int index = array.IndexOf(places);
        if (index < 0)
            target.AppendNull();
        else
            array.AppendElement(index, target);
    }

    // A name is an array of its bytes, counted from 0.
    private static void AppendCharacter(ReadOnlySpan<byte> name, Column?[] subscripts, int row, ColumnBuilder target)
    {
        int at = Int(subscripts[0], row);
        if (subscripts.Length != 1 || at < 0 || at >= CharacterLengths.NameBytesMax + 1)
            target.AppendNull();
        else
            ((FixedColumnBuilder<short>)target).Append(at < name.Length ? name[at] : (short)0);
    }

    /// <summary>The part of the array between the bounds, cut to what is there; its subscripts begin at 1.</summary>
    private static void AppendSlice(
        ArrayValue array, Column?[] lowers, Column?[] uppers, int row, BinaryColumnBuilder target)
    {
        var result = new ArrayBuilder(array.ElementOid);
        int dimensions = array.Dimensions;
        if (dimensions == 0 || lowers.Length > dimensions)
        {
            result.AppendTo(target);
            return;
        }
        int[] first = new int[dimensions], lengths = new int[dimensions];
        for (int i = 0; i < dimensions; i++)
        {
            int low = array.LowerBound(i), high = low + array.Length(i) - 1;
            int from = i < lowers.Length && lowers[i] is not null ? Math.Max(low, Int(lowers[i], row)) : low;
            int to = i < uppers.Length && uppers[i] is not null ? Math.Min(high, Int(uppers[i], row)) : high;
            first[i] = from - low;
            lengths[i] = to - from + 1;
            if (to < from)
            {
                result.AppendTo(target);
                return;
            }
        }
        CopyPart(array, first, lengths, 0, 0, result.Elements);
        result.AppendTo(target, lengths, ArrayShape.Ones(dimensions));
    }

    private static void CopyPart(
        ArrayValue array, int[] first, int[] lengths, int dimension, int index, ColumnBuilder target)
    {
        for (int i = 0; i < lengths[dimension]; i++)
        {
            int place = (index * array.Length(dimension)) + first[dimension] + i;
            if (dimension == lengths.Length - 1)
                array.AppendElement(place, target);
            else
                CopyPart(array, first, lengths, dimension + 1, place, target);
        }
    }

    private static void AppendMember(ReadOnlySpan<byte> json, Column?[] subscripts, int row, BinaryColumnBuilder target)
    {
        foreach (Column? subscript in subscripts)
        {
            if (!TryStep(json, subscript, row, out json))
            {
                target.AppendNull();
                return;
            }
        }
        target.Append(json);
    }

    private static bool TryStep(ReadOnlySpan<byte> json, Column? subscript, int row, out ReadOnlySpan<byte> value)
    {
        if (subscript is FixedColumn<int> numbers && JsonValue.KindOf(json) == JsonKind.Array)
            return JsonValue.TryGetElement(json, numbers[row], out value);
        ReadOnlySpan<byte> key = subscript switch
        {
            BinaryColumn texts => texts[row],
            FixedColumn<int> keys => System.Text.Encoding.ASCII.GetBytes(keys[row].ToString(CultureInfo.InvariantCulture)),
            _ => throw new InvalidOperationException("a subscript is missing"),
        };
        if (JsonValue.KindOf(json) == JsonKind.Array)
        {
            value = default;
            return int.TryParse(key, NumberStyles.AllowLeadingSign, null, out int index)
                && JsonValue.TryGetElement(json, index, out value);
        }
        return JsonValue.TryGetField(json, key, out value);
    }
}
