using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Memory;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage;

/// <summary>Tables that sessions share: durable, versioned, changed by transactions.</summary>
/// <remarks>Threads: any.</remarks>
public interface IStorage : IAsyncDisposable
{
    /// <summary>The newest committed catalog.</summary>
    CatalogSnapshot Catalog { get; }

    /// <summary>Locks on what applications number.</summary>
    AdvisoryLocks AdvisoryLocks { get; }

    /// <summary>Who holds and who waits for which table, by its id.</summary>
    IReadOnlyList<HeldLock<uint>> TableLocks { get; }

    /// <summary>Whether a part of the tables may be at other nodes.</summary>
    bool SpansNodes => false;

    /// <param name="lockPatience">Asked at each wait for a lock how long it may last; null for without end.</param>
    /// <param name="database">The database whose schemas the transaction sees; 0 for all.</param>
    ITransaction Begin(
        IsolationLevel isolation, bool isReadOnly = false, Func<TimeSpan>? lockPatience = null, uint database = 0);

    /// <summary>An object id that nothing has had; not given back by a rollback.</summary>
    uint NextOid();

    /// <summary>About how many live rows the table has.</summary>
    long EstimateRowCount(TableId table);

    /// <summary>Bytes on disk and in memory that belong to the table.</summary>
    long SizeBytes(TableId table);

    TableSize SizeOf(TableId table);

    /// <summary>The greatest number that a shard has, or whose files may still be there.</summary>
    ShardId LastShard { get; }

    /// <summary>The shards that the table is in, in order, and how much of it each has, null where nobody serves it; of a table that is whole the one it is in.</summary>
    IReadOnlyList<(ShardId Shard, TableSize? Size)> ShardsOf(TableId table);

    /// <summary>Writes the delta to segments and drops the log it covers.</summary>
    ValueTask CheckpointAsync(CancellationToken cancellation);

    /// <summary>Does the background work that is due now: for those who have it not run by itself.</summary>
    ValueTask RunBackgroundWorkAsync(CancellationToken cancellation);

    /// <summary>Merges the table's segments and drops row versions that no snapshot can see.</summary>
    ValueTask CompactAsync(TableId table, CancellationToken cancellation);

    /// <summary>Builds an index over the table's segments, after moving its rows there and merging those that are small.</summary>
    /// <remarks>Rows that are written meanwhile are indexed in the background; until then they are searched exactly.</remarks>
    ValueTask BuildIndexAsync(
        TableId table, SegmentIndexDefinition definition, CancellationToken cancellation);

    /// <summary>The last commit that statements which begin now see.</summary>
    long NewestCommit { get; }

    /// <summary>Returns once nobody can read any more as it was before a commit, which is <see cref="NewestCommit"/> or an earlier one.</summary>
    Task WaitForSnapshotsAsync(long before, CancellationToken cancellation);

    /// <summary>Builds an index anew over all segments of the table; searches use the old one until then.</summary>
    ValueTask RebuildIndexAsync(
        TableId table, SegmentIndexDefinition definition, CancellationToken cancellation);

    /// <summary>How far a vector index of the table is built.</summary>
    VectorIndexStatus StatusOf(TableId table, SegmentIndexDefinition definition);

    /// <summary>Indexes that are being built now.</summary>
    IReadOnlyCollection<SegmentIndexBuild> IndexBuilds { get; }

    /// <summary>Advances a sequence: not transactional, and durable with the transaction that uses the value.</summary>
    /// <exception cref="Core.Errors.SqlException">2200H: past the end.</exception>
    /// <param name="countMax">Fewer are taken where the sequence ends, or begins anew.</param>
    SequenceBlock TakeSequenceValues(SequenceEntry sequence, long countMax);

    /// <summary>
    /// setval: the next value is <paramref name="value"/>, or the one after it when it counts as used.
    /// </summary>
    void SetSequenceValue(SequenceEntry sequence, long value, bool isCalled);

    /// <summary>The sequence's last value and whether it has been used, as pg_state.Sequences shows it.</summary>
    (long LastValue, bool IsCalled) SequencePosition(SequenceEntry sequence);

    /// <summary>
    /// Counts the committed rows in memory; may exceed its limit for as long as writers are being slowed.
    /// </summary>
    MemoryBudget Memory { get; }
}
