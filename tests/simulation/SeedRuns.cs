namespace VecSQL.Simulation.Tests;

/// <summary>Runs seeds side by side, each on one thread.</summary>
internal static class SeedRuns
{
    /// <param name="run">Says what was wrong with a seed, or null.</param>
    /// <param name="violationsMax">After so many no further seed is begun.</param>
    public static List<string> Run(int first, int last, int violationsMax, Func<int, string?> run)
    {
        SortedDictionary<int, string> violations = [];
        int next = first - 1;
        // Threads of their own: the test framework's context would have continuations go another way, and wait for those that never come.
        Thread[] threads = [.. Enumerable.Range(0, Math.Min(Environment.ProcessorCount, last - first + 1)).Select(_ => new Thread(RunSome))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        return [.. violations.Values];

        void RunSome()
        {
            while (Volatile.Read(ref next) < last)
            {
                lock (violations)
                {
                    if (violations.Count >= violationsMax)
                        return;
                }
                int seed = Interlocked.Increment(ref next);
                if (seed > last)
                    return;
                string? violation;
                try
                {
                    violation = run(seed);
                }
                catch (Exception error) // whatever it is, it is the seed's
                {
                    violation = $"seed {seed}: {error}";
                }
                if (violation is not null)
                {
                    lock (violations)
                        violations.Add(seed, violation);
                }
            }
        }
    }
}
