using VecSQL.Vectors.Cells;

namespace VecSQL.Vectors.MultiVectors;

/// <summary>An index over the rows of one segment, each of several vectors: cells of all the vectors.</summary>
/// <remarks>Threads: immutable; any number may search, each with a <see cref="MaxSimSearch"/> of its own.</remarks>
public sealed class MaxSimIndex : IVectorIndex
{
    private readonly int[] _missing;

    /// <param name="image">Of the vectors, by inner products; positions are those of their rows in the segment.</param>
    /// <param name="rowsOfSegment">With those that have no vectors.</param>
    /// <exception cref="ArgumentException">The image is damaged, or names rows that there are not.</exception>
    public MaxSimIndex(CellIndexImage image, ReadOnlySpan<MaxSimPoint> points, int rowsOfSegment)
    {
        ArgumentNullException.ThrowIfNull(image);
        Cells = new CellIndex(image);
        bool[] isIndexed = new bool[rowsOfSegment];
        foreach (int position in image.Part<int>(CellIndexPart.Order))
        {
            if ((uint)position >= (uint)rowsOfSegment)
                throw new ArgumentException($"it names row {position} of {rowsOfSegment}");
            RowCount += isIndexed[position] ? 0 : 1;
            isIndexed[position] = true;
        }
        RowsOfSegment = rowsOfSegment;
        _missing = new int[rowsOfSegment - RowCount];
        for (int position = 0, next = 0; position < rowsOfSegment; position++)
        {
            if (!isIndexed[position])
                _missing[next++] = position;
        }
        Efforts = new MaxSimEfforts(points, this);
    }

    /// <summary>The cells of the rows' vectors.</summary>
    public CellIndex Cells { get; }

    /// <summary>Rows that have vectors.</summary>
    public int RowCount { get; }

    public int RowsOfSegment { get; }

    /// <summary>What a recall takes.</summary>
    public MaxSimEfforts Efforts { get; }

    public long Bytes => Cells.Bytes;

    public int CellCount => Cells.CellCount;

    public int CellsFor(double recall) => Efforts.For(recall, RecallCurve.Neighbours, RecallCurve.Neighbours)?.Cells ?? CellCount;

    public double RecallFor(double recall) => Efforts.MeasuredFor(recall);

    public ReadOnlySpan<int> Missing(int rowCount) => _missing;
}
