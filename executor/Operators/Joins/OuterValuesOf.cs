using System.Collections.Immutable;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>The values that an apply's right side reads, of the left rows at hand.</summary>
internal sealed class OuterValuesOf(ImmutableArray<OuterValue> plan)
{
    private readonly VectorExpression[] _code = Array.ConvertAll([.. plan], static value => CompiledExpressions.Compile(value.Value));
    private Column[] _columns = [];

    /// <summary>The left row whose turn it is.</summary>
    internal int Row { get; private set; }

    internal int RowCount { get; private set; }

    internal void Read(ColumnBatch left, EvaluationContext evaluation)
    {
        _columns = CompiledExpressions.Evaluate(_code, left, evaluation);
        (Row, RowCount) = (0, left.RowCount);
    }

    internal void MoveOn() => Row++;

    /// <summary>Sets the outer values to those of a row.</summary>
    internal void Set(EvaluationContext evaluation, int row)
    {
        for (int i = 0; i < _columns.Length; i++)
            OuterSlots.Set(evaluation, plan[i].Slot, _columns[i].Broadcast(row, 1));
    }
}
