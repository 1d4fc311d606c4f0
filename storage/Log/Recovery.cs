using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Files;
using VecSQL.Storage.Replication;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>Brings an engine's state back from its directory: the manifest, then the log after it.</summary>
internal sealed class Recovery(StorageState state, StorageOptions options)
{
    /// <summary>Log bytes of one file; more make fewer files, fewer are dropped sooner.</summary>
    private const long LogFileBytes = 64L << 20;

    private IFileSystem Files => options.Files;

    /// <exception cref="StorageException">The directory cannot be used as it is.</exception>
    public void Run()
    {
        Manifest manifest = Manifest.Read(Files, options.Directory) ?? (options.Replicator is null ? Begin() : BeginReplica());
        LogReplay replay = new(state, info => Open(info, () => state.Segments.Open(info)));
        Load(manifest, replay);
        if (options.Replicator is { } replicator)
        {
            Follow(manifest, replay, replicator);
            return;
        }
        LogReader reader = new(Files, state.LogDirectory);
        long timestamp = manifest.Timestamp;
        foreach (LogRecord record in reader.ReadAfter(manifest.LogSequence))
        {
            timestamp = Math.Max(timestamp, record.Header.Timestamp);
            Replay(record, replay);
        }
        reader.CutEnd();
        ThrowIfCutShort(timestamp);
        state.RaiseNextOid(state.Catalog.NextOid);
        state.Segments.DeleteUnnamed(
            state.Stores.SelectMany(store => store.Parts.Segments), [.. state.Checkpoints.Retired, .. PreparedSegments()], manifest);
        LogWriter log = new(Files, state.LogDirectory, reader.NextSequence, LogFileBytes);
        state.Commits = new LocalCommits(state, log, Timestamps);
        Start(manifest, timestamp);
        state.Lead(replay.Open);
    }

    private ITimestampSource Timestamps => options.Timestamps ?? new LocalTimestamps(options.Time);

    private void Start(Manifest manifest, long timestamp)
    {
        state.Commits.Start(timestamp);
        state.Checkpoints.Start(manifest);
        state.Snapshots.Publish(timestamp);
    }

    /// <summary>What the manifest says is all; entries of the log come from whoever keeps it.</summary>
    private void Follow(Manifest manifest, LogReplay replay, ILogReplicator replicator)
    {
        foreach ((SegmentId segment, Term term) in manifest.Arriving)
            state.Arriving.Add(segment, term);
        state.Segments.DeleteUnnamed(state.Stores.SelectMany(store => store.Parts.Segments), [.. PreparedSegments()], manifest);
        state.Commits = new ReplicatedCommits(state, replicator, replay, manifest, Timestamps);
        Start(manifest, manifest.Timestamp);
    }

    /// <summary>A replica without a manifest has nothing: if it had something, it is copied anew from the others.</summary>
    private Manifest BeginReplica()
    {
        state.Segments.BeginNumbersAnew(options.Time.GetUtcNow());
        Manifest manifest = Manifest.Empty with { NextFile = state.Segments.NextNumber };
        manifest.Write(Files, options.Directory);
        return manifest;
    }

    private IEnumerable<SegmentId> PreparedSegments() => state.Prepared.List()
        .SelectMany(static prepared => new ReplayedRecord(Prepare: prepared.Record).Segments).Select(static segment => segment.Id);

    /// <summary>A directory without a manifest is new, unless it holds data whose manifest is gone.</summary>
    /// <remarks>The log comes first: where there is a manifest and no log, the log was lost.</remarks>
    private Manifest Begin()
    {
        bool isBegun = new LogReader(Files, state.LogDirectory).ListFiles().Exists(file =>
            file.First > 1 || Files.FileLength(file.Path) > LogFormat.FileHeaderBytes);
        if (isBegun || Files.ListFiles(state.Segments.Directory).Count > 0)
        {
            throw new StorageException(
                $"manifest \"{Path.Combine(options.Directory, Manifest.FileName)}\" " +
                "is missing beside a log or segments; " +
                "put it back or restore the data directory from a backup");
        }
        new LogWriter(Files, state.LogDirectory, nextSequence: 1, LogFileBytes).Dispose();
        Manifest manifest = Manifest.Empty with { Objects = state.BorrowsCatalog ? [] : [.. CatalogSnapshot.Initial.Objects] };
        manifest.Write(Files, options.Directory);
        return manifest;
    }

    private void Load(Manifest manifest, LogReplay replay)
    {
        state.Snapshots.BeginHistory(manifest.History);
        state.SetCatalog(CatalogCodec.Restore([.. manifest.Objects], manifest.NextOid));
        state.RaiseNextOid(manifest.NextOid);
        state.Segments.RaiseNextNumber(manifest.NextFile);
        foreach (SequenceMark position in manifest.Sequences)
            state.Sequences.Restore(position);
        foreach (ManifestTable table in manifest.Tables)
            Load(table);
        foreach (long file in manifest.Prepared)
            replay.Keep(PreparedFile.Read(Files, state.Segments.Directory, file));
    }

    private void Load(ManifestTable table)
    {
        TableStore store = state.Store(table.Table);
        store.NextRowId = table.NextRowId;
        store.HistoryFrom = table.History;
        foreach ((SegmentInfo info, long deleteFile) in table.Segments)
        {
            DeleteMap? deletes = null;
            SegmentSlot segment = Open(info, () =>
            {
                if (deleteFile != 0)
                    deletes = DeleteFile.Read(Files, state.Segments.Directory, deleteFile, info);
                return state.Segments.Open(info, deletes);
            });
            segment.IsCheckpointed = true;
            segment.WrittenDeletes = (deleteFile, segment.Deletes.Count);
            lock (store.Sync)
                store.AddSegment(segment);
        }
    }

    private void Replay(LogRecord record, LogReplay replay)
    {
        try
        {
            ReplayedRecord work = LogReplay.Decode(record.Header.Kind, record.Payload);
            if (replay.Refusal(work) is InvalidDataException refusal)
                throw refusal;
            if (replay.CatalogChangesOf(work) is { Count: > 0 } changes)
                state.SetCatalog(state.Catalog.Apply(changes));
            replay.Apply(work, record.Header.Timestamp, record.Payload);
        }
        catch (InvalidDataException cause)
        {
            throw record.Unreadable(cause);
        }
    }

    /// <exception cref="StorageException">It is missing or damaged.</exception>
    public static SegmentSlot Open(SegmentInfo info, Func<SegmentSlot> open)
    {
        try
        {
            return open();
        }
        catch (FileFaultException fault) when (fault.Fault == FileFault.NotFound)
        {
            throw new StorageException(
                $"segment {info.Id} of table {info.TableOid} is missing: {fault.Message}; " +
                "restore the data directory from a backup", fault);
        }
        catch (CorruptFileException damage)
        {
            throw new StorageException($"{damage.Message}; restore the data directory from a backup", damage);
        }
    }

    /// <summary>
    /// Segments and marks of deletions are named by the manifest when their commits are durable in the log: one that is
    /// later than the log's end tells that the log was longer.
    /// </summary>
    private void ThrowIfCutShort(long lastTimestamp)
    {
        foreach (SegmentSlot segment in state.Stores.SelectMany(store => store.Parts.Segments))
        {
            long latest = segment.Info.MaxCommit;
            foreach ((_, long deleted) in segment.Deletes.Marks())
                latest = Math.Max(latest, deleted);
            if (latest > lastTimestamp)
            {
                throw new StorageException(
                    $"the log in \"{state.LogDirectory}\" was cut short: it ends with commit {lastTimestamp}, and " +
                    $"segment {segment.Info.Id} holds changes of commit {latest}; " +
                    "restore the data directory from a backup");
            }
        }
    }
}
