namespace VecSQL.Storage.Files;

/// <summary>What goes wrong in a <see cref="FaultyFileSystem"/>, and how often. The default is a disk that never
/// fails.</summary>
/// <remarks>Chances are from 0 to 1. With one seed and one order of calls, the same calls fail.</remarks>
public sealed record FaultPlan
{
    public int Seed { get; init; } = 1;

    /// <summary>Chance that a write puts only a part of its bytes into the file and then fails (58030).</summary>
    public double ShortWrites { get; init; }

    /// <summary>Chance that a flush fails; the bytes it should have kept are then lost in a crash unless written
    /// again.</summary>
    public double FlushErrors { get; init; }

    /// <summary>Chance that a read fails.</summary>
    public double ReadErrors { get; init; }

    /// <summary>Bytes that the disk holds; a write beyond it puts what fits into the file and fails (53100).</summary>
    public long CapacityBytes { get; init; } = long.MaxValue;

    /// <summary>The machine stops at this mutating call, counted from 0, and every call after it fails.</summary>
    public long CrashAtCall { get; init; } = long.MaxValue;
}

/// <summary>The simulated machine has stopped; nothing reaches the disk any more until it restarts.</summary>
public sealed class SimulatedCrashException() : Exception("the simulated machine has stopped");
