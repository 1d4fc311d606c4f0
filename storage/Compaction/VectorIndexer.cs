using VecSQL.Catalog.Objects;
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
    private readonly SemaphoreSlim _gate = new(1);

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

    /// <summary>Builds what is missing in all tables.</summary>
    public async ValueTask BuildAllAsync(CancellationToken cancellation)
    {
        foreach (TableStore store in state.Stores)
        {
            if (!state.Catalog.TryFindTable(store.Id, out TableEntry? table))
                continue;
            foreach (IndexEntry index in table.Indexes)
            {
                if (VectorIndexDefinition.Of(table, index) is { } definition)
                    await BuildAsync(store, definition, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Builds an index over the segments that a table has now and that lack it.</summary>
    public async ValueTask BuildAsync(TableStore store, VectorIndexDefinition definition, CancellationToken cancellation)
    {
        foreach (SegmentSlot segment in store.Parts.Segments)
        {
            if (!IsMissing(segment, definition))
                continue;
            await _gate.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                if (IsMissing(segment, definition))
                    segment.SetVectorIndex(definition.Oid, OpenOrBuild(segment, definition, cancellation));
            }
            finally
            {
                _gate.Release();
            }
            if (Array.IndexOf(store.Parts.Segments, segment) < 0)
                state.Segments.DeleteVectorIndexesOf(segment.Info.Id); // it was merged away meanwhile
        }
    }

    private static bool IsMissing(SegmentSlot segment, VectorIndexDefinition definition) =>
        segment.Info.RowCount >= VectorIndexDefinition.RowsMin && segment.Reader.HasColumn(definition.Column)
        && segment.VectorIndex(definition.Oid) is null;

    private CellIndex OpenOrBuild(SegmentSlot segment, VectorIndexDefinition definition, CancellationToken cancellation)
    {
        SegmentFiles files = state.Segments;
        try
        {
            if (VectorIndexFile.TryOpen(files.Files, files.Directory, segment.Info, definition.Oid) is { } found)
                return found;
        }
        catch (CorruptFileException)
        {
            // Nothing is lost: it is built again, over the damaged one.
        }
        SegmentVectors vectors = new(
            segment.Reader, definition.Column, withZeros: definition.Metric != Vectors.Kernels.DistanceMetric.Cosine, cancellation);
        CellIndexImage image = CellIndexBuilder.Build(
            vectors, vectors.Positions, definition.Options, Environment.ProcessorCount, cancellation);
        VectorIndexFile.Write(files.Files, files.Directory, segment.Info, definition.Oid, image);
        return VectorIndexFile.TryOpen(files.Files, files.Directory, segment.Info, definition.Oid) ?? new CellIndex(image);
    }
}
