using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

internal sealed class ConstantColumn(Column value) : VectorExpression
{
    private readonly Column _value = value.IsConstant ? value : value.Broadcast(0, 1);

    public override Column Evaluate(ColumnBatch input, EvaluationContext context) => _value.WithLength(input.RowCount);
}

internal sealed class ParameterColumn(int index) : VectorExpression
{
    public override Column Evaluate(ColumnBatch input, EvaluationContext context) =>
        context.Parameters[index].Broadcast(0, input.RowCount);
}

internal sealed class InputColumn(int ordinal) : VectorExpression
{
    public override Column Evaluate(ColumnBatch input, EvaluationContext context) => input[ordinal];
}

internal sealed class OuterColumn(int slot) : VectorExpression
{
    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        Column? value = slot < context.OuterValues.Length ? context.OuterValues[slot] : null;
        return value is null
            ? throw new InvalidOperationException($"outer slot {slot} is read before it is set")
            : value.Broadcast(0, input.RowCount);
    }
}

/// <summary>A sequence's next value, once for every row.</summary>
internal sealed class NextValueColumn(NextValueExpression node) : VectorExpression
{
    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        ColumnBuilder target = ColumnBuilder.Create(Columns.PhysicalOf(node.Type), input.RowCount);
        long[] values = new long[input.RowCount];
        context.Session.NextSequenceValues(node.SequenceOid, values);
        foreach (long value in values)
            Columns.AppendInteger(target, value);
        return target.Build();
    }
}
