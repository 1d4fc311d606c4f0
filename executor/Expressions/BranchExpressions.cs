using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Functions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

/// <summary>CASE: each condition is computed for the rows that no branch before took, each result for the rows it is
/// taken for.</summary>
internal sealed class CaseExpression : VectorExpression
{
    private readonly PhysicalType _type;
    private readonly Branch[] _branches;
    private readonly VectorExpression? _otherwise;
    private readonly int[] _ordinals;

    public CaseExpression(CaseOperation node)
    {
        _type = Columns.PhysicalOf(node.Type);
        _branches = [.. node.Branches.Select(static branch => new Branch(
            ExpressionCompiler.Compile(branch.Condition), ExpressionCompiler.Compile(branch.Result)))];
        _otherwise = node.Else is null ? null : ExpressionCompiler.Compile(node.Else);
        _ordinals = ExpressionTraits.InputOrdinals(node);
    }

    private sealed record Branch(VectorExpression Condition, VectorExpression Result);

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        var pieces = new List<(Column Values, int[]? Rows)>();
        ColumnBatch rest = input;
        int[]? restRows = null; // null: all of the input's rows
        foreach (Branch branch in _branches)
        {
            var condition = (BoolColumn)branch.Condition.Evaluate(rest, context);
            if (condition.IsConstant)
            {
                if (condition.IsNull(0) || !condition[0])
                    continue;
                pieces.Add((branch.Result.Evaluate(rest, context), restRows));
                return Columns.Assemble(_type, input.RowCount, pieces, context);
            }
            (int[] taken, int[] left) = Split(condition);
            if (taken.Length == 0)
                continue;
            if (left.Length == 0)
            {
                pieces.Add((branch.Result.Evaluate(rest, context), restRows));
                return Columns.Assemble(_type, input.RowCount, pieces, context);
            }
            Column values = branch.Result.Evaluate(Columns.TakeUsed(rest, taken, _ordinals), context);
            pieces.Add((values, Through(restRows, taken)));
            rest = Columns.TakeUsed(rest, left, _ordinals);
            restRows = Through(restRows, left);
        }
        pieces.Add((_otherwise?.Evaluate(rest, context) ?? Column.Nulls(_type, rest.RowCount), restRows));
        return Columns.Assemble(_type, input.RowCount, pieces, context);
    }

    private static (int[] Taken, int[] Left) Split(BoolColumn condition)
    {
        Bitmap taken = Bitmap.And(condition.Values, condition.Validity);
        var rows = new int[taken.CountSet()];
        taken.WriteSetIndexes(rows);
        var left = new int[condition.Length - rows.Length];
        int next = 0, at = 0;
        for (int row = 0; row < condition.Length; row++)
        {
            if (next < rows.Length && rows[next] == row)
                next++;
            else
                left[at++] = row;
        }
        return (rows, left);
    }

    private static int[] Through(int[]? outer, int[] inner) =>
        outer is null ? inner : Array.ConvertAll(inner, row => outer[row]);
}

/// <summary>COALESCE: each operand is computed for the rows in which all before it are null.</summary>
internal sealed class CoalesceExpression : VectorExpression
{
    private readonly PhysicalType _type;
    private readonly VectorExpression[] _operands;
    private readonly int[] _ordinals;

    public CoalesceExpression(CoalesceOperation node)
    {
        _type = Columns.PhysicalOf(node.Type);
        _operands = ExpressionCompiler.CompileAll(node.Operands);
        _ordinals = ExpressionTraits.InputOrdinals(node);
    }

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        var pieces = new List<(Column Values, int[]? Rows)>();
        ColumnBatch rest = input;
        int[]? restRows = null;
        foreach (VectorExpression operand in _operands)
        {
            Column values = operand.Evaluate(rest, context);
            if (values.IsConstant && values.HasNulls && values.IsNull(0))
                continue;
            pieces.Add((values, restRows)); // later pieces overwrite the rows that are null here
            if (!values.HasNulls)
                break;
            int[] open = NullRows(values);
            if (open.Length == 0)
                break;
            rest = Columns.TakeUsed(rest, open, _ordinals);
            restRows = restRows is null ? open : Array.ConvertAll(open, row => restRows[row]);
        }
        return pieces.Count == 0 ? Column.Nulls(_type, input.RowCount)
            : Columns.Assemble(_type, input.RowCount, pieces, context);
    }

    private static int[] NullRows(Column values)
    {
        var rows = new int[values.Length - values.Validity.CountSet()];
        int at = 0;
        for (int row = 0; row < values.Length; row++)
        {
            if (values.IsNull(row))
                rows[at++] = row;
        }
        return rows;
    }
}

/// <summary>NULLIF: null where the operands are equal, else the first.</summary>
internal sealed class NullIfExpression(NullIfOperation node) : VectorExpression
{
    private readonly VectorExpression _left = ExpressionCompiler.Compile(node.Left);
    private readonly VectorExpression _equality = ExpressionCompiler.Compile(node.Equality);

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        Column value = _left.Evaluate(input, context);
        var equal = (BoolColumn)_equality.Evaluate(input, context);
        if (value.IsConstant && equal.IsConstant)
            return !equal.IsNull(0) && equal[0] ? Column.Nulls(value.Type, input.RowCount) : value;
        ColumnBuilder target = ColumnBuilder.Create(value.Type, input.RowCount);
        for (int row = 0; row < input.RowCount; row++)
        {
            if (!equal.IsNull(row) && equal[row])
                target.AppendNull();
            else
                target.AppendFrom(value, row);
        }
        return target.Build();
    }
}

/// <summary>GREATEST and LEAST; nulls are passed over.</summary>
internal sealed class MinMaxExpression(MinMaxOperation node) : VectorExpression
{
    private readonly VectorExpression[] _operands = ExpressionCompiler.CompileAll(node.Operands);
    private readonly ValueOrder _order = ValueOrder.Of(node.Type);

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        var columns = new Column[_operands.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = _operands[i].Evaluate(input, context);
        if (Columns.AreConstant(columns))
            return Pick(Array.ConvertAll(columns, static column =>
                column.WithLength(1)), 1).Broadcast(0, input.RowCount);
        return Pick(columns, input.RowCount);
    }

    private Column Pick(Column[] columns, int rowCount)
    {
        ColumnBuilder target = ColumnBuilder.Create(Columns.PhysicalOf(node.Type), rowCount);
        for (int row = 0; row < rowCount; row++)
        {
            Column? best = null;
            foreach (Column column in columns)
            {
                if (!column.IsNull(row) && (best is null
                    || _order.Compare(column, row, best, row) > 0 == node.IsGreatest))
                    best = best is not null && _order.Compare(column, row, best, row) == 0 ? best : column;
            }
            if (best is null)
                target.AppendNull();
            else
                target.AppendFrom(best, row);
        }
        return target.Build();
    }
}

/// <summary>A subquery's value; computed row by row where it depends on the row.</summary>
internal sealed class SubplanColumn(SubplanExpression node) : VectorExpression
{
    private readonly VectorExpression[] _outerValues =
        [.. node.OuterValues.Select(static outer => ExpressionCompiler.Compile(outer.Value))];

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        ISubplanRunner runner = context.Subplans ?? throw new InvalidOperationException(
            "a subquery in a constant expression");
        var values = new Column[_outerValues.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = _outerValues[i].Evaluate(input, context);
        if (Columns.AreConstant(values))
        {
            if (input.RowCount == 0)
                return Column.Nulls(Columns.PhysicalOf(node.Type), 0);
            return Run(runner, values, 0, context).Broadcast(0, input.RowCount);
        }
        ColumnBuilder target = Columns.NewBuilder(Columns.PhysicalOf(node.Type), input.RowCount, context);
        for (int row = 0; row < input.RowCount; row++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            target.AppendFrom(Run(runner, values, row, context), 0);
        }
        return target.Build();
    }

    private Column Run(ISubplanRunner runner, Column[] values, int row, EvaluationContext context)
    {
        for (int i = 0; i < values.Length; i++)
        {
            int slot = node.OuterValues[i].Slot;
            if (slot >= context.OuterValues.Length)
            {
                Column?[] grown = context.OuterValues;
                Array.Resize(ref grown, Math.Max(slot + 1, grown.Length * 2));
                context.OuterValues = grown;
            }
            context.OuterValues[slot] = values[i].Broadcast(row, 1);
        }
        return runner.Run(node, context);
    }
}
