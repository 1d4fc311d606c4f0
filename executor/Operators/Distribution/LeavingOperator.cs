using VecSQL.Columnar.Batches;
using VecSQL.Executor.Scheduling;

namespace VecSQL.Executor.Operators.Distribution;

/// <summary>A task of a fragment; whoever sends it rows is told when it wants no more.</summary>
internal sealed class LeavingOperator(Operator task, RowFeed[] feeds) : Operator
{
    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        bool isMore = false;
        try
        {
            ColumnBatch? rows = await task.NextAsync(cancellation).ConfigureAwait(false);
            isMore = rows is not null;
            return rows;
        }
        finally
        {
            if (!isMore)
                Leave();
        }
    }

    public override ValueTask DisposeAsync()
    {
        Leave();
        return task.DisposeAsync();
    }

    private void Leave()
    {
        foreach (RowFeed feed in feeds)
            feed.Leave?.Invoke();
    }
}
