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
    /// <summary>Looking through so many rows takes a few times as long as a search of a million by the index; with fewer there
    /// would be a segment and a build for every few thousand rows that come one at a time.</summary>
    internal const int RowsWaitingMax = 8192;

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

    /// <summary>Whether a table with an index has so many rows in memory, which every search of it looks through, that they
    /// should be moved to a segment.</summary>
    public bool HasRowsWaiting
    {
        get
        {
            foreach (TableStore store in state.Stores)
            {
                int rows = 0;
                foreach (DeltaChunk chunk in store.Parts.Chunks)
                    rows += chunk.Count;
                if (rows >= RowsWaitingMax && state.Catalog.TryFindTable(store.Id, out TableEntry? table)
                    && SegmentIndexDefinition.AllOf(table).Any())
                    return true;
            }
            return false;
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
                await BuildAsync(store, definition, isAnew: false, cancellation).ConfigureAwait(false);
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
    public async ValueTask BuildAsync(TableEntry table, SegmentSlot segment, CancellationToken cancellation)
    {
        foreach (SegmentIndexDefinition definition in SegmentIndexDefinition.AllOf(table))
        {
            if (segment.IsIndexDue(definition))
                await BuildAsync(table.Oid, [segment], definition, isAnew: false, cancellation).ConfigureAwait(false);
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
    public async ValueTask BuildAsync(
        TableStore store, SegmentIndexDefinition definition, bool isAnew, CancellationToken cancellation)
    {
        SegmentSlot[] due = Array.FindAll(store.Parts.Segments,
            segment => isAnew ? definition.IsFor(segment) : segment.IsIndexDue(definition));
        if (due.Length == 0)
            return;
        await BuildAsync(store.Id.Oid, due, definition, isAnew, cancellation).ConfigureAwait(false);
        foreach (SegmentSlot segment in due)
        {
            if (Array.IndexOf(store.Parts.Segments, segment) < 0)
                state.Segments.DeleteIndexesOf(segment.Info.Id); // it was merged away meanwhile
        }
    }

    private async ValueTask BuildAsync(
        uint tableOid, SegmentSlot[] segments, SegmentIndexDefinition definition, bool isAnew, CancellationToken cancellation)
    {
        SegmentIndexBuild build = new(tableOid, definition.Oid, segments.Sum(static segment => (long)segment.Info.RowCount));
        _builds.TryAdd(build, true);
        try
        {
            foreach (SegmentSlot segment in segments)
                await BuildAsync(segment, definition, build, isAnew, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _builds.TryRemove(build, out _);
        }
    }

    private async ValueTask BuildAsync(SegmentSlot segment, SegmentIndexDefinition definition, SegmentIndexBuild build,
        bool isAnew, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            long start = state.Time.GetTimestamp();
            if (!isAnew && !segment.IsIndexDue(definition))
                return; // another has built it while this one waited
            if (!isAnew && TryOpen(segment, definition) is { } found)
                segment.SetIndex(definition.Oid, found, buildTime: null);
            else
            {
                object built = definition.Build(state.Segments, segment, build, cancellation);
                segment.SetIndex(definition.Oid, built, state.Time.GetElapsedTime(start));
            }
            build.EndSegment(segment.Info.RowCount);
        }
        finally
        {
            _gate.Release();
        }
    }

    private object? TryOpen(SegmentSlot segment, SegmentIndexDefinition definition)
    {
        try
        {
            return definition.TryOpen(state.Segments, segment);
        }
        catch (CorruptFileException)
        {
            return null; // nothing is lost: it is built again, over the damaged one
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
