using VecSQL.Columnar.Batches;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Subqueries;

/// <summary>Reads a common table, having it computed as far as needed.</summary>
internal sealed class CommonTableScanOperator(CommonTableScanPlan plan, OperatorContext context) : Operator
{
    private CommonTable? _table;
    private IBatchReader? _reader;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        _table ??= (context.Scope ?? throw new InvalidOperationException("no common tables here")).CommonTable(plan.Id);
        _reader ??= _table.Read();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_reader.Next() is { } batch)
                return batch;
            if (!await _table.FetchAsync(cancellation).ConfigureAwait(false))
                return _reader.Next(); // rows that another reader has had computed meanwhile
        }
    }

    public override ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Reads the rows of the round before in WITH RECURSIVE, or a bulk insert's input.</summary>
internal sealed class WorkTableScanOperator(WorkTableScanPlan plan, OperatorContext context) : Operator
{
    private IBatchReader? _reader;
    private IAsyncEnumerator<ColumnBatch>? _bulk;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (context.Scope is null && context.Run.Execution.BulkInput is { } input)
        {
            _bulk ??= input.GetAsyncEnumerator(cancellation);
            while (await _bulk.MoveNextAsync().ConfigureAwait(false))
            {
                if (_bulk.Current.RowCount > 0)
                    return _bulk.Current;
            }
            return null;
        }
        _reader ??= (context.Scope ?? throw new InvalidOperationException("no work tables here"))
            .OpenWorkTable(plan.WorkTable);
        return _reader.Next();
    }

    public override async ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        if (_bulk is not null)
            await _bulk.DisposeAsync().ConfigureAwait(false);
    }
}
