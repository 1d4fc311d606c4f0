using VecSQL.Columnar.Batches;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Subqueries;

/// <summary>A WITH query's rows: computed as far as its readers have come, once for all of them.</summary>
/// <remarks>A table that outgrows its memory is computed to its end at once, since spilled rows are written before they are read.</remarks>
internal sealed class CommonTable(CommonTablePlan plan, OperatorContext context) : IAsyncDisposable
{
    private readonly RowStore _rows = context.NewRowStore();
    private Operator? _source;
    private bool _isComplete;

    internal int Id => plan.Id;

    internal IBatchReader Read() => _rows.Read();

    /// <summary>Computes some more rows; false when there are no more.</summary>
    internal async ValueTask<bool> FetchAsync(CancellationToken cancellation)
    {
        if (_isComplete)
            return false;
        _source ??= OperatorBuilder.Build(plan.Plan, context);
        bool hasFetched = false;
        do
        {
            if (await _source.NextAsync(cancellation).ConfigureAwait(false) is not { } batch)
            {
                _isComplete = true;
                await _source.DisposeAsync().ConfigureAwait(false);
                return hasFetched;
            }
            _rows.Add(batch);
            hasFetched = true;
        }
        while (_rows.IsSpilled);
        return true;
    }

    /// <summary>Computes all rows: what a data-modifying table does whether it is read or not.</summary>
    internal async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        while (await FetchAsync(cancellation).ConfigureAwait(false))
            cancellation.ThrowIfCancellationRequested();
    }

    public async ValueTask DisposeAsync()
    {
        _rows.Dispose();
        if (_source is not null && !_isComplete)
            await _source.DisposeAsync().ConfigureAwait(false);
    }
}
