using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Files;
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
        Manifest manifest = Manifest.Read(Files, options.Directory) ?? Begin();
        Load(manifest);
        LogReader reader = new(Files, state.LogDirectory);
        long timestamp = manifest.Timestamp;
        foreach (LogRecord record in reader.ReadAfter(manifest.LogSequence))
        {
            timestamp = Math.Max(timestamp, record.Header.Timestamp);
            Replay(record);
        }
        reader.CutEnd();
        ThrowIfCutShort(timestamp);
        state.RaiseNextOid(state.Catalog.NextOid);
        state.Segments.DeleteUnnamed(
            state.Stores.SelectMany(store => store.Parts.Segments), state.Checkpoints.Retired, manifest);
        LogWriter log = new(Files, state.LogDirectory, reader.NextSequence, LogFileBytes);
        state.Commits = new CommitQueue(state, log, options.Replicator);
        state.Commits.Start(timestamp);
        state.Checkpoints.Start(manifest);
        state.Snapshots.Publish(timestamp);
    }

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
        Manifest manifest = Manifest.Empty with { Objects = [.. CatalogSnapshot.Initial.Objects] };
        manifest.Write(Files, options.Directory);
        return manifest;
    }

    private void Load(Manifest manifest)
    {
        state.SetCatalog(CatalogCodec.Restore([.. manifest.Objects], manifest.NextOid));
        state.RaiseNextOid(manifest.NextOid);
        state.Segments.NextNumber = manifest.NextFile;
        foreach (SequenceMark position in manifest.Sequences)
            state.Sequences.Restore(position);
        foreach (ManifestTable table in manifest.Tables)
            Load(table);
    }

    private void Load(ManifestTable table)
    {
        TableStore store = state.Store(table.Table);
        store.NextRowId = table.NextRowId;
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

    private void Replay(LogRecord record)
    {
        try
        {
            switch (record.Header.Kind)
            {
                case LogRecordKind.Transaction:
                    TransactionRecord transaction = TransactionRecord.Decode(record.Payload.Span);
                    CommitApplication.Replay(state, transaction, record.Header.Timestamp, info => Open(info, () =>
                        state.Segments.Open(info)));
                    break;
                case LogRecordKind.Sequences:
                    PayloadReader source = new(record.Payload.Span);
                    foreach (SequenceMark position in SequenceRecord.Read(ref source))
                        state.Sequences.Restore(position);
                    break;
                case LogRecordKind.NoOp or LogRecordKind.Check:
                    break;
                default:
                    throw new InvalidDataException(
                        $"a record of kind {(int)record.Header.Kind}, which a newer program may have written");
            }
        }
        catch (InvalidDataException cause)
        {
            throw record.Unreadable(cause);
        }
    }

    private static SegmentSlot Open(SegmentInfo info, Func<SegmentSlot> open)
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
