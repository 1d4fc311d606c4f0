using VecSQL.Columnar.Batches;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Subqueries;

/// <summary>WITH RECURSIVE: the seed's rows, then round by round what the step makes of the rows of the round before.</summary>
/// <remarks>Memory: the rows of one round, spilled beyond the limit; with UNION the keys of all rows so far.</remarks>
internal sealed class RecursiveUnionOperator : Operator
{
    private readonly RecursiveUnionPlan _plan;
    private readonly OperatorContext _context;
    private readonly RowSourceScope _scope;
    private readonly KeyTable? _seen;
    private readonly MemoryGrant _grant;
    private RowStore _previous, _current;
    private Operator? _source;
    private bool _isDone;

    internal RecursiveUnionOperator(RecursiveUnionPlan plan, OperatorContext context)
    {
        _plan = plan;
        _scope = new RowSourceScope(context.Scope);
        _context = context.WithScope(_scope);
        _seen = plan.IsAll ? null : KeyTable.Create(KeyKinds.Of(plan.Output.AsSpan()), nullsMatch: true);
        _grant = new MemoryGrant(context.Memory);
        _previous = context.NewRowStore();
        _current = context.NewRowStore();
        _scope.AddWorkTable(plan.WorkTable, () => _previous.Read());
    }

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        while (!_isDone)
        {
            cancellation.ThrowIfCancellationRequested();
            _source ??= OperatorBuilder.Build(_plan.Seed, _context);
            if (await _source.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
            {
                if (_seen is not null)
                    batch = Unseen(batch, _seen);
                if (batch.RowCount == 0)
                    continue;
                _current.Add(batch);
                return batch;
            }
            await _source.DisposeAsync().ConfigureAwait(false);
            _source = null;
            _previous.Dispose();
            (_previous, _current) = (_current, _context.NewRowStore());
            _isDone = _previous.RowCount == 0;
            if (!_isDone)
                _source = OperatorBuilder.Build(_plan.Step, _context.WithScope(_scope)); // subqueries are computed anew
        }
        return null;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_source is not null)
            await _source.DisposeAsync().ConfigureAwait(false);
        _previous.Dispose();
        _current.Dispose();
        _grant.Dispose();
    }

    private ColumnBatch Unseen(ColumnBatch batch, KeyTable seen)
    {
        ColumnBatch fresh = DistinctRows.TakeNew(batch, batch.Columns, seen);
        _grant.Set(seen.SizeBytes);
        return fresh;
    }
}
