using System.Collections.Immutable;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Changes;

/// <summary>Changes a table by the rows of its input, then gives the RETURNING rows.</summary>
/// <remarks>All changes are made before the first row comes out, so that the statement can be run again after a conflict.</remarks>
internal abstract class ChangeOperator(
    Operator input, ImmutableArray<ScalarExpression> returning, OperatorContext context) : Operator
{
    private readonly VectorExpression[] _returning = CompiledExpressions.Compile(returning.IsDefault ? [] : returning);
    private RowStore? _returned;
    private IBatchReader? _reader;
    private bool _isDone;

    protected OperatorContext Context => context;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (!_isDone)
        {
            _isDone = true;
            while (await input.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
            {
                cancellation.ThrowIfCancellationRequested();
                int changed = await ChangeAsync(batch, cancellation).ConfigureAwait(false);
                if (context.Transaction.HasConflict)
                    return null; // it is run again
                if (!context.IsInCommonTable)
                    context.Run.RowsChanged += changed;
            }
            _reader = _returned?.Read();
        }
        return _reader?.Next();
    }

    public override async ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        _returned?.Dispose();
        await input.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Makes the changes of a batch; returns how many rows were changed.</summary>
    protected abstract ValueTask<int> ChangeAsync(ColumnBatch batch, CancellationToken cancellation);

    /// <summary>Computes RETURNING over the rows, and keeps it.</summary>
    protected void Return(ColumnBatch rows)
    {
        if (_returning.Length == 0 || rows.RowCount == 0)
            return;
        _returned ??= context.NewRowStore();
        _returned.Add(new ColumnBatch(
            CompiledExpressions.Evaluate(_returning, rows, context.Evaluation), rows.RowCount));
    }

    /// <summary>The ids of the rows as RETURNING reads them.</summary>
    protected static Column RowIdColumn(long[] ids) => new FixedColumn<long>(ids);

    protected static long[] RowIdsOf(Column column) => ((FixedColumn<long>)column.Expand()).Values.ToArray();
}
