using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Joins;
using VecSQL.Executor.Operators.Rows;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Sorting;

/// <summary>Looks for the first rows among what the nearest rows of a table give: for few first, then for more.</summary>
/// <remarks>
/// All rows of the table that are nearer than the last one searched for have been looked at, so as soon as there are enough rows they are
/// the first. Where that takes too large a part of the table, all of it is sorted instead.
/// Memory: the rows of the result.
/// </remarks>
internal sealed class DeepeningOperator(DeepeningPlan plan, OperatorContext context) : Operator
{
    private const int Growth = 8;

    /// <summary>Rows searched for beyond what the guess says, relative and absolute, so that a second round is rare.</summary>
    private const double Reserve = 1.3, ReserveRows = 16;

    /// <summary>Searching for a larger part of the table than one in so many costs more than sorting it.</summary>
    private const int PartMin = 16;

    private readonly Queue<ColumnBatch> _ready = [];
    private Operator? _fallback;
    private bool _isDone;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (!_isDone)
        {
            _isDone = true;
            if (!await TryAsync(cancellation).ConfigureAwait(false))
                _fallback = OperatorBuilder.Build(plan.Fallback, context);
        }
        cancellation.ThrowIfCancellationRequested();
        if (_fallback is not null)
            return await _fallback.NextAsync(cancellation).ConfigureAwait(false);
        return _ready.TryDequeue(out ColumnBatch? batch) ? batch : null;
    }

    public override ValueTask DisposeAsync() => _fallback?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask<bool> TryAsync(CancellationToken cancellation)
    {
        RowRange range = RowRange.Evaluate(plan.Limit, plan.Offset, context.Evaluation);
        if (range.Limit == 0)
            return true;
        long rows = 0;
        foreach (ScanUnit unit in context.Run.View(plan.Table).Units)
            rows += unit.RowCountMax;
        double depth = plan.Share < 1 ? (range.End / plan.Share * Reserve) + ReserveRows : range.End;
        for (; depth <= rows / PartMin; depth *= Growth)
        {
            var search = new SearchDepth(plan.DepthSlot);
            OuterSlots.Set(context.Evaluation, plan.DepthSlot, FixedColumn<long>.Constant((long)Math.Ceiling(depth), 1));
            if (await CollectAsync(range.Limit, context with { Depth = search }, cancellation).ConfigureAwait(false)
                || search.IsExhausted)
                return true;
        }
        return false;
    }

    /// <summary>Whether as many rows came as are wanted.</summary>
    private async ValueTask<bool> CollectAsync(long wanted, OperatorContext within, CancellationToken cancellation)
    {
        _ready.Clear();
        long count = 0;
        Operator attempt = OperatorBuilder.Build(plan.Attempt, within);
        await using (attempt.ConfigureAwait(false))
        {
            while (await attempt.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
            {
                _ready.Enqueue(batch);
                count += batch.RowCount;
            }
        }
        return count >= wanted;
    }
}
