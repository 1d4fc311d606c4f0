using System.Collections.Concurrent;
using VecSQL.Catalog.Objects;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Files;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Compaction;

/// <summary>Builds indexes over segments that lack them, of every kind that is kept segment by segment.</summary>
/// <remarks>
/// Readers and writers go on meanwhile: a segment does not change, and until its index is there it is searched exactly. The
/// file follows from segment and definition, so one that is damaged or lost is simply built anew.
/// Threads: one build at a time, which may use several.
/// </remarks>
internal sealed class SegmentIndexer(StorageState state) : IDisposable
{
    /// <summary>Looking through so many rows in memory takes a few times as long as a search of a million by the index; with fewer
    /// there would be a segment and a build for every few thousand rows that come one at a time.</summary>
    internal const int RowsWaitingMax = 8192;

    /// <summary>The same for long rows.</summary>
    internal const long BytesWaitingMax = 8L << 20;

    /// <summary>How long as many rows as may wait do; a part of them, as much longer as it is smaller: what searches lose to them is
    /// then worth a segment.</summary>
    internal static readonly TimeSpan FullWait = TimeSpan.FromSeconds(0.5);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<SegmentIndexBuild, bool> _builds = new();

    /// <summary>What is being built now.</summary>
    public IReadOnlyCollection<SegmentIndexBuild> Builds => [.. _builds.Keys];

    public void Dispose() => _gate.Dispose();

    /// <summary>Deletes files of indexes that no table has any more; before there are transactions.</summary>
    public void DropUnknown()
    {
        HashSet<string> wanted = [];
        foreach (TableStore store in state.Stores)
        {
            if (!state.Catalog.TryFindTable(store.Id, out TableEntry? table))
                continue;
            foreach (SegmentIndexDefinition definition in SegmentIndexDefinition.AllOf(table))
            {
                foreach (SegmentSlot segment in store.Parts.Segments)
                    wanted.Add(SegmentIndexFile.NameOf(segment.Info.Id, definition.Oid, definition.Extension));
            }
        }
        state.Segments.DeleteIndexes(name => !wanted.Contains(name));
    }

    /// <summary>Whether a table with an index has rows that every search of it looks through, and that a checkpoint would bring to
    /// where they are merged and indexed: for long or many in memory, or in segments that no manifest names yet.</summary>
    public bool HasRowsWaiting
    {
        get
        {
            foreach (TableStore store in state.Stores)
            {
                TableParts parts = store.Parts;
                if ((parts.Chunks.Length > 0 || Array.Exists(parts.Segments, static segment => !segment.IsCheckpointed))
                    && state.Catalog.TryFindTable(store.Id, out TableEntry? table) && IsDue(store, parts, table))
                    return true;
            }
            return false;
        }
    }

    private bool IsDue(TableStore store, TableParts parts, TableEntry table)
    {
        double rows = 0, bytes = 0;
        foreach (DeltaChunk chunk in parts.Chunks)
        {
            rows += chunk.Count;
            bytes += chunk.SizeBytes;
        }
        double share = Math.Max(rows / RowsWaitingMax, bytes / BytesWaitingMax);
        bool isLong = share >= 1 || state.Time.GetElapsedTime(store.WaitingSince) * share >= FullWait;
        foreach (SegmentIndexDefinition definition in SegmentIndexDefinition.AllOf(table))
        {
            if (isLong || Array.Exists(parts.Segments, segment => !segment.IsCheckpointed && segment.IsIndexDue(definition)))
                return true;
        }
        return false;
    }

    /// <summary>Opens what earlier builds have left, in all tables.</summary>
    public async ValueTask OpenAllAsync(CancellationToken cancellation)
    {
        foreach (TableStore store in state.Stores)
        {
            if (!state.Catalog.TryFindTable(store.Id, out TableEntry? table))
                continue;
            foreach (SegmentIndexDefinition definition in SegmentIndexDefinition.AllOf(table))
            {
                foreach (SegmentSlot segment in store.Parts.Segments)
                {
                    if (segment.IsIndexDue(definition))
                        await OpenAsync(segment, definition, cancellation).ConfigureAwait(false);
                }
                DropIfGone(store, definition);
            }
        }
    }

    /// <summary>Builds what is missing in all tables.</summary>
    public async ValueTask BuildAllAsync(CancellationToken cancellation)
    {
        foreach (TableStore store in state.Stores)
        {
            if (!state.Catalog.TryFindTable(store.Id, out TableEntry? table))
                continue;
            foreach (SegmentIndexDefinition definition in SegmentIndexDefinition.AllOf(table))
            {
                // What a load has just brought is named by no manifest yet. The next checkpoint names it, and then it is merged
                // before its index is built, which is cheaper than an index for each piece of it.
                SegmentSlot[] due = Array.FindAll(store.Parts.Segments,
                    segment => segment.IsIndexDue(definition) && (segment.IsCheckpointed || table.IsTemporary));
                await BuildAsync(store, due, definition, isAnew: false, state.Background, cancellation).ConfigureAwait(false);
                DropIfGone(store, definition);
            }
        }
    }

    /// <summary>An index of the table is no more; neither are its files.</summary>
    public void Drop(TableStore store, SegmentIndexDefinition definition)
    {
        foreach (SegmentSlot segment in store.Parts.Segments)
        {
            segment.RemoveIndex(definition.Oid);
            state.Segments.DeleteIndex(segment.Info.Id, definition);
        }
    }

    /// <summary>Drops the indexes that a committed change of a table left out.</summary>
    public void DropMissing(TableEntry before, TableEntry after)
    {
        if (!state.TryFindStore(before.Id, out TableStore? store))
            return;
        foreach (SegmentIndexDefinition definition in SegmentIndexDefinition.AllOf(before))
        {
            if (!Has(after, definition))
                Drop(store, definition);
        }
    }

    /// <summary>Builds the table's indexes over a segment that is about to take its place.</summary>
    /// <remarks>To be followed by <see cref="DropIfGone(TableStore, TableEntry)"/> when it has taken it.</remarks>
    public async ValueTask BuildAsync(
        TableEntry table, SegmentSlot segment, TaskScheduler threads, CancellationToken cancellation)
    {
        foreach (SegmentIndexDefinition definition in SegmentIndexDefinition.AllOf(table))
        {
            if (segment.IsIndexDue(definition))
                await BuildAsync(table.Oid, [segment], definition, isAnew: false, threads, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Drops those of a table's indexes that have been dropped while they were being built.</summary>
    /// <remarks>A drop that commits after this has looked finds them in the table's segments.</remarks>
    public void DropIfGone(TableStore store, TableEntry before)
    {
        foreach (SegmentIndexDefinition definition in SegmentIndexDefinition.AllOf(before))
            DropIfGone(store, definition);
    }

    /// <summary>Builds an index over the segments that a table has now.</summary>
    /// <param name="isAnew">Also over those that have it: the new file takes the old one's place.</param>
    /// <param name="threads">Where to build: those of the background, or where somebody waits for it the pool's.</param>
    public async ValueTask BuildAsync(
        TableStore store, SegmentIndexDefinition definition, bool isAnew, TaskScheduler threads, CancellationToken cancellation)
    {
        SegmentSlot[] due = Array.FindAll(store.Parts.Segments,
            segment => isAnew ? definition.IsFor(segment) : segment.IsIndexDue(definition));
        await BuildAsync(store, due, definition, isAnew, threads, cancellation).ConfigureAwait(false);
    }

    private async ValueTask BuildAsync(TableStore store, SegmentSlot[] due, SegmentIndexDefinition definition, bool isAnew,
        TaskScheduler threads, CancellationToken cancellation)
    {
        if (due.Length == 0)
            return;
        await BuildAsync(store.Id.Oid, due, definition, isAnew, threads, cancellation).ConfigureAwait(false);
        foreach (SegmentSlot segment in due)
        {
            if (Array.IndexOf(store.Parts.Segments, segment) < 0)
                state.Segments.DeleteIndexesOf(segment.Info.Id); // it was merged away meanwhile
        }
    }

    private async ValueTask BuildAsync(
        uint tableOid, SegmentSlot[] segments, SegmentIndexDefinition definition, bool isAnew, TaskScheduler threads,
        CancellationToken cancellation)
    {
        SegmentIndexBuild build = new(tableOid, definition.Oid, segments.Sum(static segment => (long)segment.Info.RowCount));
        _builds.TryAdd(build, true);
        try
        {
            foreach (SegmentSlot segment in segments)
                await BuildAsync(segment, definition, build, isAnew, threads, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _builds.TryRemove(build, out _);
        }
    }

    private async ValueTask BuildAsync(SegmentSlot segment, SegmentIndexDefinition definition, SegmentIndexBuild build,
        bool isAnew, TaskScheduler threads, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            long start = state.Time.GetTimestamp();
            if (!isAnew && !segment.IsIndexDue(definition))
                return; // another has built it while this one waited
            if (isAnew || !TryOpen(segment, definition))
            {
                object built = await Task.Factory.StartNew(
                    () => definition.Build(state.Segments, segment, build, cancellation), cancellation,
                    TaskCreationOptions.DenyChildAttach, threads).ConfigureAwait(false);
                segment.SetIndex(definition.Oid, built, state.Time.GetElapsedTime(start));
            }
            build.EndSegment(segment.Info.RowCount);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask OpenAsync(SegmentSlot segment, SegmentIndexDefinition definition, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (segment.IsIndexDue(definition))
                TryOpen(segment, definition);
        }
        finally
        {
            _gate.Release();
        }
    }

    private bool TryOpen(SegmentSlot segment, SegmentIndexDefinition definition)
    {
        try
        {
            if (definition.TryOpen(state.Segments, segment) is not { } found)
                return false;
            segment.SetIndex(definition.Oid, found, buildTime: null);
            return true;
        }
        catch (CorruptFileException)
        {
            return false; // nothing is lost: it is built again, over the damaged one
        }
    }

    private void DropIfGone(TableStore store, SegmentIndexDefinition definition)
    {
        if (!state.Catalog.TryFindTable(store.Id, out TableEntry? now) || !Has(now, definition))
            Drop(store, definition);
    }

    private static bool Has(TableEntry table, SegmentIndexDefinition definition)
    {
        foreach (IndexEntry index in table.Indexes)
        {
            if (index.Oid == definition.Oid)
                return true;
        }
        return false;
    }
}
