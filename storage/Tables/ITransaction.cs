using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Locking;

namespace VecSQL.Storage.Tables;

/// <summary>
/// A unit of work on storage: reads at a snapshot, buffers its writes, and commits them at once or not at all.
/// </summary>
/// <remarks>
/// Threads: one at a time, except that scans opened from it may be read on several threads while no write runs.
/// Errors: a write that throws may have done a part of its work; the caller rolls back, or back to a savepoint.
/// A cancelled wait throws <see cref="OperationCanceledException"/>; the session knows the reason and the words.
/// </remarks>
public interface ITransaction : IAsyncDisposable
{
    TransactionId Id { get; }

    /// <summary>Who waits and holds locks for it on this node.</summary>
    LockOwner Owner { get; }

    IsolationLevel Isolation { get; }

    /// <summary>
    /// What the transaction was begun with. The engine refuses statements by it; storage does not ask.
    /// </summary>
    bool IsReadOnly { get; }

    /// <summary>
    /// On how many replicas' disks its commit is to be before it is acknowledged, be that fewer or more than its tables' replication asks for; null for as many
    /// as that does. A commit over several shards, which count on each other, is never on fewer.
    /// </summary>
    ReplicationMode? WriteAcks { get; set; }

    /// <summary>The catalog as this transaction sees it, its own DDL included.</summary>
    CatalogSnapshot Catalog { get; }

    /// <summary>Whether it has written rows of the table, or changed what the table is.</summary>
    bool HasChanged(TableId table);

    /// <summary>Whether it has written anything.</summary>
    bool HasWrites { get; }

    /// <summary>
    /// Has a deletion or update that comes upon a row which another transaction has changed stop there and say so by
    /// <see cref="HasConflict"/>, rather than throw: a statement that is run again anyway need not unwind first.
    /// </summary>
    bool NotesConflicts { get; set; }

    /// <summary>Whether a change since <see cref="NotesConflicts"/> has stopped.</summary>
    bool HasConflict { get; }

    /// <summary>
    /// Begins a statement: under READ COMMITTED a new snapshot is taken; own earlier writes are seen, later ones are
    /// not.
    /// </summary>
    void BeginStatement();

    /// <summary>
    /// Statements that begin from here on see what has been committed by then, under REPEATABLE READ too: for checks of constraints,
    /// which hold for all rows. They may lock rows that are newer than the transaction's snapshot, but not change them.
    /// </summary>
    void BeginCheck();

    /// <summary>Statements see what the isolation level lets them see again.</summary>
    void EndCheck();

    /// <summary>
    /// The table as the current statement sees it. Valid until the transaction ends; a later write is not seen by it.
    /// </summary>
    TableView Read(TableId table);

    /// <summary>The part of the table that is in a shard, as the current statement sees it.</summary>
    TableView Read(TableId table, ShardId shard) => Read(table);

    /// <summary>The table as the current statement sees it, to be read for as long as wanted; null where the transaction has written to
    /// it, since nobody else sees that.</summary>
    PinnedTable? Pin(TableId table);

    /// <summary>Waits for the lock; held until the transaction ends or its savepoint is rolled back. Waits then for prepared transactions
    /// whose changes of the table the statement may have to see.</summary>
    /// <remarks>To be called for each table in every statement, once it has begun and before it reads the table.</remarks>
    /// <exception cref="SqlException">40P01 deadlock; 55P03 not available, or not in time.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    ValueTask LockTableAsync(
        TableId table, TableLockMode mode, LockWaitPolicy wait, CancellationToken cancellation);

    /// <summary>Locks what a statement that has begun reads and changes, as <see cref="LockTableAsync"/> does for each; where shards are at other nodes
    /// and the statement is alone, with the next call of theirs, which then throws what this would.</summary>
    async ValueTask EnterAsync(StatementEntry entry, CancellationToken cancellation)
    {
        foreach ((TableId table, TableLockMode mode) in entry.Tables)
            await LockTableAsync(table, mode, LockWaitPolicy.Block, cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes an advisory lock until the transaction ends or rolls back to before this.</summary>
    /// <param name="holder">The session that the transaction is of.</param>
    /// <returns>False if it cannot be had without waiting, which is not wanted.</returns>
    /// <exception cref="SqlException">40P01 deadlock; 55P03 not in time.</exception>
    ValueTask<bool> LockAdvisoryAsync(
        AdvisoryHolder holder, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation);

    /// <summary>
    /// Inserts rows: every live column of the table in order, of the columns' physical types. Unique keys are enforced.
    /// </summary>
    /// <remarks>
    /// Waits for transactions that are inserting or deleting an equal key. Deferrable keys are entered untested: at the end of the statement,
    /// or of the transaction, they are for <see cref="TestKeysAsync"/>.
    /// </remarks>
    /// <exception cref="SqlException">23505 with schema, table, constraint and <c>Key (a)=(1) already
    /// exists.</c></exception>
    ValueTask<RowIds> InsertAsync(TableId table, ColumnBatch rows, CancellationToken cancellation);

    /// <summary>Inserts the rows that conflict with nothing, for ON CONFLICT.</summary>
    /// <param name="arbiters">The unique indexes whose conflicts are reported rather than thrown; empty for
    /// all.</param>
    /// <returns>For each row its new id, or the id of the committed (or own) row it conflicts with. A row that
    /// conflicts with an
    /// earlier row of the same batch is reported against that one.</returns>
    /// <exception cref="WriteConflictException">REPEATABLE READ: the row in the way is newer than the
    /// snapshot.</exception>
    ValueTask<InsertOutcome[]> TryInsertAsync(
        TableId table, ColumnBatch rows, IReadOnlyList<uint> arbiters, CancellationToken cancellation);

    /// <summary>Deletes row versions. One that this statement has deleted already counts once.</summary>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="WriteConflictException">Another transaction changed the row after the snapshot.</exception>
    ValueTask<int> DeleteAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation);

    /// <summary>
    /// Replaces row versions: deletes <paramref name="rows"/> and inserts <paramref name="values"/>, with unique keys
    /// tested after both.
    /// </summary>
    /// <remarks>
    /// A statement of several batches whose keys may pass through each other's old values deletes all rows first and
    /// then
    /// inserts all values, which tests the keys as of the statement's end.
    /// </remarks>
    /// <exception cref="WriteConflictException">Another transaction changed the row after the snapshot.</exception>
    ValueTask<RowIds> UpdateAsync(
        TableId table, ReadOnlyMemory<RowId> rows, ColumnBatch values, CancellationToken cancellation);

    /// <summary>The tables written to since the savepoint, with what was written.</summary>
    IReadOnlyList<TableChanges> ChangesSince(int savepoint);

    /// <summary>Holds keys of a unique index that new rows of some table refer to: nobody takes them away until the transaction ends.</summary>
    /// <param name="keys">In the order of the index's columns, of their types; none is null.</param>
    /// <returns>For each key whether it is there.</returns>
    ValueTask<bool[]> HoldKeysAsync(TableId table, uint indexOid, ColumnBatch keys, CancellationToken cancellation);

    /// <summary>Tests the keys of a deferrable index, which are not tested as rows come.</summary>
    /// <exception cref="SqlException">23505: a key is another row's too.</exception>
    ValueTask TestKeysAsync(TableChanges changes, IndexEntry index, CancellationToken cancellation);

    /// <summary>Claims keys of rows that this transaction has deleted: nobody comes to refer to them until it ends.</summary>
    /// <returns>For each key whether it is gone; false where the transaction has given it to another row.</returns>
    ValueTask<bool[]> ClaimKeysAsync(TableId table, uint indexOid, ColumnBatch keys, CancellationToken cancellation);

    /// <summary>Locks row versions against change by others; waits for those who hold them.</summary>
    /// <returns>For each row whether it was locked; false only under SKIP LOCKED.</returns>
    /// <exception cref="WriteConflictException">Another transaction changed the row after the snapshot.</exception>
    /// <exception cref="SqlException">55P03 under NOWAIT; 40P01.</exception>
    ValueTask<bool[]> LockRowsAsync(
        TableId table, ReadOnlyMemory<RowId> rows, RowLockStrength strength, LockWaitPolicy wait,
        CancellationToken cancellation);

    /// <summary>
    /// Reads row versions by id, whatever the snapshot, with all live columns: for rows that a conflict named.
    /// </summary>
    ValueTask<ColumnBatch> FetchAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation);

    /// <summary>Removes all rows, visible to this transaction at once and to others at commit.</summary>
    ValueTask TruncateAsync(TableId table, CancellationToken cancellation);

    /// <summary>Whether it has emptied the table by TRUNCATE.</summary>
    bool HasTruncated(TableId table);

    /// <summary>Gives a sequence another place to go on from, at once and for all, but undone if this is rolled back.</summary>
    void RestartSequence(SequenceEntry sequence, long value);

    /// <summary>DDL: visible in <see cref="Catalog"/> at once, to others at commit.</summary>
    /// <exception cref="SqlException">23505: a new unique index over rows that are not unique.</exception>
    void Change(CatalogChange change);

    /// <summary>A point to roll back to. Savepoints nest; rolling back to one drops the later ones.</summary>
    int Savepoint();

    void RollbackTo(int savepoint);

    void Release(int savepoint);

    /// <summary>
    /// Makes the writes visible and, unless <paramref name="isDurable"/> is false, waits until they are on disk.
    /// </summary>
    /// <exception cref="SqlException">
    /// 53100, 58030: the log could not be written; the transaction is rolled back. 23505: another transaction committed
    /// an object
    /// of the same name first.
    /// </exception>
    ValueTask<CommitTimestamp> CommitAsync(bool isDurable, CancellationToken cancellation);

    ValueTask RollbackAsync();

    /// <summary>Whether a change stopped; from now on changes throw again.</summary>
    bool TakeConflict();
}
