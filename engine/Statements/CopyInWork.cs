using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Engine.Copy;
using VecSQL.Engine.Sessions;
using VecSQL.Executor;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>COPY FROM STDIN: takes the client's data piece by piece and stores it batch by batch.</summary>
/// <remarks>Memory: one batch of rows. All batches belong to the one transaction that the statement is in.</remarks>
internal sealed class CopyInWork(
    SessionState session, PlannedStatement plan, CopyReader reader, string table, int columnCount, CopyOptions options)
    : StatementWork, ICopySink
{
    private long _rowsRead, _rowsStored;
    private int? _start;

    internal override ICopySink? CopyIn => this;

    public bool IsBinary => options.Format == CopyFormat.Binary;

    public int ColumnCount => columnCount;

    internal override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation) => default;

    internal override string Tag(long rowCount) => $"COPY {_rowsStored}";

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        while (data.Length > 0)
        {
            int taken = reader.Read(data.Span);
            data = data[taken..];
            if (data.Length > 0)
                await StoreAsync(cancellation);
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        reader.Complete();
        await StoreAsync(cancellation);
        if (_start is not { } start)
            return;
        await session.References.CheckAsync(start, cancellation);
        session.Transaction.Storage.Release(start);
    }

    public ValueTask FailAsync(string message) =>
        throw new SqlException(SqlState.QueryCanceled, $"COPY from stdin failed: {message}") { Where = $"COPY {table}, line {Line(_rowsRead + reader.Rows.RowCount)}" };

    private async ValueTask StoreAsync(CancellationToken cancellation)
    {
        if (reader.Rows.RowCount == 0)
            return;
        ColumnBatch batch = reader.Rows.Build();
        Transaction storage = session.Transaction.Storage;
        _start ??= storage.Savepoint();
        int mark = storage.Savepoint();
        try
        {
            _rowsStored += await InsertAsync(batch, cancellation);
        }
        catch (SqlException error) when (error.Where is null && batch.RowCount > 0)
        {
            storage.RollbackTo(mark);
            throw await PlaceAsync(batch, error, cancellation);
        }
        storage.Release(mark);
        _rowsRead += batch.RowCount;
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
                return single.In($"COPY {table}, line {Line(_rowsRead + row)}");
            }
        }
        return error;
    }

    private long Line(long rowsBefore) => rowsBefore + 1 + (options.Header == CopyHeader.None ? 0 : 1);

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
