using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Data;

namespace VecSQL.Bench.Recall.Curves;

/// <summary>Measures contestants: recall once, speed round by round in turn, so that a noisy machine is noisy for all.</summary>
/// <param name="RoundTime">For one effort and number of workers.</param>
internal sealed record CurveRun(DataSet Data, GroundTruth Truth, int Rounds, TimeSpan RoundTime, TextWriter Progress)
{
    /// <summary>More effort than reaches this is not measured.</summary>
    private const double RecallEnough = 0.9985;

    public IReadOnlyList<Curve> Measure(IReadOnlyList<IContestant> contestants)
    {
        List<Measured> all = [];
        try
        {
            foreach (IContestant contestant in contestants)
                all.Add(Open(contestant));
            int efforts = all.Max(measured => measured.Recalls.Count);
            for (int round = 0; round < Rounds; round++)
            {
                for (int effort = 0; effort < efforts; effort++)
                {
                    foreach (Measured measured in all.Where(measured => effort < measured.Recalls.Count))
                        MeasureRound(measured, effort);
                }
                Progress.WriteLine($"round {round + 1} of {Rounds} done");
            }
            return [.. all.SelectMany(measured => measured.Curves())];
        }
        finally
        {
            foreach (IWorker worker in all.SelectMany(measured => measured.Workers))
                worker.Dispose();
        }
    }

    private Measured Open(IContestant contestant)
    {
        Measured measured = new(contestant,
            [.. Enumerable.Range(0, contestant.WorkerCounts.Max()).Select(_ => contestant.OpenWorker())]);
        IWorker first = measured.Workers[0];
        for (int effort = 0; effort < contestant.Efforts.Count; effort++)
        {
            first.SetEffort(effort);
            double sum = 0;
            for (int query = 0; query < Data.Queries.Count; query++)
                sum += Truth.RecallOf(query, first.Ask(query));
            measured.Recalls.Add(sum / Data.Queries.Count);
            Progress.WriteLine($"{contestant.Name}, {contestant.Efforts[effort]}: recall {measured.Recalls[^1]:F4}");
            if (measured.Recalls[^1] >= RecallEnough)
                break;
        }
        return measured;
    }

    private void MeasureRound(Measured measured, int effort)
    {
        foreach (IWorker worker in measured.Workers)
            worker.SetEffort(effort);
        foreach (int count in measured.Contestant.WorkerCounts)
        {
            int step = Data.Queries.Count / count; // workers ask different queries at a time
            Action<int>[] work = [.. measured.Workers.Take(count).Select((worker, number) =>
                (Action<int>)(i => worker.Ask(((number * step) + i) % Data.Queries.Count)))];
            measured.Speeds(count, effort).Add(ClosedLoop.Run(work, RoundTime));
        }
    }

    private sealed class Measured(IContestant contestant, IReadOnlyList<IWorker> workers)
    {
        private readonly Dictionary<(int Workers, int Effort), List<Throughput>> _speeds = [];

        public IContestant Contestant => contestant;

        public IReadOnlyList<IWorker> Workers => workers;

        /// <summary>One an effort.</summary>
        public List<double> Recalls { get; } = [];

        public List<Throughput> Speeds(int count, int effort)
        {
            if (!_speeds.TryGetValue((count, effort), out List<Throughput>? rounds))
                _speeds.Add((count, effort), rounds = []);
            return rounds;
        }

        public IEnumerable<Curve> Curves() => contestant.WorkerCounts.Select(count => new Curve(
            contestant.Name, count, contestant.WorkerWord,
            [.. Recalls.Select((recall, effort) => new CurvePoint(
                contestant.Efforts[effort], recall, Throughput.MedianOf(Speeds(count, effort))))]));
    }
}
