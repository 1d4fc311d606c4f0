namespace VecSQL.Kit;

/// <summary>Processes whose clock is off (faketime(1)): that of the time of day, not that which measures how long something takes.</summary>
public static class WrongClock
{
    private static readonly string? Library =
        Directory.Exists("/usr/lib") ? Directory.EnumerateFiles("/usr/lib", "libfaketime.so.1", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 })
            .FirstOrDefault() : null;

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? WhyMissing => Library is null ? "faketime is not on this machine; ./test installs it" : null;

    /// <summary>What a process is started with whose clock is so far ahead.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Ahead(TimeSpan ahead) =>
    [
        new("LD_PRELOAD", Library ?? throw new InvalidOperationException(WhyMissing)), new("FAKETIME", $"{ahead.TotalSeconds:+0;-0}"), new("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
}
