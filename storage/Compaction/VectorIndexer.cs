using System.Collections.Concurrent;
using VecSQL.Catalog.Objects;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Files;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Cells;

namespace VecSQL.Storage.Compaction;

/// <summary>Builds vector indexes over segments that lack them.</summary>
/// <remarks>
/// Readers and writers go on meanwhile: a segment does not change, and until its index is there it is searched exactly. The
/// file follows from segment and definition, so one that is damaged or lost is simply built anew.
/// Threads: one build at a time, which uses several.
/// </remarks>
internal sealed class VectorIndexer(StorageState state) : IDisposable
{
    /// <summary>Looking through so many rows takes a few times as long as a search of a million by the index; with fewer there
    /// would be a segment and a build for every few thousand rows that come one at a time.</summary>
    internal const int RowsWaitingMax = 8192;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<VectorIndexBuild, bool> _builds = new();

    /// <summary>What is being built now.</summary>
    public IReadOnlyCollection<VectorIndexBuild> Builds => [.. _builds.Keys];

    public void Dispose() => _gate.Dispose();

    /// <summary>Deletes files of indexes that no table has any more; before there are transactions.</summary>
    public void DropUnknown()
    {
        HashSet<string> wanted = [];
        foreach (TableStore store in state.Stores)
        {
            if (!state.Catalog.TryFindTable(store.Id, out TableEntry? table))
                continue;
            foreach (IndexEntry index in table.Indexes)
            {
                foreach (SegmentSlot segment in store.Parts.Segments)
                    wanted.Add(VectorIndexFile.NameOf(segment.Info.Id, index.Oid));
            }
        }
        state.Segments.DeleteVectorIndexes(name => !wanted.Contains(name));
    }

    /// <summary>Whether a table with a vector index has so many rows in memory, which every search of it looks through, that they
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
                    && table.Indexes.Any(index => VectorIndexDefinition.Of(table, index) is not null))
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
            foreach (IndexEntry index in table.Indexes)
            {
                if (VectorIndexDefinition.Of(table, index) is not { } definition)
                    continue;
                await BuildAsync(store, definition, isAnew: false, cancellation).ConfigureAwait(false);
                bool isDropped = !state.Catalog.TryFindTable(store.Id, out TableEntry? now)
                    || !now.Indexes.Any(kept => kept.Oid == index.Oid);
                if (isDropped)
                    Drop(store, index.Oid); // while it was being built
            }
        }
    }

    /// <summary>An index of the table is no more; neither are its files.</summary>
    public void Drop(TableStore store, uint indexOid)
    {
        foreach (SegmentSlot segment in store.Parts.Segments)
        {
            if (segment.RemoveVectorIndex(indexOid))
                state.Segments.DeleteVectorIndex(segment.Info.Id, indexOid);
        }
    }

    /// <summary>Drops the indexes that a committed change of a table left out.</summary>
    public void DropMissing(TableEntry before, TableEntry after)
    {
        foreach (IndexEntry index in before.Indexes)
        {
            bool isDropped = VectorOperatorClass.IsVectorMethod(index.Method) && !after.Indexes.Any(kept => kept.Oid == index.Oid);
            if (isDropped && state.TryFindStore(before.Id, out TableStore? store))
                Drop(store, index.Oid);
        }
    }

    /// <summary>Builds the table's indexes over a segment that is not yet in its place.</summary>
    public async ValueTask BuildAsync(TableEntry table, SegmentSlot segment, CancellationToken cancellation)
    {
        foreach (IndexEntry index in table.Indexes)
        {
            if (VectorIndexDefinition.Of(table, index) is not { } definition || !segment.IsIndexDue(definition))
                continue;
            VectorIndexBuild build = new(table.Oid, index.Oid, segment.Info.RowCount);
            _builds.TryAdd(build, true);
            await _gate.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                Build(segment, definition, build, cancellation);
            }
            finally
            {
                _gate.Release();
                _builds.TryRemove(build, out _);
            }
        }
    }

    /// <summary>Builds an index over the segments that a table has now.</summary>
    /// <param name="isAnew">Also over those that have it: the new file takes the old one's place.</param>
    public async ValueTask BuildAsync(
        TableStore store, VectorIndexDefinition definition, bool isAnew, CancellationToken cancellation)
    {
        SegmentSlot[] due = Array.FindAll(store.Parts.Segments,
            segment => isAnew ? segment.IsToIndex(definition) : segment.IsIndexDue(definition));
        if (due.Length == 0)
            return;
        VectorIndexBuild build = new(store.Id.Oid, definition.Oid, due.Sum(static segment => (long)segment.Info.RowCount));
        _builds.TryAdd(build, true);
        try
        {
            foreach (SegmentSlot segment in due)
                await BuildAsync(store, segment, definition, build, isAnew, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _builds.TryRemove(build, out _);
        }
    }

    private async ValueTask BuildAsync(
        TableStore store, SegmentSlot segment, VectorIndexDefinition definition, VectorIndexBuild build, bool isAnew,
        CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (isAnew || (segment.IsIndexDue(definition) && !TryOpen(segment, definition, build)))
                Build(segment, definition, build, cancellation);
        }
        finally
        {
            _gate.Release();
        }
        if (Array.IndexOf(store.Parts.Segments, segment) < 0)
            state.Segments.DeleteVectorIndexesOf(segment.Info.Id); // it was merged away meanwhile
    }

    private bool TryOpen(SegmentSlot segment, VectorIndexDefinition definition, VectorIndexBuild build)
    {
        SegmentFiles files = state.Segments;
        try
        {
            if (VectorIndexFile.TryOpen(files.Files, files.Directory, segment.Info, definition.Oid) is not { } found)
                return false;
            segment.SetVectorIndex(definition.Oid, found, buildTime: null);
            build.EndSegment(segment.Info.RowCount);
            return true;
        }
        catch (CorruptFileException)
        {
            return false; // nothing is lost: it is built again, over the damaged one
        }
    }

    private void Build(
        SegmentSlot segment, VectorIndexDefinition definition, VectorIndexBuild build, CancellationToken cancellation)
    {
        SegmentFiles files = state.Segments;
        long start = state.Time.GetTimestamp();
        CellBuildProgress progress = build.BeginSegment();
        SegmentVectors vectors = new(segment.Reader, definition, cancellation);
        CellIndexImage image = CellIndexBuilder.Build(
            vectors, vectors.Positions, definition.Options, Environment.ProcessorCount, cancellation, progress);
        progress.Phase = CellBuildPhase.Publishing;
        VectorIndexFile.Write(files.Files, files.Directory, segment.Info, definition.Oid, image);
        CellIndex index = VectorIndexFile.TryOpen(files.Files, files.Directory, segment.Info, definition.Oid) ?? new CellIndex(image);
        segment.SetVectorIndex(definition.Oid, index, state.Time.GetElapsedTime(start));
        build.EndSegment(segment.Info.RowCount);
    }
}
