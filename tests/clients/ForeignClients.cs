using System.Collections.Concurrent;
using System.Diagnostics;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>Packages of clients that may be missing on a machine; tests that need one say so.</summary>
/// <remarks>A name is a package of Debian's in <c>needs.txt</c>, with the command that finds it, or <c>npm:</c> and one of npm's.</remarks>
internal static class ForeignClients
{
    public const string Psql = "postgresql-client", Psycopg3 = "python3-psycopg", Node = "npm:pg", Postgres = "postgresql";

    /// <summary>Debian's Python: its drivers are not in others.</summary>
    public const string Python = "/usr/bin/python3";

    private static readonly Dictionary<string, string> Checks = File
        .ReadLines(Path.Combine(Programs.RepositoryRoot, "tests", "clients", "needs.txt")).Where(line => !line.StartsWith('#'))
        .Select(line => line.Split(':', 2)).ToDictionary(parts => parts[0], parts => parts[1]);

    private static readonly ConcurrentDictionary<string, Lazy<bool>> Found = new();

    public static string NodePackages => Path.Combine(Programs.RepositoryRoot, "build", "node", "node_modules");

    /// <summary>A sentence for a test that cannot run here; null where it can.</summary>
    public static string? WhyMissing(params IEnumerable<string> packages)
    {
        string[] missing = [.. packages.Where(package => !Found.GetOrAdd(package, name => new(() => IsThere(name))).Value)];
        return missing.Length == 0 ? null : $"{string.Join(" and ", missing)} is not on this machine";
    }

    private static bool IsThere(string package) => package.StartsWith("npm:", StringComparison.Ordinal)
        ? WhyMissing("nodejs") is null && Directory.Exists(Path.Combine(NodePackages, package[4..]))
        : Succeeds(Checks[package]);

    private static bool Succeeds(string command)
    {
        using Process process = Programs.Start("sh", ["-c", $"({command}) > /dev/null 2>&1"]);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

/// <summary>A test that is skipped where a client is missing.</summary>
internal sealed class ClientFactAttribute : FactAttribute
{
    public ClientFactAttribute(params string[] packages) => Skip = ForeignClients.WhyMissing(packages);
}

/// <summary>A theory that is skipped where a client is missing.</summary>
internal sealed class ClientTheoryAttribute : TheoryAttribute
{
    public ClientTheoryAttribute(params string[] packages) => Skip = ForeignClients.WhyMissing(packages);
}
