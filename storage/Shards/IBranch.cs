using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>What a transaction does at one of its shards.</summary>
/// <remarks>
/// Order:  <see cref="ITransaction.Change"/> is none of its calls: definitions are the transaction's (<see cref="IBranchOrigin"/>), which tells by
///         <see cref="MakeIndexes"/> and <see cref="Undo"/> what is to be done for them.
/// Errors: where the shard is at another node, calls that return nothing may be done with the next one that is awaited, which then throws theirs.
/// </remarks>
public interface IBranch : ITransaction
{
    /// <summary>Whether it has committed or rolled back.</summary>
    bool HasEnded { get; }

    /// <summary>
    /// Begins a statement that sees what was committed at or before a moment, under REPEATABLE READ too; there, later statements do too.
    /// Returns when all of that is there.
    /// </summary>
    /// <param name="at">Which the engine's source of timestamps has given out, or one that is past.</param>
    /// <exception cref="Core.Errors.SqlException">72000: what was at that moment is no longer kept.</exception>
    ValueTask BeginStatementAsync(CommitTimestamp at, CancellationToken cancellation);

    /// <summary>Locks a table for a statement, as <see cref="ITransaction.LockTableAsync"/>; where the shard is at another node, with the next call.</summary>
    /// <param name="waits">False: a lock that cannot be had at once is a reason to run the statement again.</param>
    /// <param name="seesNewest">The statement reads this shard alone: it is to see all that was acknowledged anywhere before the call, at no given moment.</param>
    /// <exception cref="Core.Errors.SqlException">As of the lock; 40001: it would have to be waited for.</exception>
    ValueTask EnterAsync(TableId table, TableLockMode mode, bool waits, bool seesNewest, CancellationToken cancellation);

    /// <summary>Takes an advisory lock for the session, which lasts until <see cref="IShard.ReturnAdvisory"/>, or the holder is told that it is lost.</summary>
    /// <returns>False if it cannot be had without waiting, which is not wanted.</returns>
    /// <exception cref="Core.Errors.SqlException">40P01 deadlock; 55P03 not in time.</exception>
    ValueTask<bool> HoldAdvisoryAsync(AdvisoryHolder holder, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation);

    /// <summary>Whether it has restarted sequences, which commits with it as rows do.</summary>
    bool HasRestarts { get; }

    /// <summary>Deletes row versions that come back in another branch, with other values.</summary>
    /// <returns>Which of them the transaction had put here itself.</returns>
    ValueTask<bool[]> TakeAwayAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation);

    /// <summary>From where on changes are told of, which <see cref="ITransaction.ChangesSince"/> gave.</summary>
    ChangesMark MarkOf(TableChanges changes);

    /// <summary>What was written to a table from there on.</summary>
    TableChanges ChangesFrom(TableId table, ChangesMark mark);

    /// <summary>Makes those unique indexes that the table did not have before, over the rows that are here.</summary>
    /// <exception cref="Core.Errors.SqlException">23505: they are not unique.</exception>
    void MakeIndexes(TableEntry before, TableEntry after);

    /// <summary>Forgets what was made for changes of definitions that were undone.</summary>
    void Undo(IReadOnlyList<CatalogChange> undone);

    /// <summary>Tells that this branch's commit will be the decision for all of the transaction, which comes by <see cref="DecideAsync"/>; before
    /// anything is prepared elsewhere. From here on who asks for the outcome (<see cref="IShard.ResolveAsync"/>) gets a definite answer.</summary>
    void ExpectDecision();

    /// <summary>Commits, and writes down with it that the transaction of this id has, all over.</summary>
    /// <returns>When; and the row that says so.</returns>
    /// <exception cref="Core.Errors.SqlException">As for <see cref="ITransaction.CommitAsync"/>; 40001 also where another has asked for the
    /// outcome, and was told that it is rolled back.</exception>
    ValueTask<(CommitTimestamp At, RowId Decision)> DecideAsync(CancellationToken cancellation);

    /// <summary>
    /// Makes it durable that the branch can be committed, whatever happens to its node; from then on it can be neither changed nor
    /// read from, keeps its locks, and ends by <see cref="IShard.CommitPreparedAsync"/> or <see cref="IShard.RollbackPreparedAsync"/> alone.
    /// </summary>
    /// <param name="globalId">What it is known by, to all who take part; 200 characters at most.</param>
    /// <param name="coordinator">What its coordinator wants to be told with it after a failure.</param>
    /// <returns>The earliest timestamp that it may commit at.</returns>
    /// <exception cref="Core.Errors.SqlException">The branch is rolled back. 53100, 58030: the log could not be written. 42710: the id is in use.</exception>
    ValueTask<CommitTimestamp> PrepareAsync(string globalId, ReadOnlyMemory<byte> coordinator, CancellationToken cancellation);
}
