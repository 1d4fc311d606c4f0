using System.Diagnostics;

namespace VecSQL.Bench.Kit;

/// <summary>Work done in a time.</summary>
/// <param name="PerSecond">Of all workers together.</param>
/// <param name="MedianMilliseconds">Of one piece of work.</param>
/// <param name="LateMilliseconds">That 95 of 100 pieces take at most.</param>
/// <param name="SlowMilliseconds">That 99 of 100 pieces take at most.</param>
/// <param name="OwnMicroseconds">Of processors' time that this process took for a piece: all there is to it where the work is done
/// here, else the client's part.</param>
public readonly record struct Throughput(
    double PerSecond, double MedianMilliseconds, double LateMilliseconds, double SlowMilliseconds, double OwnMicroseconds)
{
    /// <summary>Each figure's median over rounds.</summary>
    public static Throughput MedianOf(IReadOnlyList<Throughput> rounds) => new(
        Statistics.Median(rounds.Select(round => round.PerSecond)),
        Statistics.Median(rounds.Select(round => round.MedianMilliseconds)),
        Statistics.Median(rounds.Select(round => round.LateMilliseconds)),
        Statistics.Median(rounds.Select(round => round.SlowMilliseconds)),
        Statistics.Median(rounds.Select(round => round.OwnMicroseconds)));
}

/// <summary>Workers of which each begins its next piece of work when its last is done.</summary>
public static class ClosedLoop
{
    /// <param name="workers">Each is called by a thread of its own, with the numbers 0, 1, 2 …</param>
    public static Throughput Run(IReadOnlyList<Action<int>> workers, TimeSpan duration)
    {
        List<double>[] times = [.. workers.Select(_ => new List<double>(1 << 16))];
        double[] rates = new double[workers.Count];
        Exception? failure = null;
        using Barrier start = new(workers.Count);
        Thread[] threads = [.. Enumerable.Range(0, workers.Count).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                long begin = Stopwatch.GetTimestamp();
                rates[i] = Work(workers[i], () => Stopwatch.GetElapsedTime(begin) >= duration, times[i]);
            }
            catch (Exception caught)
            {
                failure = caught; // told to the caller below, who waits for all
            }
        }))];
        TimeSpan before = Environment.CpuUsage.TotalTime;
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        double own = (Environment.CpuUsage.TotalTime - before).TotalMicroseconds;
        if (failure is not null)
            throw new InvalidOperationException("a worker failed", failure);
        return Of(rates.Sum(), times.SelectMany(list => list), own);
    }

    /// <summary>One worker, on the caller's thread, until it is told to end.</summary>
    public static Throughput RunUntil(Action<int> work, CancellationToken end)
    {
        List<double> times = new(1 << 16);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        double rate = Work(work, () => end.IsCancellationRequested, times);
        double own = (Environment.CpuUsage.TotalTime - before).TotalMicroseconds;
        return Of(rate, times, own);
    }

    private static Throughput Of(double rate, IEnumerable<double> times, double ownMicroseconds)
    {
        double[] sorted = [.. times.Order()];
        return new Throughput(rate, Statistics.Quantile(sorted, 0.5), Statistics.Quantile(sorted, 0.95), Statistics.Quantile(sorted, 0.99),
            ownMicroseconds / sorted.Length);
    }

    private static double Work(Action<int> work, Func<bool> isOver, List<double> times)
    {
        long begin = Stopwatch.GetTimestamp(), before = begin;
        do
        {
            work(times.Count);
            long after = Stopwatch.GetTimestamp();
            times.Add(Stopwatch.GetElapsedTime(before, after).TotalMilliseconds);
            before = after;
        }
        while (!isOver());
        return times.Count / Stopwatch.GetElapsedTime(begin, before).TotalSeconds;
    }
}
