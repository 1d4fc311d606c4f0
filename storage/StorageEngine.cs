using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Memory;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage;

/// <summary>What a node's storage is opened with.</summary>
public sealed record StorageOptions
{
    /// <summary>The data directory; made if missing.</summary>
    public required string Directory { get; init; }

    /// <summary>Bytes of row data held in memory before it is flushed to segments; writers are slowed when it is full.</summary>
    public long DeltaBytesMax { get; init; } = 256L << 20;

    /// <summary>Rows a transaction inserts into one table before they go to a segment file of their own instead of the log.</summary>
    public long DirectSegmentBytes { get; init; } = 32L << 20;

    /// <summary>Log bytes after which a checkpoint is taken.</summary>
    public long CheckpointLogBytes { get; init; } = 256L << 20;

    /// <summary>Whether flushes, compaction and checkpoints run by themselves; tests run them by hand.</summary>
    public bool RunsBackgroundWork { get; init; } = true;
}

/// <summary>The tables of one node: durable, versioned, shared by all sessions.</summary>
/// <remarks>Threads: any. One engine owns its directory, by a lock file, until disposed.</remarks>
public sealed class StorageEngine : IAsyncDisposable
{
    private readonly StorageState _state = new();
    private readonly Sequences _sequences = new();

    private StorageEngine(StorageOptions options) =>
        Memory = new MemoryBudget("the rows in memory (delta_memory)", options.DeltaBytesMax);

    /// <summary>Opens the directory, recovering what the log holds beyond the last checkpoint.</summary>
    /// <exception cref="StorageException">Held by another process, of a newer format, or damaged: the message says which file and what to do.</exception>
    public static StorageEngine Open(StorageOptions options) => new(options);

    /// <summary>The newest committed catalog.</summary>
    public CatalogSnapshot Catalog => _state.Catalog;

    public Transaction Begin(IsolationLevel isolation, bool isReadOnly = false) =>
        new(_state, _state.NextTransactionId(), isolation, isReadOnly);

    /// <summary>An object id that nothing has had; not given back by a rollback.</summary>
    public uint NextOid() => _state.NextOid();

    /// <summary>About how many live rows the table has.</summary>
    public long EstimateRowCount(TableId table) => _state.Store(table).LiveRows;

    /// <summary>Bytes on disk and in memory that belong to the table.</summary>
    public long SizeBytes(TableId table) => _state.Store(table).SizeBytes;

    /// <summary>Writes the delta to segments and drops the log it covers.</summary>
    public ValueTask CheckpointAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>Merges the table's segments and drops row versions that no snapshot can see.</summary>
    public ValueTask CompactAsync(TableId table, CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>Advances a sequence: not transactional, and durable with the transaction that uses the value.</summary>
    /// <exception cref="Core.Errors.SqlException">2200H: past the end.</exception>
    public long NextSequenceValue(SequenceEntry sequence) => _sequences.Next(sequence);

    /// <summary>setval: the next value is <paramref name="value"/>, or the one after it when it counts as used.</summary>
    public void SetSequenceValue(SequenceEntry sequence, long value, bool isCalled) => _sequences.Set(sequence, value, isCalled);

    /// <summary>The sequence's last value and whether it has been used, as pg_sequences shows it.</summary>
    public (long LastValue, bool IsCalled) SequencePosition(SequenceEntry sequence) => _sequences.Position(sequence);

    public MemoryBudget Memory { get; }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Stored data cannot be used: which file, and what the operator can do.</summary>
public sealed class StorageException(string message, Exception? cause = null) : Exception(message, cause);
