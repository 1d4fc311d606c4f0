using System.Diagnostics;
using VecSQL.Bench.Kit;

namespace VecSQL.Bench.EndToEnd;

/// <summary>A question asked of each server in turn.</summary>
/// <param name="Unit">What <see cref="Measure"/> returns, per second.</param>
/// <param name="Prepare">Loads what the measurement needs; not timed.</param>
/// <param name="Measure">One round: work done per second.</param>
internal sealed record Workload(
    string Name,
    string Unit,
    Func<Target, double, CancellationToken, Task> Prepare,
    Func<Target, double, CancellationToken, Task<double>> Measure)
{
    /// <summary>Bytes of data that each unit of work looks through at the given scale; null where that says nothing.</summary>
    public Func<double, double>? BytesScanned { get; init; }
}

/// <summary>Runs a workload on all targets, round by round in turn, so that a noisy machine is noisy for all.</summary>
internal static class Report
{
    public static async Task RunAsync(
        Workload work, Target[] targets, double scale, int rounds, TextWriter output, CancellationToken cancellation)
    {
        foreach (Target target in targets)
            await work.Prepare(target, scale, cancellation);
        double[][] figures = targets.Select(_ => new double[rounds]).ToArray();
        double[] bandwidths = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < targets.Length; i++)
                figures[i][round] = await work.Measure(targets[i], scale, cancellation);
            if (work.BytesScanned is not null)
                bandwidths[round] = Machine.ReadBandwidth(Environment.ProcessorCount);
        }
        double reference = Statistics.Median(figures[^1]);
        for (int i = 0; i < targets.Length; i++)
        {
            string ratio = i < targets.Length - 1 ? $"{Statistics.Median(figures[i]) / reference,8:F2}x" : "";
            await output.WriteLineAsync($"{work.Name,-14} {targets[i].Name,-12} median {Statistics.Median(figures[i]),14:N1} {work.Unit,-10} " +
                $"min {figures[i].Min(),14:N1} max {figures[i].Max(),14:N1} {ratio}");
            if (work.BytesScanned is { } bytesScanned)
            {
                double bytes = bytesScanned(scale), shares = Statistics.Median([.. figures[i].Select((rate, round) => rate * bytes / 1e9 / bandwidths[round])]);
                await output.WriteLineAsync($"{work.Name,-14} {targets[i].Name,-12} over   {Statistics.Median(figures[i]) * bytes / 1e9,14:N1} GB/s of data, " +
                    $"{shares,6:P0} of the read bandwidth measured after each round (median {Statistics.Median(bandwidths):N1} GB/s)");
            }
        }
    }

    /// <summary>Work per second of an action that does <paramref name="count"/> units.</summary>
    public static async Task<double> RateAsync(double count, Func<Task> action)
    {
        Stopwatch clock = Stopwatch.StartNew();
        await action();
        return count / clock.Elapsed.TotalSeconds;
    }
}
