using VecSQL.Catalog.Objects;
using VecSQL.Kit;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Tables;

/// <summary>What a prepared transaction lives through before it is looked at.</summary>
public enum Passage
{
    Nothing, Checkpoint, Crash, CheckpointAndCrash, Stop,
}

/// <summary>An engine with prepared transactions, which may stop and start.</summary>
internal sealed class PreparedRig : IAsyncDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public PreparedRig() => Engine = Open();

    internal FaultyFileSystem Files { get; } = new();

    internal ManualTime Time { get; } = new();

    internal TestTimestamps Timestamps { get; } = new();

    internal StorageEngine Engine { get; private set; }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    internal async Task PassAsync(Passage passage)
    {
        if (passage is Passage.Checkpoint or Passage.CheckpointAndCrash)
            await Engine.CheckpointAsync(default);
        if (passage is Passage.Checkpoint or Passage.Nothing)
            return;
        if (passage == Passage.Stop)
            await Engine.DisposeAsync();
        else
            Files.CrashAndRestart();
        Engine = Open();
    }

    internal Transaction Begin(Func<TimeSpan>? patience = null) => Engine.Begin(IsolationLevel.ReadCommitted, lockPatience: patience);

    /// <summary>Does something and prepares it.</summary>
    internal async Task<CommitTimestamp> PrepareAsync(string id, Func<Transaction, Task> work)
    {
        await using Transaction transaction = Begin();
        await work(transaction);
        return await transaction.PrepareAsync(id, new byte[] { 1, 2, 3 }, default);
    }

    internal ValueTask CommitAsync(string id) => Engine.CommitPreparedAsync(id, Timestamps.Next());

    /// <summary>The table's ids, as a statement that begins now sees them.</summary>
    internal async Task<List<long>> ReadAsync(TableEntry table, Func<TimeSpan>? patience = null, CancellationToken cancellation = default)
    {
        await using Transaction reader = Begin(patience);
        return await ReadAsync(reader, table, cancellation);
    }

    internal static async Task<List<long>> ReadAsync(Transaction reader, TableEntry table, CancellationToken cancellation = default)
    {
        for (int i = 0; i < 2; i++) // with a snapshot that is not older than the lock
        {
            reader.BeginStatement();
            await reader.LockTableAsync(table.Id, TableLockMode.AccessShare, LockWaitPolicy.Block, cancellation);
        }
        return reader.Ids(table);
    }

    internal static async Task<long> RowAsync(Transaction transaction, TableEntry table, long id)
    {
        await transaction.LockTableAsync(table.Id, TableLockMode.RowExclusive, LockWaitPolicy.Block, default);
        return transaction.Scan(table).Single(row => row.Id == id).RowId;
    }

    private StorageEngine Open() => StorageEngine.Open(new StorageOptions
    {
        Directory = "/data",
        Files = Files,
        Time = Time,
        Timestamps = Timestamps,
        RunsBackgroundWork = false,
        DirectSegmentBytes = 4000,
        HistoryKept = TimeSpan.FromDays(36500), // counters are no times: everything
    });
}
