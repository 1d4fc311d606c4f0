using System.Runtime.InteropServices;
using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Vectors.Cells;

/// <summary>How a cell index is built.</summary>
/// <param name="Seed">The index's: the same rows and seed give the same bytes, with any number of threads.</param>
/// <param name="CellCount">0 to follow from the number of rows.</param>
public sealed record CellIndexOptions(DistanceMetric Metric, ulong Seed, int CellCount = 0);

/// <summary>Builds a cell index: cells by k-means, rows sorted by cell, one-bit and eight-bit codes.</summary>
/// <remarks>
/// Cost:    rows × cells × dimensions multiply-adds by panels for the assignment, and one pass to code.
/// Threads: as many as allowed; each block of rows is made by one.
/// </remarks>
public static class CellIndexBuilder
{
    /// <summary>With fewer rows recall cannot be told from chance.</summary>
    private const int MeasuredRowsMin = 1000;

    /// <param name="source">The rows to index. For cosine they are normalised here, and none may be zero.</param>
    /// <param name="positions">What each row of the source is called in the index's answers.</param>
    /// <param name="progress">Told how far it is.</param>
    public static CellIndexImage Build(
        IVectorSource source, ReadOnlySpan<int> positions, CellIndexOptions options, int threads, CancellationToken cancellation,
        CellBuildProgress? progress = null)
    {
        progress ??= new CellBuildProgress();
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        if (positions.Length != source.Count)
            throw new ArgumentException($"{positions.Length} positions for {source.Count} rows");
        if (options.Metric == DistanceMetric.L1)
            throw new ArgumentException("cells are not made for L1");
        IVectorSource rows = options.Metric == DistanceMetric.Cosine ? new NormalizedSource(source) : source;
        int cells = options.CellCount > 0 ? options.CellCount : CellsFor(rows.Count);
        progress.Phase = CellBuildPhase.Training;
        float[] centroids = KMeans.Train(rows, new ClusterOptions(cells, options.Seed), threads, cancellation);
        cells = centroids.Length / rows.Dimensions;
        progress.Phase = CellBuildPhase.Assigning;
        int[] cellOf = cells == 0
            ? []
            : KMeans.Assign(rows, new VectorPanels(centroids, rows.Dimensions), threads, cancellation);
        (int[] order, int[] offsets) = SortByCell(cellOf, cells);
        progress.Phase = CellBuildPhase.Coding;
        Coder coder = new(rows, options, centroids, cellOf, order) { Progress = progress };
        Parallel.For(0, coder.BlockCount,
            new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
            () => new Coder.Scratch(coder), static (block, _, scratch) => scratch.Write(block), static _ => { });
        CellIndexImage image = new(options.Metric, rows.Dimensions, rows.Count, cells, options.Seed,
            new Dictionary<CellIndexPart, ReadOnlyMemory<byte>>
            {
                [CellIndexPart.Centroids] = Bytes<float>(centroids),
                [CellIndexPart.Offsets] = Bytes<int>(offsets),
                [CellIndexPart.Order] = Bytes<int>(order),
                [CellIndexPart.Bits] = coder.Bits,
                [CellIndexPart.BitFactors] = Bytes<float>(coder.BitFactors),
                [CellIndexPart.Codes] = Bytes<sbyte>(coder.Codes),
                [CellIndexPart.CodeFactors] = Bytes<float>(coder.CodeFactors),
                [CellIndexPart.Recall] = ReadOnlyMemory<byte>.Empty,
            });
        progress.Phase = CellBuildPhase.Measuring;
        RecallPoint[] recall = rows.Count < MeasuredRowsMin
            ? [] : RecallMeter.Measure(new CellIndex(image), rows, threads, cancellation);
        for (int i = 0; i < order.Length; i++)
            order[i] = positions[order[i]];
        return image with
        {
            Parts = new Dictionary<CellIndexPart, ReadOnlyMemory<byte>>(image.Parts)
            {
                [CellIndexPart.Order] = Bytes<int>(order),
                [CellIndexPart.Recall] = Bytes<RecallPoint>(recall),
            },
        };
    }

    // About 3.5·√n, which balances finding the cells and reading them; cells of fewer than 32 rows are not worth it.
    private static int CellsFor(int rows) =>
        Math.Clamp((int)(3.5 * Math.Sqrt(rows)) / 32 * 32, 1, Math.Max(1, rows / 32));

    private static (int[] Order, int[] Offsets) SortByCell(int[] cellOf, int cells)
    {
        int[] offsets = new int[cells + 1], order = new int[cellOf.Length];
        foreach (int cell in cellOf)
            offsets[cell + 1]++;
        for (int cell = 0; cell < cells; cell++)
            offsets[cell + 1] += offsets[cell];
        int[] next = offsets[..^1];
        for (int row = 0; row < cellOf.Length; row++)
            order[next[cellOf[row]]++] = row;
        return (order, offsets);
    }

    private static byte[] Bytes<T>(T[] values) where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private sealed class NormalizedSource(IVectorSource source) : IVectorSource
    {
        public int Dimensions => source.Dimensions;

        public int Count => source.Count;

        public void Read(int first, Span<float> target)
        {
            source.Read(first, target);
            for (; !target.IsEmpty; target = target[Dimensions..])
                Normalize(target[..Dimensions]);
        }
    }

    internal static void Normalize(Span<float> x)
    {
        double square = 0;
        foreach (float value in x)
            square += (double)value * value;
        double inverse = square > 0 ? 1 / Math.Sqrt(square) : 0;
        for (int i = 0; i < x.Length; i++)
            x[i] = (float)(x[i] * inverse);
    }

    /// <summary>What coding shares: each block of places is written by one thread.</summary>
    private sealed class Coder
    {
        private readonly IVectorSource _rows;
        private readonly CellIndexOptions _options;
        private readonly int[] _cellOf, _order;
        private readonly Rotation _rotation;
        private readonly float[] _centroids, _rotatedCentroids;

        internal Coder(IVectorSource rows, CellIndexOptions options, float[] centroids, int[] cellOf, int[] order)
        {
            (_rows, _options, _centroids, _cellOf, _order) = (rows, options, centroids, cellOf, order);
            int d = rows.Dimensions;
            _rotation = new Rotation(d, options.Seed);
            int padded = _rotation.PaddedDimensions, blocks = (order.Length + FastScan.BlockRows - 1) / FastScan.BlockRows;
            _rotatedCentroids = new float[centroids.Length / d * padded];
            for (int i = 0; i < centroids.Length / d; i++)
                _rotation.Apply(centroids.AsSpan(i * d, d), _rotatedCentroids.AsSpan(i * padded, padded));
            BlockCount = blocks;
            Bits = new byte[checked(blocks * BinaryCodes.BlockBytes(padded))];
            BitFactors = new float[blocks * 3 * FastScan.BlockRows];
            Codes = new sbyte[checked(order.Length * CellIndex.CodeStride(d))];
            CodeFactors = new float[2 * order.Length];
        }

        internal int BlockCount { get; }

        internal byte[] Bits { get; }

        internal float[] BitFactors { get; }

        internal sbyte[] Codes { get; }

        internal float[] CodeFactors { get; }

        internal required CellBuildProgress Progress { get; init; }

        internal sealed class Scratch(Coder coder)
        {
            private readonly float[] _row = new float[coder._rows.Dimensions];
            private readonly float[] _rotated = new float[coder._rotation.PaddedDimensions];

            internal Scratch Write(int block)
            {
                int first = block * FastScan.BlockRows, end = Math.Min(first + FastScan.BlockRows, coder._order.Length);
                for (int place = first; place < end; place++)
                    WriteRow(block, place);
                coder.Progress.AddRows(end - first);
                return this;
            }

            private void WriteRow(int block, int place)
            {
                int row = coder._order[place], padded = _rotated.Length, blockBytes = BinaryCodes.BlockBytes(padded);
                coder._rows.Read(row, _row);
                coder._rotation.Apply(_row, _rotated);
                ReadOnlySpan<float> centroid = coder._rotatedCentroids.AsSpan(coder._cellOf[row] * padded, padded);
                for (int i = 0; i < padded; i++)
                    _rotated[i] -= centroid[i];
                int inBlock = place % FastScan.BlockRows;
                CodeFactors factors = BinaryCodes.Encode(_rotated, centroid,
                    coder._options.Metric == DistanceMetric.NegativeInnerProduct,
                    coder.Bits.AsSpan(block * blockBytes, blockBytes), inBlock);
                Span<float> of = coder.BitFactors.AsSpan(block * 3 * FastScan.BlockRows);
                of[inBlock] = factors.Add;
                of[inBlock + FastScan.BlockRows] = factors.Rescale;
                of[inBlock + (2 * FastScan.BlockRows)] = factors.Error;
                ReadOnlySpan<float> own = coder._centroids.AsSpan(coder._cellOf[row] * _row.Length, _row.Length);
                for (int i = 0; i < _row.Length; i++)
                    _row[i] -= own[i];
                int stride = CellIndex.CodeStride(_row.Length);
                (coder.CodeFactors[2 * place], coder.CodeFactors[(2 * place) + 1]) =
                    ByteCodes.Encode(_row, coder.Codes.AsSpan(place * stride, stride));
            }
        }
    }
}
