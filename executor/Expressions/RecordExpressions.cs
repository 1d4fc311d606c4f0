using System.Text;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Functions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

/// <summary>ROW(…).</summary>
internal sealed class RowConstructor(RowConstruction node) : VectorExpression
{
    private readonly VectorExpression[] _items = ExpressionCompiler.CompileAll(node.Items);
    private readonly SqlType[] _types = [.. node.Items.Select(static item => item.Type)];
    private readonly byte[][] _names = [.. node.Names.Select(Encoding.UTF8.GetBytes)];

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        var items = new Column[_items.Length];
        for (int i = 0; i < items.Length; i++)
            items[i] = _items[i].Evaluate(input, context);
        bool isConstant = Columns.AreConstant(items);
        int rowCount = isConstant ? Math.Min(1, input.RowCount) : input.RowCount;
        var target = new BinaryColumnBuilder(rowCount) { Growth = context.Values };
        for (int row = 0; row < rowCount; row++)
            RecordValue.Append(target, _types, _names, items, row);
        Column result = target.Build();
        return isConstant && rowCount > 0 ? result.Broadcast(0, input.RowCount) : result;
    }
}

/// <summary>A record's field by position.</summary>
internal sealed class FieldExpression(FieldOperation node) : VectorExpression
{
    private readonly VectorExpression _operand = ExpressionCompiler.Compile(node.Operand);

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        var records = (BinaryColumn)_operand.Evaluate(input, context);
        ColumnBuilder target = ColumnBuilder.Create(Columns.PhysicalOf(node.Type), input.RowCount);
        for (int row = 0; row < input.RowCount; row++)
        {
            if (records.IsNull(row))
                target.AppendNull();
            else
                new RecordValue(records[row]).AppendField(node.Field, target);
        }
        return target.Build();
    }
}

/// <summary>IS [NOT] NULL of a record that is a value: true where it is null or all its fields are (not)
/// null.</summary>
internal sealed class RecordNullTest(VectorExpression operand, bool isNegated) : VectorExpression
{
    public static bool Applies(SqlType type) => type.Oid == TypeOid.Record;

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        var records = (BinaryColumn)operand.Evaluate(input, context);
        ulong[] bits = Bitmap.Allocate(input.RowCount);
        for (int row = 0; row < input.RowCount; row++)
        {
            if (records.IsNull(row) ? !isNegated : AllFields(new RecordValue(records[row])))
                Bitmap.Set(bits, row);
        }
        return new BoolColumn(new Bitmap(bits, input.RowCount));
    }

    private bool AllFields(RecordValue record)
    {
        for (int i = 0; i < record.Count; i++)
        {
            if (record.IsNull(i) == isNegated)
                return false;
        }
        return true;
    }
}

/// <summary>&lt;, &lt;=, &gt;, &gt;= of rows: the first pair that is not equal decides; a null before that makes the
/// answer null.</summary>
internal sealed class RowComparisonExpression : VectorExpression
{
    private readonly VectorExpression[] _left, _right;
    private readonly FunctionEntry[] _entries, _equalityEntries;
    private readonly VectorFunction[] _functions, _equalities;

    private RowComparisonExpression(RowComparison node)
    {
        _left = ExpressionCompiler.CompileAll(node.Left);
        _right = ExpressionCompiler.CompileAll(node.Right);
        _entries = [.. node.Functions];
        _equalityEntries = [.. node.Equalities];
        _functions = new VectorFunction[_left.Length];
        _equalities = new VectorFunction[_left.Length];
        for (int i = 0; i < _left.Length; i++)
        {
            CallSite site = ExpressionCompiler.SiteOf(node.Left[i], node.Right[i]);
            _functions[i] = FunctionLibrary.Make(_entries[i], site);
            _equalities[i] = FunctionLibrary.Make(_equalityEntries[i], site);
        }
    }

    public static RowComparisonExpression Make(RowComparison node) => new(node);

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        int rowCount = input.RowCount;
        ulong[] bits = Bitmap.Allocate(rowCount), known = Bitmap.Allocate(rowCount), open = Bitmap.Allocate(rowCount);
        Array.Fill(open, ulong.MaxValue);
        bool isConstant = true;
        for (int i = 0; i < _left.Length; i++)
        {
            Column left = _left[i].Evaluate(input, context), right = _right[i].Evaluate(input, context);
            isConstant &= left.IsConstant && right.IsConstant;
            var answer = Call(_functions[i], _entries[i], left, right, rowCount, context);
            BoolColumn? equal = i == _left.Length - 1 ? null
                : Call(_equalities[i], _equalityEntries[i], left, right, rowCount, context);
            for (int row = 0; row < rowCount; row++)
            {
                if ((open[row >> 6] & (1UL << (row & 63))) == 0 || (equal is not null && !equal.IsNull(row)
                    && equal[row]))
                    continue;
                Bitmap.Clear(open, row);
                if ((equal ?? answer).IsNull(row) || answer.IsNull(row))
                    continue;
                Bitmap.Set(known, row);
                if (answer[row])
                    Bitmap.Set(bits, row);
            }
        }
        var result = new BoolColumn(new Bitmap(bits, rowCount), new Bitmap(known, rowCount));
        return isConstant && rowCount > 0 ? result.Broadcast(0, rowCount) : result;
    }

    private static BoolColumn Call(
        VectorFunction function, FunctionEntry entry, Column left, Column right, int rowCount,
            EvaluationContext context) =>
        (BoolColumn)FunctionCall.Invoke(function, entry, [left, right], PhysicalType.Bool, rowCount, context);
}
