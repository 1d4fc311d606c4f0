using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Cells;

/// <summary>Measures in which cells, nearest first, an index's rows have their nearest rows.</summary>
/// <remarks>
/// A row is no neighbour of its own. What is true is found by the same index with all its cells and many candidates, which
/// misses about one neighbour in a thousand, in a hundredth of the time that measuring all rows would take. From the ranks of the
/// neighbours' cells follows the recall of any number of cells; what codes lose beside is far less, as searches choose them.
/// Threads: queries are spread over threads and what they find added, so the curve does not hang on how many there are.
/// </remarks>
internal static class RecallMeter
{
    private const int Queries = 400;

    // Each number of cells is about a fifth more than the one before.
    private const double Ratio = 1.2;

    private static readonly int[] Numbers = [1, RecallCurve.Neighbours, 100];

    /// <param name="index">Its positions are numbers of the source's rows.</param>
    internal static RecallPoint[] Measure(CellIndex index, IVectorSource rows, int threads, CancellationToken cancellation)
    {
        int queries = Math.Min(Queries, rows.Count);
        int[] cellOf = CellOf(index);
        int[][] ranks = new int[queries][]; // of the cells of a query's neighbours, nearest neighbour first
        Parallel.For(0, queries,
            new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation, TaskScheduler = TaskScheduler.Current },
            () => new Asker(index, rows, cellOf),
            (query, _, asker) =>
            {
                ranks[query] = asker.Ask((int)((long)query * rows.Count / queries));
                return asker;
            },
            static _ => { });
        List<RecallPoint> points = [];
        foreach (int neighbours in Numbers)
        {
            if (neighbours < rows.Count)
                AddCurve(points, ranks, neighbours, index.CellCount);
        }
        return [.. points];
    }

    private static void AddCurve(List<RecallPoint> points, int[][] ranks, int neighbours, int cellCount)
    {
        int[] hits = new int[cellCount + 1]; // in exactly so many cells
        long all = 0;
        foreach (int[] own in ranks)
        {
            int counted = Math.Min(neighbours, own.Length);
            for (int i = 0; i < counted; i++)
                hits[own[i] + 1]++;
            all += counted;
        }
        long found = 0;
        double next = 1;
        for (int cells = 1; cells < cellCount; cells++)
        {
            found += hits[cells];
            if (cells < next)
                continue;
            points.Add(new RecallPoint(neighbours, cells, (float)((double)found / all)));
            next = Math.Max(cells + 1, cells * Ratio);
        }
    }

    private static int[] CellOf(CellIndex index)
    {
        int[] cellOf = new int[index.RowCount];
        for (int cell = 0; cell < index.CellCount; cell++)
        {
            CellPlaces places = index.PlacesOf(cell);
            for (int place = places.First; place < places.First + places.Count; place++)
                cellOf[index.Position(place)] = cell;
        }
        index.StayAlive();
        return cellOf;
    }

    private sealed class Asker(CellIndex index, IVectorSource rows, int[] cellOf)
    {
        private readonly CellSearch _search = new();
        private readonly TopK _nearest = new(Numbers[^1]);
        private readonly float[] _query = new float[rows.Dimensions], _row = new float[rows.Dimensions];

        internal int[] Ask(int row)
        {
            rows.Read(row, _query);
            _nearest.Clear();
            CellQuery query = new(index, _query);
            SearchEffort all = new(index.CellCount, 1.5f, (2 * Numbers[^1]) + 10);
            foreach (int found in _search.Run(index, query, all, default))
            {
                rows.Read(found, _row);
                if (found != row)
                    _nearest.Offer(Distances.Between(index.Metric, _query, _row), found);
            }
            ReadOnlySpan<(double Distance, long Row)> sorted = _nearest.Sorted();
            int[] ranks = new int[sorted.Length];
            for (int i = 0; i < ranks.Length; i++)
                ranks[i] = _search.RankOf(cellOf[(int)sorted[i].Row]);
            return ranks;
        }
    }
}
