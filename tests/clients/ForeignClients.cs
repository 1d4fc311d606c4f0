using System.Diagnostics;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>Clients that may be missing on a machine; tests that need one say so.</summary>
internal static class ForeignClients
{
    public const string Psql = "psql", Psycopg2 = "psycopg2", Psycopg3 = "psycopg 3", Node = "node-postgres", Postgres = "PostgreSQL";

    /// <summary>Debian's Python: its drivers are not in others.</summary>
    public const string Python = "/usr/bin/python3";

    private static readonly Dictionary<string, Lazy<bool>> Found = new()
    {
        [Psql] = new(() => Succeeds("psql", "--version")),
        [Psycopg2] = new(() => Succeeds(Python, "-c", "import psycopg2")),
        [Psycopg3] = new(() => Succeeds(Python, "-c", "import psycopg")),
        [Node] = new(() => Succeeds("node", "--version") && Directory.Exists(Path.Combine(NodePackages, "pg"))),
        [Postgres] = new(() => PostgresServer.ProgramFolder is not null),
    };

    public static string NodePackages => Path.Combine(Programs.RepositoryRoot, "build", "node", "node_modules");

    /// <summary>A sentence for a test that cannot run here; null where it can.</summary>
    public static string? WhyMissing(params string[] clients)
    {
        string[] missing = [.. clients.Where(client => !Found[client].Value)];
        return missing.Length == 0 ? null : $"{string.Join(" and ", missing)} is not on this machine";
    }

    private static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using Process process = Programs.Start(program, arguments);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // there is no such program
        }
    }
}

/// <summary>A test that is skipped where a client is missing.</summary>
internal sealed class ClientFactAttribute : FactAttribute
{
    public ClientFactAttribute(params string[] clients) => Skip = ForeignClients.WhyMissing(clients);
}

/// <summary>A theory that is skipped where a client is missing.</summary>
internal sealed class ClientTheoryAttribute : TheoryAttribute
{
    public ClientTheoryAttribute(params string[] clients) => Skip = ForeignClients.WhyMissing(clients);
}
