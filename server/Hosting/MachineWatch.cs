namespace VecSQL.Server.Hosting;

/// <summary>How the machine and the node's process are getting on.</summary>
/// <remarks>Threads: any.</remarks>
/// <param name="directory">Of the data: its disk is looked at.</param>
internal sealed class MachineWatch(string directory, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long _lookedAt = time.GetTimestamp();
    private TimeSpan _used = Environment.CpuUsage.TotalTime;
    private double _cpu;

    /// <summary>Share of all processors that the process used of late, 0 to 1.</summary>
    public double Cpu
    {
        get
        {
            lock (_gate)
            {
                TimeSpan elapsed = time.GetElapsedTime(_lookedAt);
                if (elapsed < Period)
                    return _cpu;
                TimeSpan used = Environment.CpuUsage.TotalTime;
                _cpu = Math.Clamp((used - _used) / elapsed / Environment.ProcessorCount, 0, 1);
                (_used, _lookedAt) = (used, time.GetTimestamp());
                return _cpu;
            }
        }
    }

    public static long MemoryBytes => Environment.WorkingSet;

    /// <summary>What the process may use.</summary>
    public static long MemoryBytesMax => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Free and total bytes of the disk; 0 where the system does not say.</summary>
    public (long Free, long Total) Disk
    {
        get
        {
            try
            {
                DriveInfo drive = new(directory);
                return (drive.AvailableFreeSpace, drive.TotalSize);
            }
            catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return default;
            }
        }
    }
}
