using System.Diagnostics;
using System.Globalization;
using VecSQL.Cluster.Replication;
using VecSQL.Simulation.Tests.Checks;
using Xunit.Abstractions;

namespace VecSQL.Simulation.Tests;

/// <summary>Whole clusters of the real protocol code under faults, each run a function of its seed.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int EventsMin = 6000, BugSeedsMax = 2000;

    public static TheoryData<string> Bugs => [.. Enum.GetNames<PlantedBug>().Where(name => name != nameof(PlantedBug.None))];

    /// <summary>Seeds to run: a count, or FIRST-LAST.</summary>
    private static string Seeds => Environment.GetEnvironmentVariable("VECSQL_SIMULATION_SEEDS") ?? "2000";

    [Fact]
    public void Seeds_run_without_a_violation()
    {
        int[] ends = [.. Seeds.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
        (int first, int last) = ends.Length > 1 ? (ends[0], ends[1]) : (1, ends[0]);
        Stopwatch time = Stopwatch.StartNew();
        Tally tally = new();
        List<string> violations = SeedRuns.Run(first, last, violationsMax: 5, seed =>
            Run(seed, PlantedBug.None, tally) is not { } violation ? null
                : $"seed {seed}: {violation}\nVECSQL_SIMULATION_SEEDS={seed}-{seed} dotnet test tests/simulation -c Release --filter Seeds");
        Report($"seeds {first} to {last}: {tally}, {time.Elapsed.TotalSeconds:F1} s\n{string.Join("\n\n", violations)}");
        Assert.True(violations.Count == 0, string.Join("\n\n", violations));
    }

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_planted_bug_is_found(string name)
    {
        PlantedBug bug = Enum.Parse<PlantedBug>(name);
        Stopwatch time = Stopwatch.StartNew();
        Tally tally = new();
        List<string> violations = SeedRuns.Run(1, BugSeedsMax, violationsMax: 1, seed =>
            Run(seed, bug, tally) is not { } violation ? null : $"in seed {seed}: {violation}");
        Report($"{name}: {tally}, {time.Elapsed.TotalSeconds:F1} s, {violations.FirstOrDefault() ?? "not found"}");
        Assert.NotEmpty(violations);
    }

    [Fact]
    public void A_replica_that_holds_something_else_is_noticed_and_copied_anew()
    {
        int noticed = 0;
        List<string> violations = SeedRuns.Run(1, 40, violationsMax: 1, seed =>
        {
            Cluster cluster = new(seed, PlantedBug.None) { HasFaults = false };
            cluster.Loop.After(4 * World.EventLoop.Second, cluster.Faults.Damage);
            Judge judge = cluster.Run(EventsMin);
            if (judge.Differing.Count > 0)
                Interlocked.Increment(ref noticed);
            return judge.Differing.Count > 0 ? judge.Violation : null; // what nobody compared may stay as it is
        });
        Assert.Empty(violations);
        Assert.True(noticed > 3, $"{noticed} were noticed");
    }

    [Fact]
    public void A_seed_repeats_its_run()
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            ulong[] traces = new ulong[2];
            for (int run = 0; run < traces.Length; run++)
            {
                SeedRuns.Run(seed, seed, 1, _ =>
                {
                    Cluster cluster = new(seed, PlantedBug.None);
                    cluster.Run(EventsMin);
                    traces[run] = cluster.Loop.Trace;
                    return null;
                });
            }
            Assert.Equal(traces[0], traces[1]);
        }
    }

    private static string? Run(int seed, PlantedBug bug, Tally tally)
    {
        using StreamWriter? story = Environment.GetEnvironmentVariable("VECSQL_SIMULATION_STORY") is { } file ? new StreamWriter(file) : null;
        Cluster cluster = new(seed, bug) { Story = story };
        Judge judge = cluster.Run(EventsMin);
        tally.Add(cluster, judge);
        return judge.Violation;
    }

    private void Report(string line)
    {
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable("VECSQL_SIMULATION_REPORT") is { } report)
            File.AppendAllText(report, line + "\n");
    }

    private sealed class Tally
    {
        private long _seeds, _events, _writes, _reads, _terms, _disks, _restored, _resigned, _moved, _deleted, _elsewhere, _past;

        public void Add(Cluster cluster, Judge judge)
        {
            Interlocked.Increment(ref _seeds);
            Interlocked.Add(ref _events, cluster.Loop.Count);
            Interlocked.Add(ref _writes, judge.Acknowledged);
            Interlocked.Add(ref _reads, judge.Reads);
            Interlocked.Add(ref _elsewhere, judge.ReadsElsewhere);
            Interlocked.Add(ref _past, judge.ReadsInPast);
            Interlocked.Add(ref _terms, judge.Failovers);
            Interlocked.Add(ref _moved, judge.Moved);
            Interlocked.Add(ref _deleted, judge.Deletions);
            Interlocked.Add(ref _resigned, judge.Resignations);
            Interlocked.Add(ref _disks, cluster.Faults.HasLostDisk ? 1 : 0);
            Interlocked.Add(ref _restored, cluster.Metadata.IsRestored ? 1 : 0);
        }

        public override string ToString() => $"{_seeds} seeds, {_events} events, {_writes} acknowledged writes, {_reads} strong reads " +
            $"({_elsewhere} not at primaries, {_past} at moments before), {_terms} terms, " +
            $"{_resigned} resignations, {_moved} moves, {_deleted} replicas deleted, {_disks} disks lost, {_restored} older backups";
    }
}
