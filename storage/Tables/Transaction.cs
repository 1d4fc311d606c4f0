using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;

namespace VecSQL.Storage.Tables;

/// <summary>A unit of work on storage: reads at a snapshot, buffers its writes, and commits them at once or not at all.</summary>
/// <remarks>
/// Threads: one at a time, except that scans opened from it may be read on several threads while no write runs.
/// Nothing is logged before commit, so that a crash leaves nothing of an unfinished transaction.
/// </remarks>
public sealed class Transaction : IAsyncDisposable
{
    public TransactionId Id => throw new NotImplementedException();

    public IsolationLevel Isolation => throw new NotImplementedException();

    public bool IsReadOnly => throw new NotImplementedException();

    /// <summary>The catalog as this transaction sees it, its own DDL included.</summary>
    public CatalogSnapshot Catalog => throw new NotImplementedException();

    /// <summary>Whether it has written anything.</summary>
    public bool HasWrites => throw new NotImplementedException();

    /// <summary>Begins a statement: under READ COMMITTED a new snapshot is taken; own earlier writes are seen, later ones are not.</summary>
    public void BeginStatement() => throw new NotImplementedException();

    /// <summary>The table as the current statement sees it. Valid until the transaction ends; a later write is not seen by it.</summary>
    public TableView Read(TableId table) => throw new NotImplementedException();

    /// <summary>Waits for the lock; held until the transaction ends or its savepoint is rolled back.</summary>
    /// <exception cref="Core.Errors.SqlException">40P01 deadlock; 55P03 not available; 57014 cancelled.</exception>
    public ValueTask LockTableAsync(
        TableId table, TableLockMode mode, LockWaitPolicy wait, CancellationToken cancellation) =>
        throw new NotImplementedException();

    /// <summary>Inserts rows: every live column of the table in order, of the columns' physical types. Unique keys are enforced.</summary>
    /// <remarks>Waits for transactions that are inserting or deleting an equal key.</remarks>
    /// <exception cref="Core.Errors.SqlException">23505 with schema, table, constraint and <c>Key (a)=(1) already exists.</c></exception>
    public ValueTask<RowIds> InsertAsync(TableId table, ColumnBatch rows, CancellationToken cancellation) =>
        throw new NotImplementedException();

    /// <summary>Inserts the rows that conflict with nothing, for ON CONFLICT.</summary>
    /// <param name="arbiters">The unique indexes whose conflicts are reported rather than thrown; empty for all.</param>
    /// <returns>For each row its new id, or the id of the committed (or own) row it conflicts with. A row that conflicts with an
    /// earlier row of the same batch is reported against that one.</returns>
    public ValueTask<InsertOutcome[]> TryInsertAsync(
        TableId table, ColumnBatch rows, IReadOnlyList<uint> arbiters, CancellationToken cancellation) =>
        throw new NotImplementedException();

    /// <summary>Deletes row versions. One that this statement has deleted already counts once.</summary>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="WriteConflictException">Another transaction changed the row after the snapshot.</exception>
    public ValueTask<int> DeleteAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation) =>
        throw new NotImplementedException();

    /// <summary>Replaces row versions: deletes <paramref name="rows"/> and inserts <paramref name="values"/>, with unique keys tested after both.</summary>
    /// <exception cref="WriteConflictException">Another transaction changed the row after the snapshot.</exception>
    public ValueTask<RowIds> UpdateAsync(
        TableId table, ReadOnlyMemory<RowId> rows, ColumnBatch values, CancellationToken cancellation) =>
        throw new NotImplementedException();

    /// <summary>Locks row versions against change by others; waits for those who hold them.</summary>
    /// <returns>For each row whether it was locked; false only under SKIP LOCKED.</returns>
    /// <exception cref="WriteConflictException">Another transaction changed the row after the snapshot.</exception>
    public ValueTask<bool[]> LockRowsAsync(
        TableId table, ReadOnlyMemory<RowId> rows, RowLockStrength strength, LockWaitPolicy wait,
        CancellationToken cancellation) =>
        throw new NotImplementedException();

    /// <summary>Reads row versions by id, whatever the snapshot, with all live columns: for rows that a conflict named.</summary>
    public ColumnBatch Fetch(TableId table, ReadOnlySpan<RowId> rows) => throw new NotImplementedException();

    /// <summary>Removes all rows, visible to this transaction at once and to others at commit.</summary>
    public ValueTask TruncateAsync(TableId table, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>DDL: visible in <see cref="Catalog"/> at once, to others at commit.</summary>
    public void Change(CatalogChange change) => throw new NotImplementedException();

    /// <summary>A point to roll back to. Savepoints nest; rolling back to one drops the later ones.</summary>
    public int Savepoint() => throw new NotImplementedException();

    public void RollbackTo(int savepoint) => throw new NotImplementedException();

    public void Release(int savepoint) => throw new NotImplementedException();

    /// <summary>Makes the writes visible and, unless <paramref name="isDurable"/> is false, waits until they are on disk.</summary>
    public ValueTask<CommitTimestamp> CommitAsync(bool isDurable, CancellationToken cancellation) =>
        throw new NotImplementedException();

    public ValueTask RollbackAsync() => throw new NotImplementedException();

    /// <summary>Rolls back unless ended.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>The ids of a batch's rows, in the order of the rows.</summary>
public readonly record struct RowIds(long[] Values);

/// <param name="IsInserted">True: <paramref name="Row"/> is the new row. False: it is the row in the way.</param>
/// <param name="IsOwnStatement">The row in the way was inserted by this same statement (21000 for DO UPDATE).</param>
public readonly record struct InsertOutcome(RowId Row, bool IsInserted, bool IsOwnStatement);
