using System.Diagnostics;
using System.Text.RegularExpressions;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>psql with a script of a person's work, and interrupted.</summary>
[Collection(ServerCollection.Name)]
public sealed partial class PsqlTests(ServerFixture node)
{
    private static readonly string Folder = Path.Combine(Programs.RepositoryRoot, "tests", "clients", "psql");

    [ClientFact(ForeignClients.Psql)]
    public async Task A_script_prints_what_it_prints_on_postgresql()
    {
        // Through a shell, so that output and errors keep their order.
        ProgramResult result = await Programs.RunAsync("sh",
            ["-c", "exec psql -X -h 127.0.0.1 -p \"$1\" -U vecsql vecsql -f \"$2\" 2>&1", "sh",
            node.Server.Port.ToString(), Path.Combine(Folder, "script.sql")]);
        string output = Places().Replace(result.Output, "");
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Folder, "script.out")), output);
    }

    [ClientFact(ForeignClients.Psql)]
    public async Task Control_c_cancels_the_statement()
    {
        using Process psql = Programs.Start("psql",
            ["-X", "-h", "127.0.0.1", "-p", node.Server.Port.ToString(), "-U", "vecsql", "vecsql", "-c",
            "SELECT 'started'", "-c", "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r"]);
        while (await psql.StandardOutput.ReadLineAsync() is { } line && !line.Contains("(1 row)", StringComparison.Ordinal))
        {
        }
        Task<string> error = psql.StandardError.ReadToEndAsync();
        while (!error.IsCompleted) // psql may not have begun the statement when the first signal comes
        {
            using (Process kill = Process.Start("kill", ["-INT", psql.Id.ToString()]))
                await kill.WaitForExitAsync();
            await Task.WhenAny(error, Task.Delay(200));
        }
        Assert.Contains("canceling statement due to user request", await error, StringComparison.Ordinal);
        await psql.WaitForExitAsync();
        Assert.Equal(1, psql.ExitCode);
    }

    /// <summary>What verbose psql puts before an error, and where in PostgreSQL's sources it was raised.</summary>
    [GeneratedRegex(@"^psql:[^ ]*:\d+: |^LOCATION:.*\n", RegexOptions.Multiline)]
    private static partial Regex Places();
}
