using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Compaction;

/// <summary>
/// Moves rows from memory to segments, and writes the manifest by which the log before can be dropped.
/// </summary>
/// <remarks>
/// A checkpoint takes a point between two commits, starts a new log file there, and then works beside readers and
/// writers. What commits
/// meanwhile is in the new log file. A replay may find that part of what it does again was done (a deletion in a delete
/// file,
/// a row dropped since): both are harmless, since rows are named by id.
/// Threads: one checkpoint or change of the manifest at a time.
/// </remarks>
internal sealed class Checkpointer(StorageState state) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Lock _retiredLock = new();
    private readonly Lock _naming = new(); // of what the manifest on disk says
    private bool _isClosed;
    private List<SegmentId> _retired = [];
    private Manifest _written = Manifest.Empty;

    /// <summary>Log bytes that had been written at the last checkpoint.</summary>
    public long LogBytesCovered { get; private set; }

    public void Start(Manifest manifest) => _written = manifest;

    /// <summary>What would be there after a start.</summary>
    public Manifest Written => Volatile.Read(ref _written);

    /// <summary>Does something while what the manifest names is there.</summary>
    public T WithWritten<T>(Func<Manifest, T> action)
    {
        lock (_naming)
            return action(_written);
    }

    /// <summary>The directory is another engine's from here on: nothing of it is changed.</summary>
    public void Close()
    {
        lock (_naming)
            _isClosed = true;
    }

    /// <summary>Waits for its turn among those who change the manifest.</summary>
    private async ValueTask<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        return new Turn(_gate);
    }

    /// <summary>
    /// Notes segments that are no part of a table any more, but that the log or manifest on disk may still name.
    /// </summary>
    public void Retire(IEnumerable<SegmentSlot> segments) => Retire(segments.Select(static segment => segment.Info.Id));

    public void Retire(IEnumerable<SegmentId> segments)
    {
        lock (_retiredLock)
            _retired.AddRange(segments);
    }

    /// <summary>Segments that the log may name although no table has them.</summary>
    public IReadOnlyCollection<SegmentId> Retired
    {
        get
        {
            lock (_retiredLock)
                return [.. _retired];
        }
    }

    public void Dispose() => _gate.Dispose();

    /// <param name="isWanted">Asked when its turn has come: another checkpoint may have done it all.</param>
    public async ValueTask CheckpointAsync(bool isLast, CancellationToken cancellation, Func<bool>? isWanted = null)
    {
        using IDisposable turn = await EnterAsync(cancellation).ConfigureAwait(false);
        if (isWanted is not null && !isWanted())
            return;
        if (!state.HasCatalog)
            return; // it does not know all tables yet
        Point? taken = null;
        await state.Commits.RunExclusivelyAsync(() => taken = TakePoint(isLast)).ConfigureAwait(false);
        Point point = taken ?? throw new InvalidOperationException("no point was taken");
        List<ManifestTable> tables = [];
        foreach (TablePoint table in point.Tables)
            tables.Add(Flush(table, cancellation));
        List<long> prepared = [];
        foreach (PreparedTransaction transaction in point.Prepared)
            prepared.Add(Write(transaction));
        state.Arriving.Flush(point.Manifest.Arriving);
        await WriteAsync(point.Manifest with { Tables = tables, Prepared = prepared }, cancellation).ConfigureAwait(false);
        foreach (TablePoint table in point.Tables)
        {
            foreach (SegmentSlot segment in table.Segments)
                segment.IsCheckpointed = true;
        }
        LogBytesCovered = point.LogBytes;
        foreach (SegmentId segment in point.Retired)
            state.Segments.Delete(segment);
        state.Commits.DropLogBefore(point.Manifest.Position);
    }

    /// <summary>
    /// Puts segments in the place of others, in the table and in the manifest; nothing where the table has changed
    /// under it.
    /// </summary>
    public async ValueTask ReplaceAsync(
        TableStore store, IReadOnlyList<SegmentSlot> old, SegmentBuilder builder, CancellationToken cancellation)
    {
        using IDisposable turn = await EnterAsync(cancellation).ConfigureAwait(false);
        SegmentSlot[] added = [.. builder.Segments];
        lock (store.Sync)
        {
            if (old.Any(segment => Array.IndexOf(store.Parts.Segments, segment) < 0))
            {
                builder.Discard();
                return;
            }
            builder.CarryDeletions();
            store.Replace([], old, added);
        }
        Retire(old);
        List<ManifestTable> tables = [.. _written.Tables];
        int index = tables.FindIndex(table => table.Table == store.Id);
        HashSet<SegmentId> gone = [.. old.Select(segment => segment.Info.Id)];
        List<ManifestSegment> segments = [.. tables[index].Segments.Where(segment => !gone.Contains(segment.Info.Id))];
        foreach (SegmentSlot segment in added)
            segments.Add(new ManifestSegment(segment.Info, WriteDeletions(segment)));
        tables[index] = tables[index] with { Segments = segments };
        await WriteAsync(_written with { Tables = tables }, cancellation).ConfigureAwait(false);
        foreach (SegmentSlot segment in added)
            segment.IsCheckpointed = true;
        DeleteRetired(gone);
    }

    /// <summary>Between two commits: everything before is in, nothing after has begun.</summary>
    private Point TakePoint(bool isLast)
    {
        LogPosition position = state.Commits.TakePoint();
        CatalogSnapshot catalog = state.Catalog;
        List<TablePoint> tables = [];
        state.DropStrays();
        foreach (TableStore store in state.Stores)
        {
            if (!DecisionTable.TryFindTable(catalog, store.Id, out TableEntry? table))
                continue;
            lock (store.Sync)
            {
                TableParts parts = store.Parts;
                foreach (DeltaChunk chunk in parts.Chunks)
                    chunk.IsSealed = true;
                tables.Add(new TablePoint(store, table, parts.Chunks, [.. parts.Segments], store.HistoryFrom));
            }
        }
        tables.Sort((left, right) => left.Table.Oid.CompareTo(right.Table.Oid));
        List<SegmentId> retired;
        lock (_retiredLock)
            (retired, _retired) = (_retired, []);
        Manifest manifest = new(position.Sequence.Value, state.Snapshots.Visible, state.PeekOid, state.Segments.NextNumber,
            state.BorrowsCatalog ? [] : PersistentObjects(catalog), state.IsReplicated ? state.Sequences.AllLogged() : state.Sequences.All(isLast), [])
        {
            Term = position.Term,
            CatalogVersion = state.IsReplicated ? state.Commits.CatalogVersion : 0,
            Arriving = state.Arriving.List(),
        };
        return new Point(manifest, tables, state.Prepared.List(), retired, state.Commits.WrittenBytes);
    }

    private static List<CatalogObject> PersistentObjects(CatalogSnapshot catalog)
    {
        List<CatalogObject> objects = [];
        foreach (CatalogObject item in catalog.Objects)
        {
            if (item is not TableEntry { IsTemporary: true })
                objects.Add(item);
        }
        objects.Sort((left, right) => left.Oid.CompareTo(right.Oid));
        return objects;
    }

    /// <summary>Writes a table's rows to a segment, and puts that in their place.</summary>
    private ManifestTable Flush(TablePoint point, CancellationToken cancellation)
    {
        if (point.Chunks.Length > 0)
        {
            SegmentBuilder builder = new(state.Segments, point.Table, state.Snapshots.Oldest());
            builder.Build(point.Chunks, [], cancellation);
            SegmentSlot[] built = [.. builder.Segments];
            bool isWanted = true;
            lock (point.Store.Sync)
            {
                isWanted = point.Chunks.All(chunk => Array.IndexOf(point.Store.Parts.Chunks, chunk) >= 0);
                if (isWanted)
                {
                    builder.CarryDeletions();
                    point.Store.Replace(point.Chunks, [], built);
                }
            }
            // A table truncated meanwhile still had these rows at the point; the log after it will truncate it again.
            point.Segments.AddRange(built);
            if (isWanted)
                RemoveKeys(point);
            else
                Retire(built);
        }
        if (point.Table.IsTemporary)
            return new ManifestTable(point.Store.Id, point.Store.NextRowId, []);
        List<ManifestSegment> segments = [];
        foreach (SegmentSlot segment in point.Segments)
            segments.Add(new ManifestSegment(segment.Info, WriteDeletions(segment)));
        return new ManifestTable(point.Store.Id, point.Store.NextRowId, segments, point.History);
    }

    /// <returns>The number of the file that has the transaction's record, written where there is none yet.</returns>
    private long Write(PreparedTransaction prepared)
    {
        (ReadOnlyMemory<byte> payload, long file) = prepared.Written;
        if (file != 0)
            return file;
        long number = state.Segments.TakeNumber();
        PreparedFile.Write(state.Segments.Files, state.Segments.Directory, number, prepared.Bound, payload);
        prepared.SetFile(number);
        return number;
    }

    private static void RemoveKeys(TablePoint point)
    {
        foreach (DeltaChunk chunk in point.Chunks)
        {
            int count = chunk.Count;
            for (int start = 0; start < count; start += Columnar.Batches.ColumnBatch.RowsMax)
            {
                lock (point.Store.Sync)
                {
                    foreach (Indexes.UniqueIndex index in point.Store.Indexes.Values)
                        index.RemoveAll(chunk, start, Math.Min(Columnar.Batches.ColumnBatch.RowsMax, count - start));
                }
            }
        }
    }

    /// <returns>The number of the segment's delete file, written anew where rows were deleted since.</returns>
    private long WriteDeletions(SegmentSlot segment)
    {
        if (segment.Deletes.Count == segment.WrittenDeletes.Count)
            return segment.WrittenDeletes.File;
        long number = state.Segments.TakeNumber();
        int count = DeleteFile.Write(state.Segments.Files, state.Segments.Directory, number, segment.Info,
            segment.Deletes);
        segment.WrittenDeletes = (number, count);
        return number;
    }

    private async ValueTask WriteAsync(Manifest manifest, CancellationToken cancellation)
    {
        state.Segments.Files.FlushDirectory(state.Segments.Directory);
        // Segments and delete files may hold what was committed without waiting for the disk; the log must not fall
        // behind them.
        LogPosition held = await state.Commits.HoldAsync(cancellation).ConfigureAwait(false);
        manifest = manifest with { NextFile = state.Segments.NextNumber, History = state.Snapshots.History, Held = held };
        Manifest before = Write(manifest);
        HashSet<long> kept = [];
        foreach (ManifestTable table in manifest.Tables)
            kept.UnionWith(table.Segments.Select(segment => segment.DeleteFile));
        foreach (ManifestTable table in before.Tables)
        {
            foreach (ManifestSegment segment in table.Segments)
            {
                if (!kept.Contains(segment.DeleteFile))
                    state.Segments.DeleteDeletions(segment.DeleteFile);
            }
        }
        foreach (long prepared in before.Prepared)
        {
            if (!manifest.Prepared.Contains(prepared))
                state.Segments.DeletePrepared(prepared);
        }
    }

    /// <returns>What was named before.</returns>
    private Manifest Write(Manifest manifest)
    {
        lock (_naming)
        {
            if (_isClosed)
                throw new OperationCanceledException("the engine is closed");
            manifest.Write(state.Files, state.Directory);
            Manifest before = _written;
            _written = manifest;
            return before;
        }
    }

    private void DeleteRetired(HashSet<SegmentId> gone)
    {
        lock (_retiredLock)
            _retired.RemoveAll(gone.Contains);
        foreach (SegmentId segment in gone)
            state.Segments.Delete(segment);
    }

    private sealed record Point(
        Manifest Manifest, List<TablePoint> Tables, IReadOnlyList<PreparedTransaction> Prepared, List<SegmentId> Retired, long LogBytes);

    /// <param name="History">When the table was last truncated.</param>
    private sealed record TablePoint(TableStore Store, TableEntry Table, DeltaChunk[] Chunks,
        List<SegmentSlot> Segments, long History);

    private sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
