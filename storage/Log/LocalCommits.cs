using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>Commits to a log of the engine's own: a group is written, flushed once, and applied.</summary>
/// <remarks>
/// Durable: one that asks for no durability still waits for those before it in its group.
/// Errors:  a failed write fails the group's transactions, and later ones go on (the log was cut back). After a failed
///          flush nobody
///          knows what is on disk, and every later commit fails until a restart has looked.
/// </remarks>
internal sealed class LocalCommits(StorageState state, LogWriter log, ITimestampSource timestamps) : CommitQueue(state, timestamps)
{
    public override long WrittenBytes => log.WrittenBytes;

    public override bool IsBroken => log.IsBroken;

    /// <summary>The last record.</summary>
    public long LastSequence => log.LastSequence;

    public override async ValueTask RunExclusivelyAsync(Action action) =>
        await RunAsync(new BetweenCommits(action)).ConfigureAwait(false);

    public override LogPosition TakePoint()
    {
        log.Rotate();
        return new LogPosition(default, new LogSequence(log.LastSequence));
    }

    public override async ValueTask<LogPosition> HoldAsync(CancellationToken cancellation)
    {
        await FlushAsync().ConfigureAwait(false);
        return new LogPosition(default, new LogSequence(log.DurableSequence));
    }

    public override ValueTask FlushAsync() =>
        log.DurableSequence == log.LastSequence ? ValueTask.CompletedTask : RunExclusivelyAsync(Flush);

    public override void DropLogBefore(LogPosition position)
    {
        List<(long First, string Path)> found = new LogReader(State.Files, State.LogDirectory).ListFiles();
        for (int i = 0; i + 1 < found.Count; i++)
        {
            if (found[i + 1].First <= position.Sequence.Value + 1)
                TryDelete(found[i].Path);
        }
    }

    public override void Dispose() => log.Dispose();

    protected override Task EndBegunAsync() => RunExclusivelyAsync(static () => { }).AsTask();

    protected override ValueTask FinishAsync(List<CommitRequest> group, CatalogSnapshot catalog)
    {
        if (!Write(group))
            return ValueTask.CompletedTask;
        CatalogSnapshot before = State.Catalog;
        if (!ReferenceEquals(catalog, before))
        {
            State.SetCatalog(catalog);
            DropIndexes(before, group);
        }
        foreach (CommitRequest request in group)
            request.Apply();
        Publish();
        foreach (CommitRequest request in group)
            request.Published();
        Tell(group);
        return ValueTask.CompletedTask;
    }

    private void DropIndexes(CatalogSnapshot before, List<CommitRequest> accepted)
    {
        foreach (CatalogChange change in accepted.SelectMany(static request => request.CatalogChanges))
        {
            if (change is PutObject { Object: TableEntry table } && before.TryFindTable(table.Id, out TableEntry? old)
                && State.Catalog.TryFindTable(table.Id, out TableEntry? now))
                State.Indexer.DropMissing(old, now);
        }
    }

    /// <returns>False where the group has failed.</returns>
    private bool Write(List<CommitRequest> group)
    {
        SequenceMark[] sequences = State.Sequences.TakeUnlogged();
        List<LogEntry> entries = new(group.Count + 1);
        if (sequences.Length > 0)
        {
            PayloadWriter payload = new();
            SequenceRecord.Write(payload, sequences);
            entries.Add(new LogEntry(LogRecordKind.Sequences, LastTimestamp, payload.Written));
        }
        bool isDurable = false;
        foreach (CommitRequest request in group)
        {
            isDurable |= request.IsDurable;
            if (request.Entry is { } entry)
                entries.Add(entry);
        }
        try
        {
            if (entries.Count > 0)
                log.Append(entries);
            if (isDurable)
                Flush();
            return true;
        }
        catch (FileFaultException fault)
        {
            State.Sequences.PutBack(sequences);
            GiveUp(group, Broken ?? (log.IsBroken ? Break(fault) : Failed(fault)));
            return false;
        }
    }

    private void Flush()
    {
        if (Broken is { } broken)
            throw new FileFaultException(FileFault.Io, "flush", "log", -1, broken.Message, broken);
        try
        {
            log.Flush();
        }
        catch (FileFaultException fault)
        {
            Break(fault);
            throw;
        }
    }

    private SqlException Break(FileFaultException fault) => Broken = new SqlException(
        SqlState.IoError, $"could not make the log durable: {fault.Message}",
        hint: "Restart the server: it finds out from the log which of the last transactions are on disk.",
            cause: fault);

    private static SqlException Failed(FileFaultException fault) => new(
        fault.State, fault.Message, cause: fault,
        hint: fault.IsDiskFull
            ? "Free space on the log's disk; nothing was lost, and later transactions will work." : null);

    /// <remarks>A file that cannot be deleted now is deleted after the next checkpoint.</remarks>
    private void TryDelete(string path)
    {
        try
        {
            State.Files.Delete(path);
        }
        catch (FileFaultException)
        {
        }
    }
}
