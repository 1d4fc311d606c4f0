using System.Collections.Immutable;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Sparse;

/// <summary>An inverted index over the sparse vectors of one segment.</summary>
/// <remarks>Threads: immutable.</remarks>
public sealed class SparseIndex : IVectorIndex
{
    private readonly int[] _missing;

    /// <param name="blocks">Of <see cref="SparseBlock.RowsMax"/> rows each, but for the last.</param>
    /// <exception cref="ArgumentException">They are not, or the metric has no inner products.</exception>
    public SparseIndex(DistanceMetric metric, int dimensions, ImmutableArray<SparseBlock> blocks)
    {
        if (!Handles(metric))
            throw new ArgumentException($"there are no inverted lists for metric {(int)metric}");
        (Metric, Dimensions, Blocks) = (metric, dimensions, blocks);
        List<int> missing = [];
        for (int block = 0; block < blocks.Length; block++)
        {
            if (blocks[block].Rows > SparseBlock.RowsMax || (block < blocks.Length - 1 && blocks[block].Rows != SparseBlock.RowsMax))
                throw new ArgumentException($"block {block} has {blocks[block].Rows} rows");
            ReadOnlySpan<int> lists = blocks[block].Dimensions;
            if (!lists.IsEmpty && (lists[0] < 0 || lists[^1] >= dimensions))
                throw new ArgumentException($"block {block} has dimensions beyond {dimensions}");
            RowCount += blocks[block].RowsIndexed;
            Bytes += blocks[block].Bytes;
            ReadOnlySpan<float> squares = blocks[block].Squares;
            for (int row = 0; row < squares.Length; row++)
            {
                if (float.IsNaN(squares[row]))
                    missing.Add((block * SparseBlock.RowsMax) + row);
            }
        }
        _missing = [.. missing];
    }

    public static bool Handles(DistanceMetric metric) =>
        metric is DistanceMetric.L2 or DistanceMetric.NegativeInnerProduct or DistanceMetric.Cosine;

    public DistanceMetric Metric { get; }

    public int Dimensions { get; }

    public ImmutableArray<SparseBlock> Blocks { get; }

    public int RowCount { get; }

    public long Bytes { get; }

    public int CellCount => 0;

    public int CellsFor(double recall) => 0;

    /// <summary>Lists leave nothing out.</summary>
    public double RecallFor(double recall) => 1;

    public ReadOnlySpan<int> Missing(int rowCount) => _missing;

    /// <summary>Values that a search for the query may read, over all blocks.</summary>
    public long PostingsFor(SparseView query)
    {
        long count = 0;
        foreach (SparseBlock block in Blocks)
        {
            ReadOnlySpan<int> dimensions = block.Dimensions;
            foreach (int dimension in query.Indexes)
            {
                int list = dimensions.BinarySearch(dimension);
                count += list < 0 ? 0 : block.WeightsOf(list).Length;
            }
        }
        return count;
    }
}
