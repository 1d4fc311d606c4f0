using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.MultiVectors;

/// <summary>Builds an index of rows of several vectors: cells of the vectors, and what a recall takes.</summary>
/// <remarks>Threads: as many as allowed, of the caller's scheduler; the same rows and seed give the same bytes with any number.</remarks>
public static class MaxSimIndexBuilder
{
    /// <summary>With fewer rows recall cannot be told from chance.</summary>
    private const int MeasuredRowsMin = 500;

    /// <param name="vectors">Those of all rows, row by row.</param>
    /// <param name="positions">For each vector the position of its row, ascending.</param>
    /// <param name="rowsOfSegment">Positions are below.</param>
    /// <param name="cellCount">0 to follow from the number of vectors.</param>
    public static (CellIndexImage Image, MaxSimPoint[] Points) Build(
        IVectorSource vectors, ReadOnlySpan<int> positions, int rowsOfSegment, ulong seed, int cellCount, int threads,
        CancellationToken cancellation, CellBuildProgress? progress = null)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        CellIndexOptions options = new(DistanceMetric.NegativeInnerProduct, seed, cellCount) { MeasuresRecall = false };
        CellIndexImage image = CellIndexBuilder.Build(vectors, positions, options, threads, cancellation, progress);
        if (progress is not null)
            progress.Phase = CellBuildPhase.Measuring;
        MaxSimIndex index = new(image, [], rowsOfSegment);
        return (image, index.RowCount < MeasuredRowsMin ? [] : MaxSimMeter.Measure(index, vectors, positions, threads, cancellation));
    }
}
