using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators;
using VecSQL.Executor.Operators.Distribution;
using VecSQL.Planner.Distribution;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor;

/// <summary>What one execution of a statement has to work with.</summary>
public sealed class ExecutionContext
{
    public required ITransaction Transaction { get; init; }

    public required EvaluationContext Evaluation { get; init; }

    /// <summary>Memory for hash tables, sorts and materialised rows of this query.</summary>
    public required MemoryBudget Memory { get; init; }

    /// <summary>Keys that earlier statements made of the rows of vector indexes.</summary>
    public Operators.Scans.ColumnKeys ColumnKeys { get => field ??= new(64L << 20); init; }

    /// <summary>Bytes an operator holds before it spills: work_mem.</summary>
    public long WorkMemoryBytes { get; init; } = 64L << 20;

    /// <summary>Threads that scans and aggregations may use.</summary>
    public int ParallelismMax { get; init; } = Environment.ProcessorCount;

    public required ISystemViewSource SystemViews { get; init; }

    /// <summary>Collects what each node did, for EXPLAIN ANALYZE.</summary>
    public bool CollectsActuals { get; init; }

    /// <summary>Has each search by a vector index followed by an exact one, so that its recall is known: see <see
    /// cref="QueryExecution.Recall"/>. Needs <see cref="CollectsActuals"/>.</summary>
    public bool MeasuresRecall { get; init; }

    /// <summary>Feeds <see cref="WorkTableScanPlan"/> 0 of a bulk insert; null otherwise.</summary>
    public IAsyncEnumerable<ColumnBatch>? BulkInput { get; init; }

    /// <summary>The transaction is not expected to do anything but one part of a plan at shards, once.</summary>
    public bool IsOneFragment { get; init; }

    /// <summary>A directory for spilled data, made on first use; the system's own for temporary files when null.</summary>
    public string? SpillDirectory { get; init; }
}

/// <summary>Computes the rows of system views; implemented by the engine.</summary>
public interface ISystemViewSource
{
    /// <summary>The view's rows with the columns asked for (by number), in batches.</summary>
    IEnumerable<ColumnBatch> Rows(uint viewOid, ReadOnlyMemory<short> columns, IReadOnlyList<ZoneBound> bounds);
}

/// <summary>A statement being executed: its result rows, and how many rows it changed.</summary>
public sealed class QueryExecution : IAsyncDisposable
{
    private readonly PlannedStatement _statement;
    private readonly StatementRun _run;
    private readonly Operator _root;
    private bool _isDisposed;

    private QueryExecution(PlannedStatement statement, StatementRun run, Operator root)
    {
        _statement = statement;
        _run = run;
        _root = root;
    }

    /// <summary>How many shards a part of a plan would be run at, as EXPLAIN shows it; null where that depends on other rows.</summary>
    public static string? FanOutOf(FragmentPlan fragment, ExecutionContext context)
    {
        if (!fragment.Keys.All(static key => key.Values.All(Shipping.IsFixed)) || (fragment.Nearest is { } nearest && !Shipping.IsFixed(nearest.Query)))
            return null;
        FanOut fanOut = FanOut.Of(fragment, context.Transaction.Catalog, context.Evaluation);
        return (fanOut with { Shards = ShardProbes.Of(fragment, fanOut.Shards, context.Transaction.Catalog, context.Evaluation)[0] }).Text;
    }

    /// <summary>The shard that all of the statement's tables are read and changed at; null where there may be several.</summary>
    public static ShardId? OnlyShardOf(PlannedStatement statement, CatalogSnapshot catalog, EvaluationContext evaluation)
    {
        ShardId? only = null;
        foreach (ShardSite site in statement.Sites)
        {
            if (!TryFindOnly(site, catalog, evaluation, out ShardId shard) || (only is { } other && other != shard))
                return null;
            only = shard;
        }
        return only;
    }

    private static bool TryFindOnly(ShardSite site, CatalogSnapshot catalog, EvaluationContext evaluation, out ShardId only)
    {
        only = default;
        try
        {
            if (FanOut.Of(site, catalog, evaluation).Shards is not [var shard])
                return false;
            only = shard;
            return true;
        }
        catch (SqlException)
        {
            return false; // a key that cannot be computed: the statement may never come to it
        }
    }

    /// <summary>Makes the operators; nothing runs before the first <see cref="NextAsync"/>.</summary>
    public static QueryExecution Open(PlannedStatement statement, ExecutionContext context)
    {
        var run = new StatementRun(context);
        try
        {
            return Open(statement, context, run);
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    private static QueryExecution Open(PlannedStatement statement, ExecutionContext context, StatementRun run)
    {
        if (statement.Kind != StatementKind.Select || statement.HasModifyingWith)
        {
            // All parts of a statement that changes data see the tables as they were before its first change.
            run.ReadsFirst = true;
            foreach (TableId table in statement.TablesRead)
                run.View(table);
        }
        var evaluation = run.NewEvaluation(
            context.Evaluation, scope: null, context.ParallelismMax, isInCommonTable: false);
        Operator root = OperatorBuilder.Build(statement.Plan, new OperatorContext(run, evaluation));
        return new QueryExecution(statement, run, root);
    }

    /// <summary>The next result rows, trimmed to the statement's columns; null when the statement is done.</summary>
    /// <remarks>A data change is complete before its first RETURNING row comes out, so that it can be retried on conflict.</remarks>
    public async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        ColumnBatch? batch = await _root.NextAsync(cancellation).ConfigureAwait(false);
        int columnCount = _statement.Columns.Length;
        return batch is null || batch.Columns.Length == columnCount ? batch : BatchShapes.Columns(batch, 0, columnCount);
    }

    /// <summary>Rows inserted, updated or deleted by the statement itself (not by its WITH).</summary>
    public long RowsChanged => _run.RowsChanged;

    /// <summary>What searches by vector indexes found so far, where that was to be measured.</summary>
    public RecallTally Recall => _run.Recall;

    /// <summary>What the node did; null when not collected or not run.</summary>
    public Planner.NodeActuals? Actuals(PhysicalPlan node) => _run.Actuals(node);

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        try
        {
            await _root.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _run.Dispose();
        }
    }
}
