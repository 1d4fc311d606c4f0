using System.Buffers;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Joins;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Rows;

/// <summary>Keeps the rows with keys that a join above has on its other side, in their order.</summary>
/// <remarks>The join has read that side before it asks for the first row of this one; where it was too large for memory, all rows pass.</remarks>
internal sealed class KeyFilterOperator(KeyFilterPlan plan, Operator input, OperatorContext context) : Operator
{
    private readonly VectorExpression[] _keys = CompiledExpressions.Compile(plan.Keys);

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        while (await input.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            if (context.Run.KeyFilter(plan.Id) is not { } table)
                return batch;
            if (Filter(batch, table) is { } kept)
                return kept;
        }
        return null;
    }

    public override ValueTask DisposeAsync() => input.DisposeAsync();

    private ColumnBatch? Filter(ColumnBatch batch, JoinTable table)
    {
        Column[] keys = CompiledExpressions.Evaluate(_keys, batch, context.Evaluation);
        int[] ids = ArrayPool<int>.Shared.Rent(batch.RowCount);
        table.Find(keys, ids.AsSpan(0, batch.RowCount));
        ColumnBatch? kept = RowSelection.Found(batch, ids.AsSpan(0, batch.RowCount));
        ArrayPool<int>.Shared.Return(ids);
        return kept;
    }
}
