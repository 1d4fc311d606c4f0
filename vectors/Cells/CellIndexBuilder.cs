using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Vectors.Cells;

/// <summary>How a cell index is built.</summary>
/// <param name="Seed">The index's: the same rows and seed give the same bytes, with any number of threads.</param>
/// <param name="CellCount">0 to follow from the number of rows.</param>
public sealed record CellIndexOptions(DistanceMetric Metric, ulong Seed, int CellCount = 0)
{
    /// <summary>Whether to find out what a recall takes.</summary>
    public bool MeasuresRecall { get; init; } = true;
}

/// <summary>Builds a cell index: cells by k-means, rows sorted by cell, one-bit and eight-bit codes.</summary>
/// <remarks>
/// Cost:    rows × cells × dimensions multiply-adds by panels for the assignment, and one pass to code.
/// Threads: as many as allowed, of the caller's scheduler; each block of rows is made by one.
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
            : KMeans.Assign(rows, centroids, threads, cancellation);
        (int[] order, int[] offsets) = RowGroups.Sort(cellOf, cells);
        progress.Phase = CellBuildPhase.Coding;
        Coder coder = new(rows, options, Coded(centroids, rows.Dimensions, cells), offsets, order) { Progress = progress };
        Parallel.For(0, cells,
            new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation, TaskScheduler = TaskScheduler.Current },
            () => new Coder.Scratch(coder), static (cell, _, scratch) => scratch.Write(cell), static _ => { });
        CellIndexImage image = new(options.Metric, rows.Dimensions, rows.Count, cells, options.Seed,
            new Dictionary<CellIndexPart, ReadOnlyMemory<byte>>
            {
                [CellIndexPart.Centroids] = Bytes<float>(centroids),
                [CellIndexPart.Offsets] = Bytes<int>(offsets),
                [CellIndexPart.Order] = Bytes<int>(order),
                [CellIndexPart.Bits] = coder.Bits,
                [CellIndexPart.Codes] = coder.Codes,
                [CellIndexPart.CodeFactors] = Bytes<float>(coder.CodeFactors),
                [CellIndexPart.Recall] = ReadOnlyMemory<byte>.Empty,
                [CellIndexPart.Margins] = ReadOnlyMemory<byte>.Empty,
            });
        progress.Phase = CellBuildPhase.Measuring;
        (RecallPoint[] recall, MarginPoint[] margins) = !options.MeasuresRecall || rows.Count < MeasuredRowsMin
            ? ([], []) : RecallMeter.Measure(new CellIndex(image), rows, threads, cancellation);
        for (int i = 0; i < order.Length; i++)
            order[i] = positions[order[i]];
        return image with
        {
            Parts = new Dictionary<CellIndexPart, ReadOnlyMemory<byte>>(image.Parts)
            {
                [CellIndexPart.Order] = Bytes<int>(order),
                [CellIndexPart.Recall] = Bytes<RecallPoint>(recall),
                [CellIndexPart.Margins] = Bytes<MarginPoint>(margins),
            },
        };
    }

    // About 3.5·√n, which balances finding the cells and reading them; cells of fewer than 32 rows are not worth it.
    private static int CellsFor(int rows) =>
        Math.Clamp((int)(3.5 * Math.Sqrt(rows)) / 32 * 32, 1, Math.Max(1, rows / 32));

    // Searches know centroids by their eight-bit codes, so residuals are those to what the codes say.
    private static float[] Coded(float[] centroids, int dimensions, int cells)
    {
        VectorCodes codes = VectorCodes.Encode(centroids, dimensions, dimensions, cells);
        float[] coded = new float[centroids.Length];
        for (int cell = 0; cell < cells; cell++)
            codes.Decode(cell, coded.AsSpan(cell * dimensions, dimensions));
        return coded;
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
        private readonly int[] _offsets, _order, _firstBlocks;
        private readonly Rotation _rotation;
        private readonly float[] _centroids, _rotatedCentroids;

        internal Coder(IVectorSource rows, CellIndexOptions options, float[] centroids, int[] offsets, int[] order)
        {
            (_rows, _options, _centroids, _offsets, _order) = (rows, options, centroids, offsets, order);
            int d = rows.Dimensions;
            _rotation = new Rotation(d, options.Seed);
            int padded = _rotation.PaddedDimensions;
            _rotatedCentroids = new float[centroids.Length / d * padded];
            for (int i = 0; i < centroids.Length / d; i++)
                _rotation.Apply(centroids.AsSpan(i * d, d), _rotatedCentroids.AsSpan(i * padded, padded));
            _firstBlocks = CellIndexImage.FirstBlocks(offsets);
            int blocks = _firstBlocks[^1];
            Bits = new byte[checked(blocks * BinaryCodes.BlockBytes(padded))];
            Codes = new byte[checked(order.Length * CellIndex.CodeStride(d))];
            CodeFactors = new float[2 * order.Length];
        }

        internal byte[] Bits { get; }

        /// <summary>Signed, as bytes.</summary>
        internal byte[] Codes { get; }

        internal float[] CodeFactors { get; }

        internal required CellBuildProgress Progress { get; init; }

        internal sealed class Scratch(Coder coder)
        {
            private readonly float[] _row = new float[coder._rows.Dimensions];
            private readonly float[] _rotated = new float[coder._rotation.PaddedDimensions];

            internal Scratch Write(int cell)
            {
                int first = coder._offsets[cell], end = coder._offsets[cell + 1];
                for (int place = first; place < end; place++)
                    WriteRow(cell, place, (coder._firstBlocks[cell] * FastScan.BlockRows) + place - first);
                coder.Progress.AddRows(end - first);
                return this;
            }

            /// <param name="slot">The row's among the rows of all blocks.</param>
            [MethodImpl(MethodImplOptions.AggressiveOptimization)] // busy at once, as the kernels it calls
            private void WriteRow(int cell, int place, int slot)
            {
                int padded = _rotated.Length, blockBytes = BinaryCodes.BlockBytes(padded);
                (int block, int inBlock) = Math.DivRem(slot, FastScan.BlockRows);
                coder._rows.Read(coder._order[place], _row);
                coder._rotation.Apply(_row, _rotated);
                ReadOnlySpan<float> centroid = coder._rotatedCentroids.AsSpan(cell * padded, padded);
                for (int i = 0; i < padded; i++)
                    _rotated[i] -= centroid[i];
                bool isInnerProduct = coder._options.Metric == DistanceMetric.NegativeInnerProduct;
                Span<byte> bits = coder.Bits.AsSpan(block * blockBytes, blockBytes);
                BinaryCodes.Write(_rotated, centroid, isInnerProduct, bits, inBlock);
                ReadOnlySpan<float> own = coder._centroids.AsSpan(cell * _row.Length, _row.Length);
                for (int i = 0; i < _row.Length; i++)
                    _row[i] -= own[i];
                int stride = CellIndex.CodeStride(_row.Length);
                Span<sbyte> codes = MemoryMarshal.Cast<byte, sbyte>(coder.Codes.AsSpan(place * stride, stride));
                (float scale, float square) = ByteCodes.Encode(_row, codes);
                coder.CodeFactors[2 * place] = scale;
                coder.CodeFactors[(2 * place) + 1] = isInnerProduct ? 0 : (float)(square + (2 * scale * Dot(own, codes)));
            }

            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            private static double Dot(ReadOnlySpan<float> x, ReadOnlySpan<sbyte> codes)
            {
                double sum = 0;
                for (int i = 0; i < x.Length; i++)
                    sum += (double)x[i] * codes[i];
                return sum;
            }
        }
    }
}
