using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Cells;

/// <summary>Measures an index's recall on rows of its own, at rising effort.</summary>
/// <remarks>
/// A row is no neighbour of its own. What is true is found by the same index with all its cells and many candidates, which
/// misses about one neighbour in a thousand, in a hundredth of the time that measuring all rows would take.
/// Threads: queries are spread over threads and their hits added, so the curve does not hang on how many there are.
/// </remarks>
internal static class RecallMeter
{
    private const int Queries = 128, Candidates = 2 * RecallCurve.Neighbours, TrueCandidates = 8 * RecallCurve.Neighbours;

    /// <param name="index">Its positions are numbers of the source's rows.</param>
    internal static RecallPoint[] Measure(CellIndex index, IVectorSource rows, int threads, CancellationToken cancellation)
    {
        List<int> efforts = [];
        for (int cells = 2; cells < index.CellCount; cells *= 2)
            efforts.Add(cells);
        int queries = Math.Min(Queries, rows.Count);
        int[,] hits = new int[queries, efforts.Count];
        Parallel.For(0, queries,
            new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
            () => new Asker(index, rows),
            (query, _, asker) =>
            {
                int row = (int)((long)query * rows.Count / queries);
                HashSet<int> nearest = [.. asker.Ask(row, new SearchEffort(index.CellCount, 2, TrueCandidates))];
                for (int i = 0; i < efforts.Count; i++)
                {
                    foreach (int found in asker.Ask(row, new SearchEffort(efforts[i], 1, Candidates)))
                        hits[query, i] += nearest.Contains(found) ? 1 : 0;
                }
                return asker;
            },
            static _ => { });
        RecallPoint[] points = new RecallPoint[efforts.Count];
        for (int i = 0; i < points.Length; i++)
        {
            int sum = 0;
            for (int query = 0; query < queries; query++)
                sum += hits[query, i];
            points[i] = new RecallPoint(efforts[i], (float)sum / (queries * Math.Min(RecallCurve.Neighbours, rows.Count - 1)));
        }
        return points;
    }

    private sealed class Asker(CellIndex index, IVectorSource rows)
    {
        private readonly CellSearch _search = new();
        private readonly TopK _nearest = new(RecallCurve.Neighbours);
        private readonly float[] _query = new float[rows.Dimensions], _row = new float[rows.Dimensions];

        internal int[] Ask(int row, SearchEffort effort)
        {
            rows.Read(row, _query);
            _nearest.Clear();
            foreach (int found in _search.Run(index, new CellQuery(index, _query), effort, default))
            {
                rows.Read(found, _row);
                if (found != row)
                    _nearest.Offer(Distances.Between(index.Metric, _query, _row), found);
            }
            ReadOnlySpan<(double Distance, long Row)> sorted = _nearest.Sorted();
            int[] numbers = new int[sorted.Length];
            for (int i = 0; i < numbers.Length; i++)
                numbers[i] = (int)sorted[i].Row;
            return numbers;
        }
    }
}
