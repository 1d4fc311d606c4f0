using VecSQL.Columnar.Batches;
using VecSQL.Core.Memory;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor;

/// <summary>What one execution of a statement has to work with.</summary>
public sealed class ExecutionContext
{
    public required Transaction Transaction { get; init; }

    public required EvaluationContext Evaluation { get; init; }

    /// <summary>Memory for hash tables, sorts and materialised rows of this query.</summary>
    public required MemoryBudget Memory { get; init; }

    /// <summary>Bytes an operator holds before it spills: work_mem.</summary>
    public long WorkMemoryBytes { get; init; } = 64L << 20;

    /// <summary>Threads that scans and aggregations may use.</summary>
    public int ParallelismMax { get; init; } = Environment.ProcessorCount;

    public required ISystemViewSource SystemViews { get; init; }

    /// <summary>Collects what each node did, for EXPLAIN ANALYZE.</summary>
    public bool CollectsActuals { get; init; }

    /// <summary>Feeds <see cref="WorkTableScanPlan"/> 0 of a bulk insert; null otherwise.</summary>
    public IAsyncEnumerable<ColumnBatch>? BulkInput { get; init; }

    /// <summary>A directory for spilled data, made on first use.</summary>
    public string SpillDirectory { get; init; } = Path.GetTempPath();
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
    /// <summary>Makes the operators; nothing runs before the first <see cref="NextAsync"/>.</summary>
    public static QueryExecution Open(PlannedStatement statement, ExecutionContext context) =>
        throw new NotImplementedException();

    /// <summary>The next result rows, trimmed to the statement's columns; null when the statement is done.</summary>
    /// <remarks>A data change is complete before its first RETURNING row comes out, so that it can be retried on conflict.</remarks>
    public ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Rows inserted, updated or deleted by the statement itself (not by its WITH).</summary>
    public long RowsChanged => throw new NotImplementedException();

    /// <summary>What the node did; null when not collected or not run.</summary>
    public Planner.NodeActuals? Actuals(PhysicalPlan node) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
