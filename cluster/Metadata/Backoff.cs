namespace VecSQL.Cluster.Metadata;

/// <summary>How long to wait before the next try: twice as long each time, give or take some, so that those who failed together do not come back together.</summary>
/// <param name="random">Where chance comes from; its user may not share it with other threads.</param>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private int _failures;

    /// <summary>After something went well.</summary>
    public void Reset() => _failures = 0;

    /// <summary>Between half of the time and the whole.</summary>
    public TimeSpan Next()
    {
        double time = Math.Min(first.Ticks * Math.Pow(2, Math.Min(_failures++, 30)), longest.Ticks);
        return TimeSpan.FromTicks((long)(time * (0.5 + (random.NextDouble() / 2))));
    }
}
