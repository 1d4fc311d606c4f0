using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Distribution;

/// <summary>Hands out the rows that have come along with a fragment, once they are of the types that its plan says.</summary>
internal sealed class ReceivedOperator(ReceivedPlan plan, Operator rows) : Operator
{
    private readonly PhysicalType[] _types = BatchShapes.PhysicalOf(plan.Output);

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        while (await rows.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            if (!BatchShapes.PhysicalOf(batch).AsSpan().SequenceEqual(_types))
                throw new InvalidDataException("rows of other types than a fragment's plan says have come along with it");
            if (batch.RowCount > 0)
                return batch;
        }
        return null;
    }

    public override ValueTask DisposeAsync() => rows.DisposeAsync();
}
