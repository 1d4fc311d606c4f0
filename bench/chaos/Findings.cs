using System.Collections.Concurrent;

namespace VecSQL.Bench.Chaos;

/// <summary>What went wrong, and what was done; told as it is found. Threads: any.</summary>
internal sealed class Findings(TextWriter output)
{
    private readonly ConcurrentDictionary<string, long> _counts = [];
    private readonly Lock _gate = new();
    private int _violations;

    public int ViolationCount => _violations;

    /// <summary>Names in their order, with how often each was counted.</summary>
    public IEnumerable<KeyValuePair<string, long>> Counts => _counts.OrderBy(static count => count.Key, StringComparer.Ordinal);

    public void Count(string what, long number = 1) => _counts.AddOrUpdate(what, number, (_, before) => before + number);

    /// <summary>Something that may never be.</summary>
    public void Violation(string what)
    {
        Interlocked.Increment(ref _violations);
        Say($"VIOLATION: {what}");
    }

    public void Say(string line)
    {
        lock (_gate)
            output.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {line}");
    }
}
