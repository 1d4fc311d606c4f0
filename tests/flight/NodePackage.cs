using VecSQL.Kit;

namespace VecSQL.Flight.Tests;

/// <summary>Packages of npm's that the test command installs into <c>build/node</c>; tests that need one say so where it is missing.</summary>
internal static class NodePackage
{
    public const string Grpc = "@grpc/grpc-js", Arrow = "apache-arrow", FlightSql = "@lakehouse-rs/flight-sql-client", Zstd = "fzstd";

    private static string Folder => Path.Combine(Programs.RepositoryRoot, "build", "node", "node_modules");

    /// <summary>Runs a script of <c>tests/flight/node</c> to its end.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string script, params IEnumerable<string> arguments)
    {
        string path = Path.Combine(Programs.RepositoryRoot, "tests", "flight", "node", script);
        ProgramResult result = await Programs.RunAsync("node", [path, .. arguments],
            environment: new Dictionary<string, string> { ["NODE_PATH"] = Folder });
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        return result.Output;
    }

    /// <summary>A sentence for a test that cannot run here; null where it can.</summary>
    public static string? WhyMissing(params IEnumerable<string> packages)
    {
        string[] missing = [.. packages.Where(package => !Directory.Exists(Path.Combine(Folder, package)))];
        return missing.Length == 0 ? null : $"{string.Join(" and ", missing)} is not on this machine";
    }
}

/// <summary>A test that is skipped where a package is missing.</summary>
internal sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute(params string[] packages) => Skip = NodePackage.WhyMissing(packages);
}
