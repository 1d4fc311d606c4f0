using VecSQL.Catalog.Objects;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>A shard, wherever its engine is: what transactions over shards use of it.</summary>
/// <remarks>Threads: any. Figures of a shard at another node may be some moments old.</remarks>
public interface IShard
{
    /// <summary>Begins what a transaction does here.</summary>
    IBranch Begin(IBranchOrigin of);

    /// <summary>Transactions that were prepared and wait for their coordinators' decisions, the oldest first.</summary>
    ValueTask<IReadOnlyList<PreparedState>> ListPreparedAsync(CancellationToken cancellation);

    /// <summary>Commits a prepared transaction, durably, and lets its locks go.</summary>
    /// <param name="timestamp">Not before the earliest that it may commit at; commits that came since may be later.</param>
    /// <exception cref="Core.Errors.SqlException">42704: none of that id. 55006: its end is being written. 53100, 58030: the log could not be
    /// written; it is still prepared.</exception>
    ValueTask CommitPreparedAsync(string globalId, CommitTimestamp timestamp);

    /// <summary>Rolls back a prepared transaction, durably, and lets its locks go.</summary>
    /// <exception cref="Core.Errors.SqlException">As for <see cref="CommitPreparedAsync"/>.</exception>
    ValueTask RollbackPreparedAsync(string globalId);

    /// <summary>When the transaction of this id committed, whose decision was this shard's; null where it has not and never will: a branch that
    /// has yet to decide does not any more.</summary>
    /// <remarks>To be asked by those who have it prepared, and do not hear from its coordinator.</remarks>
    /// <exception cref="Core.Errors.SqlException">It cannot be known now.</exception>
    ValueTask<CommitTimestamp?> ResolveAsync(string globalId, CancellationToken cancellation);

    /// <summary>Forgets what <see cref="IBranch.DecideAsync"/> has written down, when all who took part know it.</summary>
    /// <param name="rows">Null for all.</param>
    ValueTask ForgetDecisionsAsync(IReadOnlyCollection<RowId>? rows);

    /// <summary>Which transactions wait for which here.</summary>
    /// <exception cref="Core.Errors.SqlException">It cannot be known now.</exception>
    ValueTask<IReadOnlyList<WaitEdge>> ListWaitsAsync(CancellationToken cancellation);

    /// <summary>Who holds and who waits for which table, by its id.</summary>
    IReadOnlyList<HeldLock<uint>> TableLocks { get; }

    /// <summary>Who holds and who waits for which advisory lock.</summary>
    IReadOnlyList<HeldLock<AdvisoryKey>> AdvisoryLocks { get; }

    /// <summary>Gives back what a session has taken by <see cref="IBranch.HoldAdvisoryAsync"/>.</summary>
    void ReturnAdvisory(AdvisoryHolder holder, AdvisoryKey key, bool isShared);

    /// <summary>The last commit that statements which begin now see.</summary>
    long NewestCommit { get; }

    /// <inheritdoc cref="IStorage.EstimateRowCount"/>
    long EstimateRowCount(TableId table);

    /// <inheritdoc cref="IStorage.SizeBytes"/>
    long SizeBytes(TableId table);

    TableSize SizeOf(TableId table);

    /// <inheritdoc cref="IStorage.CheckpointAsync"/>
    ValueTask CheckpointAsync(CancellationToken cancellation);

    /// <inheritdoc cref="IStorage.RunBackgroundWorkAsync"/>
    ValueTask RunBackgroundWorkAsync(CancellationToken cancellation);

    /// <inheritdoc cref="IStorage.CompactAsync"/>
    ValueTask CompactAsync(TableId table, CancellationToken cancellation);

    /// <inheritdoc cref="IStorage.BuildIndexAsync"/>
    ValueTask BuildIndexAsync(TableId table, SegmentIndexDefinition definition, CancellationToken cancellation);

    /// <inheritdoc cref="IStorage.RebuildIndexAsync"/>
    ValueTask RebuildIndexAsync(TableId table, SegmentIndexDefinition definition, CancellationToken cancellation);

    /// <inheritdoc cref="IStorage.WaitForSnapshotsAsync"/>
    Task WaitForSnapshotsAsync(long before, CancellationToken cancellation);

    /// <inheritdoc cref="IStorage.StatusOf"/>
    VectorIndexStatus StatusOf(TableId table, SegmentIndexDefinition definition);

    /// <inheritdoc cref="IStorage.IndexBuilds"/>
    IReadOnlyCollection<SegmentIndexBuild> IndexBuilds { get; }

    /// <inheritdoc cref="IStorage.TakeSequenceValues"/>
    SequenceBlock TakeSequenceValues(SequenceEntry sequence, long countMax);

    /// <inheritdoc cref="IStorage.SetSequenceValue"/>
    void SetSequenceValue(SequenceEntry sequence, long value, bool isCalled);

    /// <inheritdoc cref="IStorage.SequencePosition"/>
    (long LastValue, bool IsCalled) SequencePosition(SequenceEntry sequence);
}
