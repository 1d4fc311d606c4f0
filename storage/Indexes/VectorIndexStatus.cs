using VecSQL.Vectors.Cells;

namespace VecSQL.Storage.Indexes;

/// <summary>How far an index of vectors is built at this moment, and what it costs and gives.</summary>
/// <param name="SegmentCount">Segments of the table.</param>
/// <param name="SegmentsIndexed">Those that searches by the index cover.</param>
/// <param name="SegmentsDue">Those that the background work will index; smaller ones stay without, as they are searched exactly
/// as fast.</param>
/// <param name="RowsIndexed">Vectors in the index, also of rows deleted since.</param>
/// <param name="RowsNotIndexed">Live rows outside indexed segments: searched exactly.</param>
/// <param name="FileBytes">Bytes on disk.</param>
/// <param name="SearchBytes">Bytes that searches read often, which is what should stay in memory.</param>
/// <param name="BuildSeconds">What its builds took since the start; null where all were found on disk.</param>
public sealed record VectorIndexStatus(
    int SegmentCount, int SegmentsIndexed, int SegmentsDue, long RowsIndexed, long RowsNotIndexed, long FileBytes, long SearchBytes,
    double? BuildSeconds)
{
    internal IReadOnlyList<IVectorIndex> Parts { get; init; } = [];

    /// <summary>Cells of all segments.</summary>
    public long CellCount => Sum(static part => part.CellCount);

    /// <summary>Cells that a search looks into, over all segments, to reach a recall for ten neighbours.</summary>
    public long CellsFor(double recall) => Sum(part => part.CellsFor(recall));

    /// <summary>The recall that was measured at the effort which is to give a recall; null where nothing was measured.</summary>
    public double? RecallFor(double recall)
    {
        double sum = 0;
        long rows = 0;
        foreach (IVectorIndex part in Parts)
        {
            double measured = part.RecallFor(recall);
            if (double.IsNaN(measured))
                continue;
            sum += measured * part.RowCount;
            rows += part.RowCount;
        }
        return rows == 0 ? null : sum / rows;
    }

    /// <summary>Of an index whose table is divided.</summary>
    internal static VectorIndexStatus Together(VectorIndexStatus[] parts) => parts.Length == 1 ? parts[0] : new VectorIndexStatus(
        parts.Sum(static part => part.SegmentCount), parts.Sum(static part => part.SegmentsIndexed), parts.Sum(static part => part.SegmentsDue),
        parts.Sum(static part => part.RowsIndexed), parts.Sum(static part => part.RowsNotIndexed), parts.Sum(static part => part.FileBytes),
        parts.Sum(static part => part.SearchBytes),
        parts.Any(static part => part.BuildSeconds is not null) ? parts.Sum(static part => part.BuildSeconds ?? 0) : null)
    {
        Parts = [.. parts.SelectMany(static part => part.Parts)],
    };

    private long Sum(Func<IVectorIndex, long> valueOf)
    {
        long sum = 0;
        foreach (IVectorIndex part in Parts)
            sum += valueOf(part);
        return sum;
    }

    internal static VectorIndexStatus Of(Tables.TableStore store, SegmentIndexDefinition definition, Func<Segments.SegmentId, long> fileBytes)
    {
        Tables.SegmentSlot[] segments = store.Parts.Segments;
        List<IVectorIndex> parts = [];
        long files = 0, bytes = 0, covered = 0, indexed = 0;
        int due = 0, built = 0;
        double? seconds = null;
        foreach (Tables.SegmentSlot segment in segments)
        {
            due += segment.IsIndexDue(definition) ? 1 : 0;
            object? found = segment.FindIndex(definition.Oid);
            files += found is null ? 0 : fileBytes(segment.Info.Id);
            if (found is not IVectorIndex index)
                continue; // an index of texts has a size and nothing else that is told here
            parts.Add(index);
            built++;
            indexed += index.RowCount;
            bytes += index.Bytes;
            covered += segment.Info.RowCount - segment.Deletes.Count;
            if (segment.IndexBuildTime(definition.Oid) is { } time)
                seconds = (seconds ?? 0) + time.TotalSeconds;
        }
        return new VectorIndexStatus(
            segments.Length, built, due, indexed, Math.Max(0, store.LiveRows - covered), files, bytes, seconds) { Parts = parts };
    }
}
