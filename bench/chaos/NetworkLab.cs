using System.Diagnostics;
using System.Net;
using VecSQL.Kit;

namespace VecSQL.Bench.Chaos;

/// <summary>Places with a network each, joined by a bridge, between which packets can be lost (ip-netns(8), ip-rule(8)).</summary>
internal sealed class NetworkLab : IAsyncDisposable
{
    private const int FirstHost = 11;
    private const string Inside = "VECSQL_CHAOS_INSIDE", Bridge = "bridge0", Net = "127.9.0", RouteLoopback = "net.ipv4.conf.all.route_localnet=1";

    private readonly HashSet<(int From, int To)> _cuts = [];

    private NetworkLab(string name, int count) =>
        Places = [.. Enumerable.Range(0, count).Select(i => new ProcessPlace(IPAddress.Parse($"{Net}.{FirstHost + i}"), $"{name}-{i}"))];

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? WhyMissing { get; } =
        Environment.UserName != "root" ? "only root may make networks" : !File.Exists("/usr/sbin/ip") && !File.Exists("/sbin/ip") ? "there is no ip(8) on this machine" : null;

    public ProcessPlace[] Places { get; }

    /// <summary>Runs this program with networks and mounts of its own, which go with it; null where it is in one already.</summary>
    public static async Task<int?> RunInsideAsync(string[] arguments)
    {
        if (Environment.GetEnvironmentVariable(Inside) is not null)
            return null;
        ProcessStartInfo start = new("unshare") { ArgumentList = { "--net", "--mount", "dotnet", Path.Combine(AppContext.BaseDirectory, "VecSQL.Bench.Chaos.dll") } };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment[Inside] = "1";
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("unshare did not start");
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Makes the places; their addresses are of loopback's kind, which servers let in without passwords, and yet each is of another network.</summary>
    public static async Task<NetworkLab> MakeAsync(int count)
    {
        NetworkLab lab = new($"vecsql{Environment.ProcessId}", count);
        await IpAsync("link", "set", "lo", "up");
        await IpAsync("addr", "add", "127.0.0.1/32", "dev", "lo");
        await IpAsync("addr", "del", "127.0.0.1/8", "dev", "lo");
        await Programs.DoAsync("sysctl", "-qw", RouteLoopback);
        await IpAsync("link", "add", Bridge, "type", "bridge");
        await IpAsync("addr", "add", $"{Net}.1/24", "dev", Bridge);
        await IpAsync("link", "set", Bridge, "up");
        for (int i = 0; i < count; i++)
        {
            string place = lab.Places[i].Namespace!, cable = $"cable{i}";
            await IpAsync("netns", "add", place);
            await IpAsync("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", place);
            await IpAsync("link", "set", cable, "master", Bridge, "up");
            await IpAsync("-n", place, "link", "set", "lo", "up");
            await IpAsync("-n", place, "addr", "add", "127.0.0.1/32", "dev", "lo");
            await IpAsync("-n", place, "addr", "del", "127.0.0.1/8", "dev", "lo");
            await IpAsync("netns", "exec", place, "sysctl", "-qw", RouteLoopback);
            await IpAsync("-n", place, "addr", "add", $"{lab.Places[i].Address}/24", "dev", "eth0");
            await IpAsync("-n", place, "link", "set", "eth0", "up");
            // A rule before that of local addresses can drop what comes in, silently.
            await IpAsync("-n", place, "rule", "add", "pref", "100", "lookup", "local");
            await IpAsync("-n", place, "rule", "del", "pref", "0");
        }
        return lab;
    }

    /// <summary>Loses what one place sends to another.</summary>
    public async Task CutAsync(int from, int to)
    {
        if (_cuts.Add((from, to)))
            await RuleAsync("add", from, to);
    }

    /// <summary>Loses what places of two sides send to each other.</summary>
    public async Task DivideAsync(IReadOnlyCollection<int> left, IReadOnlyCollection<int> right)
    {
        foreach (int l in left)
        {
            foreach (int r in right)
            {
                await CutAsync(l, r);
                await CutAsync(r, l);
            }
        }
    }

    /// <summary>Limits what a place can send.</summary>
    public Task SlowAsync(int place, int kilobits) =>
        TcAsync("-n", Places[place].Namespace!, "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", $"{kilobits}kbit", "burst", "16kb", "latency", "500ms");

    public Task HastenAsync(int place) => TcAsync("-n", Places[place].Namespace!, "qdisc", "del", "dev", "eth0", "root");

    /// <summary>Nothing is lost any more.</summary>
    public async Task HealAsync()
    {
        foreach ((int from, int to) in _cuts.ToArray())
        {
            await RuleAsync("del", from, to);
            _cuts.Remove((from, to));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ProcessPlace place in Places)
            await IpAsync("netns", "del", place.Namespace!);
    }

    private Task RuleAsync(string action, int from, int to) =>
        IpAsync("-n", Places[to].Namespace!, "rule", action, "pref", "10", "from", $"{Places[from].Address}/32", "blackhole");

    private static Task IpAsync(params string[] arguments) => Programs.DoAsync("ip", arguments);

    private static Task TcAsync(params string[] arguments) => Programs.DoAsync("tc", arguments);
}
