using System.Globalization;

namespace VecSQL.Bench.Scaling;

/// <summary>Processors' time that processes have taken.</summary>
internal static class CpuClock
{
    private const int TicksPerSecond = 100; // USER_HZ, whatever the kernel's own

    /// <summary>Milliseconds so far: utime and stime of proc(5).</summary>
    internal static double Of(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) * 1000.0 / TicksPerSecond;
    }

    /// <summary>Of this process.</summary>
    internal static double Own => Environment.CpuUsage.TotalTime.TotalMilliseconds;
}
