using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.MultiVectors;

/// <summary>Measures how many cells and candidates find an index's nearest rows.</summary>
/// <remarks>
/// Some rows, by some of their vectors, are the queries; a row is no neighbour of its own. What is true is found by looking at all rows.
/// Where the true neighbours come among the candidates, after a search in so many cells, says how many candidates a recall takes.
/// Cost:    about that of assigning the vectors to their cells.
/// Threads: queries are spread over threads, and what they find does not hang on how many there are.
/// </remarks>
internal static class MaxSimMeter
{
    private const int Queries = 64, CandidatesMax = 1000;

    private static readonly int[] Neighbours = [1, RecallCurve.Neighbours, 30, 100], Cells = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128];

    private static readonly float[] Recalls = [0.8f, 0.85f, 0.9f, 0.925f, 0.95f, 0.96f, 0.97f, 0.98f, 0.985f, 0.99f, 0.995f, 0.998f];

    internal static MaxSimPoint[] Measure(
        MaxSimIndex index, IVectorSource vectors, ReadOnlySpan<int> positions, int threads, CancellationToken cancellation)
    {
        int[] starts = StartsOf(positions, index.RowCount), rows = RowsOf(positions, starts);
        int[] cells = Array.FindAll(Cells, count => count < index.CellCount);
        int queries = Math.Min(Queries, index.RowCount);
        var ranks = new int[queries][][]; // a query's, by cells, of its neighbours in their order
        Parallel.For(0, queries,
            new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation, TaskScheduler = TaskScheduler.Current },
            () => new Asker(index, vectors, starts, rows),
            (query, _, asker) =>
            {
                ranks[query] = asker.Ask((int)((long)query * index.RowCount / queries), cells, cancellation);
                return asker;
            },
            static _ => { });
        List<MaxSimPoint> points = [];
        foreach (int neighbours in Neighbours)
        {
            for (int level = 0; level < cells.Length && neighbours < index.RowCount; level++)
                AddPoints(points, ranks, neighbours, level, cells[level]);
        }
        return [.. points];
    }

    private static void AddPoints(List<MaxSimPoint> points, int[][][] ranks, int neighbours, int level, int cells)
    {
        List<int> all = [];
        foreach (int[][] own in ranks)
            all.AddRange(own[level].AsSpan(0, Math.Min(neighbours, own[level].Length)));
        all.Sort();
        foreach (float recall in all.Count == 0 ? [] : Recalls)
        {
            int rank = all[(int)Math.Ceiling(recall * all.Count) - 1];
            if (rank < CandidatesMax)
                points.Add(new MaxSimPoint(neighbours, cells, recall, Math.Max(rank + 1, neighbours)));
        }
    }

    /// <summary>Where each row's vectors begin, and the end.</summary>
    private static int[] StartsOf(ReadOnlySpan<int> positions, int rowCount)
    {
        int[] starts = new int[rowCount + 1];
        int next = 0;
        for (int i = 0; i < positions.Length; i++)
        {
            if (i == 0 || positions[i] != positions[i - 1])
                starts[next++] = i;
        }
        starts[next] = positions.Length;
        return starts;
    }

    private static int[] RowsOf(ReadOnlySpan<int> positions, int[] starts)
    {
        int[] rows = new int[starts.Length - 1];
        for (int row = 0; row < rows.Length; row++)
            rows[row] = positions[starts[row]];
        return rows;
    }

    private sealed class Asker(MaxSimIndex index, IVectorSource vectors, int[] starts, int[] rows)
    {
        private readonly MaxSimSearch _search = new();
        private readonly TopK _nearest = new(Neighbours[^1]);
        private float[] _row = [];

        /// <summary>For each number of cells where the row's neighbours come among the candidates.</summary>
        internal int[][] Ask(int row, int[] cells, CancellationToken cancellation)
        {
            float[] query = QueryOf(row);
            int d = vectors.Dimensions;
            MaxSimQuery exact = new(query, d);
            _nearest.Clear();
            for (int other = 0; other < rows.Length; other++)
            {
                if ((other & 1023) == 0)
                    cancellation.ThrowIfCancellationRequested();
                if (other != row)
                    _nearest.Offer(exact.Distance(Read(other)), rows[other]);
            }
            ReadOnlySpan<(double Distance, long Row)> neighbours = _nearest.Sorted();
            var coded = new CellQuery[exact.Count];
            for (int i = 0; i < coded.Length; i++)
                coded[i] = new CellQuery(index.Cells, query.AsSpan(i * d, d));
            int[][] ranks = new int[cells.Length][];
            for (int level = 0; level < cells.Length; level++)
            {
                int[] found = _search.Run(index, coded, new MaxSimEffort(cells[level], CandidatesMax + 1), default).ToArray();
                int own = Array.IndexOf(found, rows[row]);
                ranks[level] = new int[neighbours.Length];
                for (int i = 0; i < neighbours.Length; i++)
                {
                    int rank = Array.IndexOf(found, (int)neighbours[i].Row);
                    ranks[level][i] = rank < 0 ? int.MaxValue : rank - (own >= 0 && own < rank ? 1 : 0);
                }
            }
            return ranks;
        }

        private float[] QueryOf(int row)
        {
            int d = vectors.Dimensions, count = starts[row + 1] - starts[row], taken = Math.Min(count, MaxSimEfforts.QueryVectors);
            float[] query = new float[taken * d];
            for (int i = 0; i < taken; i++)
                vectors.Read(starts[row] + (int)((long)i * count / taken), query.AsSpan(i * d, d));
            return query;
        }

        private Span<float> Read(int row)
        {
            int length = (starts[row + 1] - starts[row]) * vectors.Dimensions;
            if (_row.Length < length)
                _row = new float[length];
            Span<float> target = _row.AsSpan(0, length);
            vectors.Read(starts[row], target);
            return target;
        }
    }
}
