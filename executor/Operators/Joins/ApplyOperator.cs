using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>Runs the right plan for each left row, with outer values from that row.</summary>
/// <remarks>Order: left rows in their order, each with its right rows in theirs.</remarks>
internal sealed class ApplyOperator : Operator
{
    private readonly ApplyPlan _plan;
    private readonly Operator _left;
    private readonly OperatorContext _context;
    private readonly OuterValuesOf _outer;
    private readonly List<SearchesAhead> _ahead;
    private readonly VectorExpression? _condition;
    private readonly PhysicalType[] _rightTypes;
    private readonly BatchBuilder _output;
    private ColumnBatch? _batch;
    private Operator? _right;
    private bool _isMatched;
    private ColumnBatch? _ready; // a full batch of output

    internal ApplyOperator(ApplyPlan plan, Operator left, OperatorContext context)
    {
        (_plan, _left) = (plan, left);
        _outer = new OuterValuesOf(plan.OuterValues);
        _ahead = SearchesAhead.Below(plan, _outer, context);
        // One row's worth of work is too little to share out.
        _context = context with { ParallelismMax = 1, Ahead = _ahead };
        _condition = CompiledExpressions.CompileOptional(plan.Condition);
        _rightTypes = BatchShapes.PhysicalOf(plan.Right.Output);
        _output = new BatchBuilder(BatchShapes.PhysicalOf(plan.Output));
    }

    private bool KeepsLeftOnly => _plan.Kind is PhysicalJoinKind.Semi or PhysicalJoinKind.Anti;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_ready is { } ready)
            {
                _ready = null;
                return ready;
            }
            if (_batch is null || _outer.Row == _batch.RowCount)
            {
                _batch = await _left.NextAsync(cancellation).ConfigureAwait(false);
                if (_batch is null)
                    return _output.RowCount > 0 ? _output.Build() : null;
                _outer.Read(_batch, _context.Evaluation);
                foreach (SearchesAhead search in _ahead)
                    search.Clear();
            }
            if (_right is null)
            {
                _outer.Set(_context.Evaluation, _outer.Row);
                _right = OperatorBuilder.Build(_plan.Right, _context);
                _isMatched = false;
            }
            ColumnBatch? right = await _right.NextAsync(cancellation).ConfigureAwait(false);
            if (right is not null)
                Join(_batch, right);
            if (right is null || (KeepsLeftOnly && _isMatched))
                await EndRowAsync(_batch).ConfigureAwait(false);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_right is not null)
            await _right.DisposeAsync().ConfigureAwait(false);
        foreach (SearchesAhead search in _ahead)
            search.Dispose();
        await _left.DisposeAsync().ConfigureAwait(false);
    }

    private void Join(ColumnBatch left, ColumnBatch right)
    {
        if (_condition is null && KeepsLeftOnly)
        {
            _isMatched = true;
            return;
        }
        if (_condition is null)
        {
            _isMatched = true;
            Give(Kept(left, right));
            return;
        }
        ColumnBatch both = BatchShapes.With(BatchShapes.Broadcast(left, _outer.Row, right.RowCount), right.Columns);
        if (RowSelection.Filter(both, _condition, _context.Evaluation) is not { } joined)
            return;
        _isMatched = true;
        if (!KeepsLeftOnly)
            Give(new ColumnBatch([.. _plan.Kept.Select(i => joined.Columns[i])], joined.RowCount));
    }

    /// <summary>The row of the left side whose turn it is beside rows of the right one.</summary>
    private ColumnBatch Kept(ColumnBatch left, ColumnBatch right)
    {
        var columns = new Column[_plan.Kept.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            int column = _plan.Kept[i];
            columns[i] = column < left.Columns.Length
                ? left.Columns[column].Broadcast(_outer.Row, right.RowCount)
                : right.Columns[column - left.Columns.Length];
        }
        return new ColumnBatch(columns, right.RowCount);
    }

    private void Give(ColumnBatch rows)
    {
        if (_output.RowCount + rows.RowCount > ColumnBatch.RowsMax)
            _ready = _output.Build();
        _output.AppendAll(rows);
    }

    private async ValueTask EndRowAsync(ColumnBatch left)
    {
        if (_right is not null)
            await _right.DisposeAsync().ConfigureAwait(false);
        _right = null;
        if (KeepsLeftOnly)
        {
            if (_isMatched == (_plan.Kind == PhysicalJoinKind.Semi))
                Give(Kept(left, BatchShapes.Nulls([], 1)));
        }
        else if (!_isMatched && _plan.Kind == PhysicalJoinKind.Left)
        {
            Give(Kept(left, BatchShapes.Nulls(_rightTypes, 1)));
        }
        _outer.MoveOn();
    }
}
