using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Compaction;

/// <summary>
/// Writes rows of chunks and segments into new segments, in the order of their ids, without versions that nobody sees.
/// </summary>
/// <remarks>
/// Rows that all snapshots see get one commit timestamp, so that it need not be stored row by row: no reader can tell. Decisions keep theirs.
/// Deletions that arrive meanwhile are carried over by <see cref="CarryDeletions"/> when the segments take their place.
/// Memory: 16 bytes a row, and a record batch.
/// </remarks>
internal sealed class SegmentBuilder(SegmentFiles files, TableEntry table, long oldest)
{
    /// <summary>Bytes after which another segment is begun.</summary>
    internal const long SegmentBytesMax = 1L << 30;

    private readonly SegmentSchema _schema = SegmentSchema.Of(table);
    private readonly List<Built> _built = [];

    public IEnumerable<SegmentSlot> Segments
    {
        get
        {
            foreach (Built built in _built)
                yield return built.Segment;
        }
    }

    public void Build(IReadOnlyList<DeltaChunk> chunks, IReadOnlyList<SegmentSlot> segments,
        CancellationToken cancellation)
    {
        List<DeltaChunkOrSegment> sources = [];
        foreach (DeltaChunk chunk in chunks)
            sources.Add(new DeltaChunkOrSegment(chunk, null));
        foreach (SegmentSlot segment in segments)
            sources.Add(new DeltaChunkOrSegment(null, segment));
        (long[] rowIds, Place[] places, long[] commits) = CollectRows(sources, cancellation);
        for (int start = 0; start < rowIds.Length;)
            start = BuildOne(sources, rowIds, places, commits, start, cancellation);
    }

    /// <summary>Marks rows deleted that were deleted in the sources since; under the table's lock.</summary>
    public void CarryDeletions()
    {
        foreach (Built built in _built)
        {
            for (int position = 0; position < built.Places.Length; position++)
            {
                Place place = built.Places[position];
                if (DeletedAt(built.Sources[place.Source], place.Position) is var deleted and not 0)
                    built.Segment.Deletes.Mark(position, deleted);
            }
        }
    }

    /// <summary>Deletes what was built: it is not wanted after all.</summary>
    public void Discard()
    {
        foreach (Built built in _built)
            files.Delete(built.Segment.Info.Id);
    }

    private int BuildOne(
        List<DeltaChunkOrSegment> sources, long[] rowIds, Place[] places, long[] commits, int start,
            CancellationToken cancellation)
    {
        using SegmentWriter writer = files.Begin(_schema);
        int next = start;
        while (next < rowIds.Length && (next == start || writer.WrittenBytes < SegmentBytesMax))
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(ColumnBatch.RowsMax, rowIds.Length - next);
            writer.Append(rowIds.AsSpan(next, count), commits.AsSpan(next, count), ReadRows(sources,
                places.AsSpan(next, count)));
            next += count;
        }
        SegmentInfo info = writer.Finish();
        _built.Add(new Built(files.Open(info), sources, places[start..next]));
        return next;
    }

    /// <summary>All rows that a snapshot may see, by id.</summary>
    private (long[] RowIds, Place[] Places, long[] Commits) CollectRows(
        List<DeltaChunkOrSegment> sources, CancellationToken cancellation)
    {
        bool isExact = table.Id == DecisionTable.Id; // others commit at the moments of these
        List<long> rowIds = [], commits = [];
        List<Place> places = [];
        for (int source = 0; source < sources.Count; source++)
        {
            cancellation.ThrowIfCancellationRequested();
            DeltaChunkOrSegment rows = sources[source];
            (long[] ids, long[] inserted) = rows.Chunk is { } chunk ? ReadHidden(chunk) : ReadHidden(rows.Segment!);
            for (int position = 0; position < ids.Length; position++)
            {
                long deleted = DeletedAt(rows, position);
                if (deleted != 0 && deleted <= oldest)
                    continue;
                rowIds.Add(ids[position]);
                commits.Add(isExact ? inserted[position] : Math.Max(inserted[position], oldest));
                places.Add(new Place(source, position));
            }
        }
        return Sort([.. rowIds], [.. places], [.. commits]);
    }

    private static (long[] RowIds, Place[] Places, long[] Commits) Sort(long[] rowIds, Place[] places, long[] commits)
    {
        bool isSorted = true;
        for (int i = 1; i < rowIds.Length && isSorted; i++)
            isSorted = rowIds[i - 1] < rowIds[i];
        if (isSorted)
            return (rowIds, places, commits);
        int[] order = new int[rowIds.Length];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(rowIds, order);
        var sortedPlaces = new Place[places.Length];
        var sortedCommits = new long[commits.Length];
        for (int i = 0; i < order.Length; i++)
        {
            sortedPlaces[i] = places[order[i]];
            sortedCommits[i] = commits[order[i]];
        }
        return (rowIds, sortedPlaces, sortedCommits);
    }

    private static (long[] RowIds, long[] Commits) ReadHidden(DeltaChunk chunk)
    {
        int count = chunk.Count;
        long[] commits = new long[count];
        for (int i = 0; i < count; i++)
            commits[i] = chunk.InsertedAt(i);
        return (chunk.RowIds(count).ToArray(), commits);
    }

    private static (long[] RowIds, long[] Commits) ReadHidden(SegmentSlot segment)
    {
        SegmentReader reader = segment.Reader;
        long[] rowIds = new long[segment.Info.RowCount], commits = new long[segment.Info.RowCount];
        Array.Fill(commits, segment.Info.MinCommit);
        for (int batch = 0; batch < reader.BatchCount; batch++)
        {
            int start = reader.BatchStart(batch), count = reader.BatchStart(batch + 1) - start;
            ((FixedColumn<long>)reader.ReadColumn(batch,
                SegmentReader.RowIdColumn).Expand()).Values[..count].CopyTo(rowIds.AsSpan(start));
            if (!segment.Info.HasOneCommit)
                ((FixedColumn<long>)reader.ReadColumn(batch,
                    SegmentReader.CommitColumn).Expand()).Values[..count].CopyTo(commits.AsSpan(start));
        }
        return (rowIds, commits);
    }

    private static long DeletedAt(DeltaChunkOrSegment rows, int position) =>
        rows.Chunk is { } chunk ? chunk.DeletedAt(position) : rows.Segment!.Deletes.DeletedAt(position);

    private ColumnBatch ReadRows(List<DeltaChunkOrSegment> sources, ReadOnlySpan<Place> places)
    {
        RowPlace[] rows = new RowPlace[places.Length];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = new RowPlace(sources[places[i].Source], places[i].Position);
        short[] numbers = new short[_schema.Columns.Length];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = _schema.Columns[i].Number;
        return RowGatherer.Gather(table, rows, numbers, withRowId: false);
    }

    private readonly record struct Place(int Source, int Position);

    private sealed record Built(SegmentSlot Segment, List<DeltaChunkOrSegment> Sources, Place[] Places);
}
