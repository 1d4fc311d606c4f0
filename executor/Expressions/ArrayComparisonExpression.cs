using System.Runtime.CompilerServices;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Functions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

/// <summary>operand op ANY|ALL (array): every operand meets every element of its row's array.</summary>
/// <remarks>An array that is the same for all rows becomes a set where it is tested for equality, as in <c>= ANY('{…}')</c> and
/// <c>&lt;&gt; ALL($1)</c>: once a batch, or once for a constant, a parameter or a subquery without outer values.</remarks>
internal sealed class ArrayComparisonExpression : VectorExpression
{
    private static readonly ConditionalWeakTable<Column, IValueSet> Sets = [];

    private readonly ArrayComparison _node;
    private readonly bool _isOfSet;
    private readonly VectorExpression _operand, _array;
    private readonly VectorFunction _function;
    private readonly uint _element;

    private ArrayComparisonExpression(ArrayComparison node)
    {
        _node = node;
        _operand = ExpressionCompiler.Compile(node.Operand);
        _array = ExpressionCompiler.Compile(node.Array);
        _element = BuiltinTypes.ElementOf(node.Array.Type.Oid);
        _function = FunctionLibrary.Make(node.Function, new Functions.CallSite([node.Operand.Type, new SqlType(_element)],
            SqlType.Bool));
        string implementation = node.Function.Implementation;
        _isOfSet = InListExpression.IsBytewise(!node.IsAll ? implementation
            : implementation.EndsWith("ne", StringComparison.Ordinal) ? $"{implementation[..^2]}eq" : "");
    }

    public static ArrayComparisonExpression Make(ArrayComparison node) => new(node);

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        Column operand = _operand.Evaluate(input, context);
        var arrays = (BinaryColumn)_array.Evaluate(input, context);
        int rowCount = input.RowCount;
        if (arrays.IsConstant && arrays.IsNull(0))
            return Column.Nulls(PhysicalType.Bool, rowCount);
        if (operand.IsConstant && arrays.IsConstant)
            return Compare(operand.WithLength(1), (BinaryColumn)arrays.WithLength(1), 1, context).Broadcast(0,
                rowCount);
        if (arrays.IsConstant && _isOfSet)
            return Probe(operand, SetOf(arrays, context), rowCount);
        return Compare(operand, arrays, rowCount, context);
    }

    private IValueSet SetOf(BinaryColumn arrays, EvaluationContext context)
    {
        Column? whole = _node.Array switch
        {
            ConstantExpression constant => constant.Value,
            ParameterExpression parameter => context.Parameters[parameter.Index],
            SubplanExpression { OuterValues.IsEmpty: true } subplan => context.Subplans?.Run(subplan, context),
            _ => null,
        };
        return whole is null ? MakeSet(arrays) : Sets.GetValue(whole, static column => MakeSet((BinaryColumn)column));
    }

    private static IValueSet MakeSet(BinaryColumn arrays)
    {
        Column elements = new ArrayValue(arrays[0]).ToColumn();
        IEnumerable<Column> items = Enumerable.Range(0, elements.Length).Select(i => elements.Broadcast(i, 1));
        return elements.Type == PhysicalType.Binary ? new ByteSet(items) : new IntegerSet(items);
    }

    private BoolColumn Probe(Column operand, IValueSet set, int rowCount)
    {
        if (set.IsEmpty)
            return new BoolColumn(Bitmap.Filled(rowCount, _node.IsAll)); // even for a null operand
        ulong[] bits = Bitmap.Allocate(rowCount);
        set.Probe(operand, rowCount, bits);
        Bitmap found = new(bits, rowCount), validity = Columns.ValidityOf(operand);
        return new BoolColumn(_node.IsAll ? Columnar.Kernels.BitmapKernel.Not(found) : found,
            set.HasNull ? Bitmap.And(validity, found) : validity);
    }

    /// <summary>Lays all pairs of operand and element out as rows, compares them, and sums each row's answers
    /// up.</summary>
    private BoolColumn Compare(Column operand, BinaryColumn arrays, int rowCount, EvaluationContext context)
    {
        ColumnBuilder elements = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(_element));
        var operandRows = new List<int>();
        var counts = new int[rowCount];
        for (int row = 0; row < rowCount; row++)
        {
            if (arrays.IsNull(row))
                continue;
            var array = new ArrayValue(arrays[row]);
            array.AppendElements(elements);
            counts[row] = array.Count;
            for (int i = 0; i < array.Count; i++)
                operandRows.Add(row);
        }
        Column right = elements.Build(), left = operand.Take([.. operandRows]);
        var answers = (BoolColumn)FunctionCall.Invoke(
            _function, _node.Function, [left, right], PhysicalType.Bool, right.Length, context);
        ulong[] bits = Bitmap.Allocate(rowCount), known = Bitmap.Allocate(rowCount);
        int at = 0;
        for (int row = 0; row < rowCount; row++)
        {
            if (arrays.IsNull(row))
                continue;
            bool isDecided = false, hasNull = false;
            for (int end = at + counts[row]; at < end; at++)
            {
                if (answers.IsNull(at))
                    hasNull = true;
                else
                    isDecided |= answers[at] != _node.IsAll;
            }
            if (isDecided || !hasNull)
                Bitmap.Set(known, row);
            if (isDecided != _node.IsAll)
                Bitmap.Set(bits, row);
        }
        return new BoolColumn(new Bitmap(bits, rowCount), new Bitmap(known, rowCount));
    }
}
