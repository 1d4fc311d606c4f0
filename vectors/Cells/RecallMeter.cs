using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Cells;

/// <summary>Measures in which cells, nearest first, an index's rows have their nearest rows, and how far these cells are.</summary>
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
    internal static (RecallPoint[] Recall, MarginPoint[] Margins) Measure(CellIndex index, IVectorSource rows, int threads, CancellationToken cancellation)
    {
        int queries = Math.Min(Queries, rows.Count);
        int[] cellOf = CellOf(index);
        var found = new Neighbour[queries][]; // a query's, nearest first
        Parallel.For(0, queries,
            new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation, TaskScheduler = TaskScheduler.Current },
            () => new Asker(index, rows, cellOf),
            (query, _, asker) =>
            {
                found[query] = asker.Ask((int)((long)query * rows.Count / queries));
                return asker;
            },
            static _ => { });
        List<RecallPoint> points = [];
        List<MarginPoint> margins = [];
        foreach (int neighbours in Numbers)
        {
            if (neighbours >= rows.Count)
                continue;
            AddCurve(points, found, neighbours, index.CellCount);
            AddMargins(margins, found, neighbours);
        }
        // Lengths that float32 does not hold say nothing of where to stop: then searches do not.
        return ([.. points], margins.TrueForAll(static point => float.IsFinite(point.Margin)) ? [.. margins] : []);
    }

    private static void AddMargins(List<MarginPoint> points, Neighbour[][] found, int neighbours)
    {
        List<float> margins = [];
        foreach (Neighbour[] own in found)
        {
            ReadOnlySpan<Neighbour> counted = own.AsSpan(0, Math.Min(neighbours, own.Length));
            foreach (Neighbour neighbour in counted)
                margins.Add(neighbour.CellLength - counted[^1].Length);
        }
        margins.Sort();
        foreach (float recall in margins.Count == 0 ? [] : MarginCurve.Recalls)
            points.Add(new MarginPoint(neighbours, recall, margins[(int)Math.Ceiling(recall * margins.Count) - 1]));
    }

    private static void AddCurve(List<RecallPoint> points, Neighbour[][] found, int neighbours, int cellCount)
    {
        int[] hits = new int[cellCount + 1]; // in exactly so many cells
        long all = 0;
        foreach (Neighbour[] own in found)
        {
            int counted = Math.Min(neighbours, own.Length);
            for (int i = 0; i < counted; i++)
                hits[own[i].CellRank + 1]++;
            all += counted;
        }
        long reached = 0;
        double next = 1;
        for (int cells = 1; cells < cellCount; cells++)
        {
            reached += hits[cells];
            if (cells < next)
                continue;
            points.Add(new RecallPoint(neighbours, cells, (float)((double)reached / all)));
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

    /// <param name="CellRank">How many cells are nearer to the query than the row's.</param>
    /// <param name="CellLength">To its cell's centroid, as searches measure it.</param>
    private readonly record struct Neighbour(int CellRank, float CellLength, float Length);

    private sealed class Asker(CellIndex index, IVectorSource rows, int[] cellOf)
    {
        private readonly CellSearch _search = new();
        private readonly TopK _nearest = new(Numbers[^1]);
        private readonly float[] _query = new float[rows.Dimensions], _row = new float[rows.Dimensions];

        internal Neighbour[] Ask(int row)
        {
            rows.Read(row, _query);
            _nearest.Clear();
            CellQuery query = new(index, _query);
            SearchEffort all = new(index.CellCount, 1.5f, (2 * Numbers[^1]) + 10);
            foreach (int found in _search.Run(index, query, all, filter: null))
            {
                rows.Read(found, _row);
                if (found != row)
                    _nearest.Offer(Distances.Between(index.Metric, _query, _row), found);
            }
            ReadOnlySpan<(double Distance, long Row)> sorted = _nearest.Sorted();
            var neighbours = new Neighbour[sorted.Length];
            for (int i = 0; i < neighbours.Length; i++)
            {
                int cell = cellOf[(int)sorted[i].Row];
                neighbours[i] = new Neighbour(_search.RankOf(cell), _search.LengthOf(cell, query), MeasureOf(sorted[i].Distance, query));
            }
            return neighbours;
        }

        // As searches have lengths.
        private float MeasureOf(double distance, CellQuery query) => (float)(index.Metric switch
        {
            DistanceMetric.L2 => distance,
            DistanceMetric.Cosine => Math.Sqrt(2 * Math.Max(0, distance)),
            _ => query.Square > 0 ? distance / Math.Sqrt(query.Square) : 0,
        });
    }
}
