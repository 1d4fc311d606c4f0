using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Engine.Sessions;
using VecSQL.Executor;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>Stores batches of rows that come from outside by an insert's plan: what COPY FROM and Arrow's ingest share.</summary>
/// <remarks>All batches belong to the one transaction that the statement is in. A batch that fails leaves nothing.</remarks>
/// <param name="place">Where a row is in the input, given how many came before it, for errors.</param>
/// <param name="activity">Is told of each batch; null where nobody is shown.</param>
internal sealed class BulkRows(SessionState session, PlannedStatement plan, Func<long, string> place, CopyActivity? activity = null)
{
    private int? _start;

    internal long RowsRead { get; private set; }

    internal long RowsStored { get; private set; }

    internal async ValueTask StoreAsync(ColumnBatch batch, CancellationToken cancellation)
    {
        if (batch.RowCount == 0)
            return;
        ITransaction storage = session.Transaction.Storage;
        _start ??= storage.Savepoint();
        int mark = storage.Savepoint();
        try
        {
            RowsStored += await InsertAsync(batch, cancellation);
        }
        catch (SqlException error) when (error.Where is null)
        {
            storage.RollbackTo(mark);
            throw await PlaceAsync(batch, error, cancellation);
        }
        storage.Release(mark);
        RowsRead += batch.RowCount;
        activity?.Count(RowsStored, RowsRead - RowsStored);
    }

    /// <summary>All rows are stored: what they refer to must be there.</summary>
    internal async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        if (_start is not { } start)
            return;
        await session.References.CheckAsync(start, cancellation);
        session.Transaction.Storage.Release(start);
        _start = null;
    }

    /// <summary>Takes back what was stored and not completed.</summary>
    internal void Abandon()
    {
        if (_start is not { } start || session.Transaction.StorageIfOpen is not { } storage)
            return;
        storage.RollbackTo(start);
        storage.Release(start);
        _start = null;
    }

    /// <summary>Stores the batch's rows one by one, to find the row that failed.</summary>
    private async ValueTask<SqlException> PlaceAsync(ColumnBatch batch, SqlException error, CancellationToken cancellation)
    {
        for (int row = 0; row < batch.RowCount; row++)
        {
            try
            {
                await InsertAsync(batch.Slice(row, 1), cancellation);
            }
            catch (SqlException single) when (single.State == error.State)
            {
                return single.In(place(RowsRead + row));
            }
        }
        return error;
    }

    private async ValueTask<long> InsertAsync(ColumnBatch batch, CancellationToken cancellation)
    {
        MemoryBudget memory = Executions.Memory(session);
        await using QueryExecution execution = QueryExecution.Open(
            plan, Executions.Context(session, memory, [], cancellation, bulkInput: One(batch)));
        while (await execution.NextAsync(cancellation) is not null)
        {
        }
        long count = execution.RowsChanged;
        if (memory.UsedBytes > 0)
            memory.Release(memory.UsedBytes);
        return count;
    }

    private static async IAsyncEnumerable<ColumnBatch> One(ColumnBatch batch)
    {
        await ValueTask.CompletedTask;
        yield return batch;
    }
}
