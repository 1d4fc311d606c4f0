using System.Diagnostics;
using VecSQL.Bench.Recall.Data;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Bench.Recall.Curves;

/// <summary>VecSQL's cell index in this process, without a server: what storage builds for a segment, and how a query asks it.</summary>
/// <param name="reach">As in <see cref="SearchEffort"/>.</param>
/// <param name="candidates">Rows that exact distances are computed of.</param>
internal sealed class CellsContestant(
    DataSet data, int wanted, IReadOnlyList<int> threadCounts, float reach, int candidates) : IContestant
{
    private readonly List<int> _cells = [];
    private CellIndex? _index;

    public string Name => "VecSQL in process";

    public string WorkerWord => "thread";

    public IReadOnlyList<int> WorkerCounts => threadCounts;

    public IReadOnlyList<string> Efforts => [.. _cells.Select(cells => $"{cells} cells")];

    public Task<IReadOnlyList<BuildFigure>> BuildAsync(CancellationToken cancellation)
    {
        Source rows = new(data.Rows);
        int[] positions = [.. Enumerable.Range(0, rows.Count)];
        PhaseClock clock = new();
        CellIndexImage built = CellIndexBuilder.Build(rows, positions, new CellIndexOptions(data.Metric, Seed: 1), threadCounts.Max(),
            cancellation, new CellBuildProgress { PhaseBegan = phase => clock.Next(phase.ToString()) });
        List<BuildFigure> figures = [.. clock.End("build")];
        _index = new CellIndex(built);
        long bytes = built.Parts.Values.Sum(part => (long)part.Length);
        figures.Add(new BuildFigure("cells", $"{built.CellCount:N0}"));
        figures.Add(new BuildFigure("index", $"{(double)bytes / rows.Count:F0} bytes a vector, {(double)bytes / (rows.Count * 4L * rows.Dimensions):P0} of the vectors"));
        for (double cells = 2; cells < built.CellCount; cells *= Math.Sqrt(2))
            _cells.Add((int)Math.Round(cells));
        return Task.FromResult<IReadOnlyList<BuildFigure>>(figures);
    }

    public IWorker OpenWorker() => new Worker(
        data, _index ?? throw new InvalidOperationException("the index is not built"), wanted, _cells, reach, candidates);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Takes time and the processors' time by phases.</summary>
    private sealed class PhaseClock
    {
        private readonly List<(string Phase, TimeSpan Wall, TimeSpan Processors)> _starts = [("", Stopwatch.GetElapsedTime(0), Environment.CpuUsage.TotalTime)];

        public void Next(string phase) => _starts.Add((phase, Stopwatch.GetElapsedTime(0), Environment.CpuUsage.TotalTime));

        public IEnumerable<BuildFigure> End(string whole)
        {
            Next("");
            yield return Between(whole, 0, _starts.Count - 1);
            for (int i = 1; i < _starts.Count - 1; i++)
                yield return Between($"of which {_starts[i].Phase.ToLowerInvariant()}", i, i + 1);
        }

        private BuildFigure Between(string what, int first, int last) => new(what,
            $"{(_starts[last].Wall - _starts[first].Wall).TotalSeconds:F2} s, " +
            $"{(_starts[last].Processors - _starts[first].Processors).TotalSeconds:F2} s of processors");
    }

    private sealed class Source(VectorSet rows) : IVectorSource
    {
        public int Dimensions => rows.Dimensions;

        public int Count => rows.Count;

        public void Read(int first, Span<float> target) =>
            rows.Values.AsSpan(first * Dimensions, target.Length).CopyTo(target);
    }

    private sealed class Worker(
        DataSet data, CellIndex index, int wanted, List<int> cells, float reach, int candidates) : IWorker
    {
        private readonly CellSearch _search = new();
        private readonly TopK _nearest = new(wanted);
        private readonly int[] _found = new int[wanted];
        private SearchEffort _effort;

        public void SetEffort(int effort) => _effort = new SearchEffort(cells[effort], reach, candidates);

        public ReadOnlySpan<int> Ask(int query)
        {
            ReadOnlySpan<float> vector = data.Queries[query];
            _nearest.Clear();
            foreach (int row in _search.Run(index, new CellQuery(index, vector), _effort, filter: null))
                _nearest.Offer(Distances.Between(data.Metric, vector, data.Rows[row]), row);
            ReadOnlySpan<(double Distance, long Row)> sorted = _nearest.Sorted();
            for (int i = 0; i < sorted.Length; i++)
                _found[i] = (int)sorted[i].Row;
            return _found.AsSpan(0, sorted.Length);
        }

        public void Dispose()
        {
        }
    }
}
