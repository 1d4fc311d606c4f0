using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Transactions;
using VecSQL.Executor;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Sessions;

/// <summary>A query or data change being run: plans it, locks its tables, runs it, and runs it again where another transaction came first.</summary>
/// <remarks>
/// Under READ COMMITTED a row changed by a transaction that committed meanwhile makes the statement start over with a new snapshot, after undoing what
/// it had written. A data change is complete before its first row is handed out, and rows of a locking query are kept back until all are locked,
/// so that the client never sees rows of a run that was given up.
/// </remarks>
internal sealed class QueryWork : StatementWork
{
    private readonly SessionState _session;
    private readonly PlannedQuery _query;
    private readonly Column[] _parameters;
    private readonly bool _collectsActuals, _measuresRecall, _checksReferences;
    private PlannedStatement _plan;
    private QueryExecution? _execution;
    private Queue<ColumnBatch>? _kept;
    private MemoryBudget? _memory;
    private bool _isAlone, _isStarted, _isDone;
    private long _rowsChanged;

    private QueryWork(
        SessionState session, PlannedQuery query, PlannedStatement plan, Column[] parameters, bool collectsActuals,
        bool measuresRecall, bool checksReferences)
    {
        (_session, _query, _plan, _parameters) = (session, query, plan, parameters);
        (_collectsActuals, _measuresRecall, _checksReferences) = (collectsActuals, measuresRecall, checksReferences);
        Columns = query.LastColumns;
        query.PromiseColumns();
    }

    internal override ImmutableArray<ResultColumnInfo>? Columns { get; }

    internal PlannedStatement Plan => _plan;

    internal QueryExecution? Execution => _execution;

    internal long RowsChanged => _rowsChanged;

    /// <summary>How many shards a part of the plan would be run at, for EXPLAIN.</summary>
    internal string? FanOut(FragmentPlan fragment) => QueryExecution.FanOutOf(
        fragment, Executions.Context(_session, Executions.Memory(_session), _query.Arguments(_parameters), CancellationToken.None));

    /// <summary>Plans and locks; nothing is read yet.</summary>
    /// <param name="isAlone">See <see cref="StatementEntry"/>.</param>
    /// <param name="mayReadPast">Whether it is a client's own, which sees what the session's settings say.</param>
    /// <param name="checksReferences">False for changes that a foreign key makes, whose checks are part of the statement's own.</param>
    internal static async ValueTask<QueryWork> OpenAsync(
        SessionState session, PlannedQuery query, Column[] parameters, CancellationToken cancellation,
        bool collectsActuals = false, bool measuresRecall = false, bool checksReferences = true, bool isAlone = false, bool mayReadPast = false)
    {
        PlannedStatement plan = await PlanAndLockAsync(session, query.Plan, query, parameters, isAlone, mayReadPast, cancellation);
        RefuseReadOnly(session, plan);
        if (plan.ParameterTypes.Length > parameters.Length)
            throw new SqlException(SqlState.UndefinedParameter, $"there is no parameter ${parameters.Length + 1}");
        return new QueryWork(session, query, plan, parameters, collectsActuals, measuresRecall, checksReferences) { _isAlone = isAlone };
    }

    internal override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (_kept is { Count: > 0 })
            return _kept.Dequeue();
        if (_isDone)
            return null;
        ColumnBatch? batch;
        if (_isStarted)
        {
            batch = await RunningAsync(cancellation);
        }
        else
        {
            _isStarted = true;
            batch = _plan.IsReadOnly ? await StartAsync(cancellation) : await StartChangeAsync(cancellation);
        }
        if (batch is null)
            await FinishAsync();
        return batch;
    }

    internal override long RowsCounted(long rowCount) => _plan.Kind == StatementKind.Select ? rowCount : _rowsChanged;

    internal override string Tag(long rowCount) => _plan.Kind switch
    {
        StatementKind.Insert => $"INSERT 0 {_rowsChanged}",
        StatementKind.Update => $"UPDATE {_rowsChanged}",
        StatementKind.Delete => $"DELETE {_rowsChanged}",
        StatementKind.Merge => $"MERGE {_rowsChanged}",
        _ => $"SELECT {rowCount}",
    };

    private protected override ValueTask ReleaseAsync() => FinishAsync();

    private async ValueTask FinishAsync()
    {
        _isDone = true;
        if (_execution is not { } execution)
            return;
        if (!_collectsActuals)
            _execution = null; // EXPLAIN ANALYZE reads the figures afterwards
        await execution.DisposeAsync();
        if (_memory is { UsedBytes: > 0 } memory)
            memory.Release(memory.UsedBytes);
    }

    private ValueTask<ColumnBatch?> RunningAsync(CancellationToken cancellation) =>
        _execution is { } execution ? execution.NextAsync(cancellation) : default;

    private ValueTask<ColumnBatch?> StartAsync(CancellationToken cancellation)
    {
        _memory = Executions.Memory(_session);
        _execution = QueryExecution.Open(_plan, Executions.Context(_session, _memory, _query.Arguments(_parameters), cancellation, _collectsActuals,
            _measuresRecall, settings: _query.Hints.Overlay,
            isOneFragment: _isAlone && _plan.IsOneFragment && _plan.IsReadOnly && _session.Transaction.Storage.Isolation == IsolationLevel.ReadCommitted));
        return _execution.NextAsync(cancellation);
    }

    private async ValueTask<ColumnBatch?> StartChangeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            ITransaction storage = _session.Transaction.Storage;
            int mark = storage.Savepoint();
            try
            {
                storage.NotesConflicts = MayNoteConflicts(storage);
                ColumnBatch? first = await StartAsync(cancellation);
                if (storage.TakeConflict())
                {
                    await StartOverAsync(storage, mark, cancellation);
                    continue;
                }
                if (_plan.HasRowLocks || _plan.HasModifyingWith)
                    first = await KeepAllAsync(first, cancellation);
                else
                    _rowsChanged = _execution?.RowsChanged ?? 0;
                if (_checksReferences)
                    await _session.References.CheckAsync(mark, cancellation);
                storage.Release(mark);
                return first;
            }
            catch (WriteConflictException) when (storage.Isolation == IsolationLevel.ReadCommitted)
            {
                await StartOverAsync(storage, mark, cancellation);
            }
            finally
            {
                storage.TakeConflict();
            }
        }
    }

    /// <summary>Whether nothing but the statement's own change, which looks for it, can come upon a conflict.</summary>
    private bool MayNoteConflicts(ITransaction storage) =>
        storage.Isolation == IsolationLevel.ReadCommitted && _plan.Kind is StatementKind.Update or StatementKind.Delete
        && !_plan.HasRowLocks && !_plan.HasModifyingWith;

    private async ValueTask StartOverAsync(ITransaction storage, int mark, CancellationToken cancellation)
    {
        await FinishAsync();
        _isDone = false;
        _kept = null;
        storage.RollbackTo(mark);
        storage.Release(mark);
        cancellation.ThrowIfCancellationRequested();
        _plan = await PlanAndLockAsync(_session, _query.Plan, _query, _parameters, isAlone: false, mayReadPast: false, cancellation);
    }

    private async ValueTask<ColumnBatch?> KeepAllAsync(ColumnBatch? first, CancellationToken cancellation)
    {
        _kept = new Queue<ColumnBatch>();
        for (ColumnBatch? batch = first; batch is not null; batch = await RunningAsync(cancellation))
            _kept.Enqueue(batch);
        _rowsChanged = _execution?.RowsChanged ?? 0;
        await FinishAsync();
        return _kept.TryDequeue(out ColumnBatch? next) ? next : null;
    }

    /// <summary>Plans until the plan is of the catalog that holds once its tables are locked.</summary>
    internal static ValueTask<PlannedStatement> PlanAndLockAsync(
        SessionState session, Func<SessionState, CatalogSnapshot, PlannedStatement> makePlan, CancellationToken cancellation) =>
        PlanAndLockAsync(session, makePlan, query: null, [], isAlone: false, mayReadPast: false, cancellation);

    /// <param name="query">What the plan is of, where the shards that it comes to are of use.</param>
    private static async ValueTask<PlannedStatement> PlanAndLockAsync(
        SessionState session, Func<SessionState, CatalogSnapshot, PlannedStatement> makePlan, PlannedQuery? query, Column[] parameters, bool isAlone,
        bool mayReadPast, CancellationToken cancellation)
    {
        ITransaction storage = session.Transaction.Storage;
        while (true)
        {
            storage.BeginStatement();
            CatalogSnapshot newest = session.Database.Storage.Catalog, seen = storage.Catalog;
            PlannedStatement plan = makePlan(session, seen);
            (TableId, TableLockMode)[] tables = new (TableId, TableLockMode)[plan.Tables.Length];
            int count = 0;
            foreach (TableUse use in plan.Tables)
            {
                if (!seen.TryFindTable(use.Table, out _))
                    continue; // a system view
                TableLockMode mode = use.IsModified ? TableLockMode.RowExclusive
                    : plan.HasRowLocks ? TableLockMode.RowShare : TableLockMode.AccessShare;
                tables[count++] = (use.Table, mode);
            }
            Array.Resize(ref tables, count);
            ShardId? only = query is null ? null : OnlyShardOf(session, query, plan, seen, parameters);
            ReadAt? past = PastReads.Of(session, query, plan, mayReadPast);
            await storage.EnterAsync(new StatementEntry(tables, only, isAlone && plan.Models.IsEmpty, past), cancellation);
            session.Transaction.HasRead |= query is not null;
            foreach (uint model in plan.Models)
                await storage.LockTableAsync(new TableId(model), TableLockMode.AccessShare, LockWaitPolicy.Block, cancellation);
            if (ReferenceEquals(newest, session.Database.Storage.Catalog))
                return plan;
        }
    }

    private static ShardId? OnlyShardOf(SessionState session, PlannedQuery query, PlannedStatement plan, CatalogSnapshot catalog, Column[] parameters)
    {
        if (plan.Sites.IsEmpty || plan.ParameterTypes.Length > parameters.Length)
            return null;
        EvaluationContext evaluation = new() { Format = session.Format, Parameters = query.Arguments(parameters), Session = session.Services };
        return QueryExecution.OnlyShardOf(plan, catalog, evaluation);
    }

    /// <param name="isAsOf">It reads what is past, and cannot change that.</param>
    internal static void RefuseReadOnly(SessionState session, PlannedStatement plan, string? command = null, bool isAsOf = false)
    {
        if (plan.IsReadOnly || !(session.Transaction.IsReadOnly || isAsOf))
            return;
        bool changesOnlyTemporary = !plan.HasRowLocks && plan.Tables.All(use => !use.IsModified
            || (session.Catalog.TryFindTable(use.Table, out TableEntry? table) && table.IsTemporary));
        if (changesOnlyTemporary && !isAsOf)
            return;
        command ??= plan.Kind switch
        {
            StatementKind.Insert => "INSERT",
            StatementKind.Update => "UPDATE",
            StatementKind.Delete => "DELETE",
            StatementKind.Merge => "MERGE",
            _ => plan.HasRowLocks ? "SELECT FOR UPDATE" : "SELECT",
        };
        throw ReadOnlyTransaction(command);
    }

    internal static SqlException ReadOnlyTransaction(string command) =>
        new(SqlState.ReadOnlySqlTransaction, $"cannot execute {command} in a read-only transaction");
}
