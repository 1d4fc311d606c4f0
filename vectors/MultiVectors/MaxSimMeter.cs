using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.MultiVectors;

/// <summary>Measures how many cells and candidates find an index's nearest rows.</summary>
/// <remarks>
/// Some rows, by some of their vectors, are the queries; a row is no neighbour of its own. What is true is found by looking at all rows.
/// Where the true neighbours come among the candidates, after a search in so many cells, says how many candidates a recall takes. More
/// cells are tried as long as the candidates that they may save cost more than they do.
/// Cost:    about that of assigning the vectors to their cells.
/// Threads: queries are spread over threads, and what they find does not hang on how many there are.
/// </remarks>
internal sealed class MaxSimMeter
{
    /// <summary>So many queries at once are held against all rows.</summary>
    private const int Together = 8;

    private const int Queries = 128, CandidatesMax = 1000;

    private static readonly int[] Neighbours = [1, RecallCurve.Neighbours, 30, 100], Cells = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128];

    private static readonly float[] Recalls =
        [0.8f, 0.85f, 0.9f, 0.92f, 0.935f, 0.95f, 0.96f, 0.97f, 0.9775f, 0.985f, 0.99f, 0.9935f, 0.9965f, 0.998f];

    private readonly MaxSimIndex _index;
    private readonly IVectorSource _vectors;
    private readonly ParallelOptions _options;
    private readonly int[] _starts, _rows; // where each row's vectors begin, and the end; and its position

    private MaxSimMeter(MaxSimIndex index, IVectorSource vectors, ReadOnlySpan<int> positions, ParallelOptions options)
    {
        (_index, _vectors, _options) = (index, vectors, options);
        (_starts, _rows) = (new int[index.RowCount + 1], new int[index.RowCount]);
        int next = 0;
        for (int i = 0; i < positions.Length; i++)
        {
            if (i == 0 || positions[i] != positions[i - 1])
                (_starts[next], _rows[next++]) = (i, positions[i]);
        }
        _starts[next] = positions.Length;
    }

    internal static MaxSimPoint[] Measure(
        MaxSimIndex index, IVectorSource vectors, ReadOnlySpan<int> positions, int threads, CancellationToken cancellation)
    {
        ParallelOptions options = new()
        {
            MaxDegreeOfParallelism = threads, CancellationToken = cancellation, TaskScheduler = TaskScheduler.Current,
        };
        return new MaxSimMeter(index, vectors, positions, options).Measure();
    }

    private MaxSimPoint[] Measure()
    {
        int rows = _index.RowCount;
        var asked = new Asked[Math.Min(Queries, rows)];
        Parallel.For(0, (asked.Length + Together - 1) / Together, _options, static () => Array.Empty<float>(), (group, _, scratch) =>
        {
            int first = group * Together, count = Math.Min(Together, asked.Length - first);
            int[] queries = new int[count];
            for (int i = 0; i < count; i++)
                queries[i] = (int)((long)(first + i) * rows / asked.Length);
            Ask(queries, asked.AsSpan(first, count), ref scratch);
            return scratch;
        }, static _ => { });
        int[] neighbours = Array.FindAll(Neighbours, count => count < rows), cells = Array.FindAll(Cells, count => count < _index.CellCount);
        List<MaxSimPoint> points = [];
        for (int level = 0; level < cells.Length; level++)
        {
            var ranks = new int[asked.Length][];
            Parallel.For(0, asked.Length, _options, static () => new MaxSimSearch(), (query, _, search) =>
            {
                ranks[query] = Ranks(asked[query], cells[level], search);
                return search;
            }, static _ => { });
            foreach (int count in neighbours)
                AddPoints(points, ranks, count, cells[level]);
            if (level + 1 < cells.Length && points.Count > 0 && points[^1] is { Recall: var recall, Candidates: var candidates }
                && recall == Recalls[^1] && points[^1].Cells == cells[level]
                && _index.Efforts.CostOf(new MaxSimEffort(cells[level + 1] - cells[level], 0)) > candidates)
                break;
        }
        points.Sort(static (x, y) => (x.Neighbours, x.Cells, x.Recall).CompareTo((y.Neighbours, y.Cells, y.Recall)));
        return [.. points];
    }

    private static void AddPoints(List<MaxSimPoint> points, int[][] ranks, int neighbours, int cells)
    {
        List<int> all = [];
        foreach (int[] own in ranks)
            all.AddRange(own.AsSpan(0, Math.Min(neighbours, own.Length)));
        all.Sort();
        foreach (float recall in all.Count == 0 ? [] : Recalls)
        {
            int rank = all[(int)Math.Ceiling(recall * all.Count) - 1];
            if (rank < CandidatesMax)
                points.Add(new MaxSimPoint(neighbours, cells, recall, Math.Max(rank + 1, neighbours)));
        }
    }

    /// <param name="rows">That are the queries.</param>
    private void Ask(int[] rows, Span<Asked> asked, ref float[] scratch)
    {
        int d = _vectors.Dimensions;
        int[] ends = new int[rows.Length];
        for (int i = 0; i < rows.Length; i++)
            ends[i] = (i == 0 ? 0 : ends[i - 1]) + Math.Min(CountOf(rows[i]), MaxSimEfforts.QueryVectors);
        float[] queries = new float[ends[^1] * d];
        var nearest = new TopK[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            int first = i == 0 ? 0 : ends[i - 1], taken = ends[i] - first;
            for (int j = 0; j < taken; j++)
                _vectors.Read(_starts[rows[i]] + (int)((long)j * CountOf(rows[i]) / taken), queries.AsSpan((first + j) * d, d));
            nearest[i] = new TopK(Neighbours[^1]);
        }
        MaxSimQuery exact = new(queries, d);
        Span<float> distances = stackalloc float[rows.Length];
        for (int other = 0; other < _rows.Length; other++)
        {
            if ((other & 1023) == 0)
                _options.CancellationToken.ThrowIfCancellationRequested();
            exact.Distances(Read(other, ref scratch), ends, distances);
            for (int i = 0; i < rows.Length; i++)
            {
                if (other != rows[i])
                    nearest[i].Offer(distances[i], _rows[other]);
            }
        }
        for (int i = 0; i < rows.Length; i++)
        {
            int first = i == 0 ? 0 : ends[i - 1];
            var coded = new CellQuery[ends[i] - first];
            for (int j = 0; j < coded.Length; j++)
                coded[j] = new CellQuery(_index.Cells, queries.AsSpan((first + j) * d, d));
            asked[i] = new Asked(_rows[rows[i]], coded, Positions(nearest[i]));
        }
    }

    private static int[] Positions(TopK nearest)
    {
        ReadOnlySpan<(double Distance, long Row)> sorted = nearest.Sorted();
        int[] positions = new int[sorted.Length];
        for (int i = 0; i < positions.Length; i++)
            positions[i] = (int)sorted[i].Row;
        return positions;
    }

    private int CountOf(int row) => _starts[row + 1] - _starts[row];

    /// <summary>Where the neighbours come among the candidates.</summary>
    private int[] Ranks(Asked asked, int cells, MaxSimSearch search)
    {
        ReadOnlySpan<int> found = search.Run(_index, asked.Query, new MaxSimEffort(cells, CandidatesMax + 1), default);
        int own = found.IndexOf(asked.Position);
        int[] ranks = new int[asked.Neighbours.Length];
        for (int i = 0; i < ranks.Length; i++)
        {
            int rank = found.IndexOf(asked.Neighbours[i]);
            ranks[i] = rank < 0 ? int.MaxValue : rank - (own >= 0 && own < rank ? 1 : 0);
        }
        return ranks;
    }

    private Span<float> Read(int row, ref float[] scratch)
    {
        int length = CountOf(row) * _vectors.Dimensions;
        if (scratch.Length < length)
            scratch = new float[length];
        Span<float> target = scratch.AsSpan(0, length);
        _vectors.Read(_starts[row], target);
        return target;
    }

    /// <param name="Position">Of the row that is the query.</param>
    /// <param name="Neighbours">Positions of the rows nearest to it, in order.</param>
    private sealed record Asked(int Position, CellQuery[] Query, int[] Neighbours);
}
