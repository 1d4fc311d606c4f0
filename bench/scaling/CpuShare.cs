using System.Globalization;

namespace VecSQL.Bench.Scaling;

/// <summary>Limits a process to a share of a processor, by a control group of its own: of version 2 or 1, whichever there is. It takes root.</summary>
internal sealed class CpuShare : IDisposable
{
    private const string Root = "/sys/fs/cgroup", Root1 = "/sys/fs/cgroup/cpu";

    private const int PeriodMicroseconds = 20_000;

    private readonly string? _folder;

    /// <exception cref="IOException">There are control groups, and this one cannot be made.</exception>
    internal CpuShare(int process, double share)
    {
        if (Version is not { } version)
            return;
        string quota = ((int)(PeriodMicroseconds * share)).ToString(CultureInfo.InvariantCulture);
        _folder = Path.Combine(version == 2 ? Root : Root1, $"vecsql-bench-{process}");
        Directory.CreateDirectory(_folder);
        if (version == 2)
        {
            File.WriteAllText(Path.Combine(_folder, "cpu.max"), $"{quota} {PeriodMicroseconds}");
        }
        else
        {
            File.WriteAllText(Path.Combine(_folder, "cpu.cfs_period_us"), PeriodMicroseconds.ToString(CultureInfo.InvariantCulture));
            File.WriteAllText(Path.Combine(_folder, "cpu.cfs_quota_us"), quota);
        }
        File.WriteAllText(Path.Combine(_folder, "cgroup.procs"), process.ToString(CultureInfo.InvariantCulture));
    }

    private static int? Version => !Environment.IsPrivilegedProcess ? null
        : File.Exists(Path.Combine(Root, "cgroup.controllers")) && File.ReadAllText(Path.Combine(Root, "cgroup.controllers")).Contains("cpu", StringComparison.Ordinal) ? 2
        : File.Exists(Path.Combine(Root1, "cpu.cfs_quota_us")) ? 1 : null;

    internal static string Describe(double share) => Version is { } version
        ? string.Create(CultureInfo.InvariantCulture, $"each node has {share:F2} of a processor (control groups, version {version}); etcd and the clients have what is left")
        : "nodes are not limited: that takes root and control groups";

    /// <summary>Ends the limit of a process that has ended.</summary>
    public void Dispose()
    {
        if (_folder is not null && Directory.Exists(_folder))
            Directory.Delete(_folder);
    }
}
