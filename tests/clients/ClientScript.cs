using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>Runs a client's script once, and keeps what each of its steps said.</summary>
/// <remarks>A script prints "ok STEP", or "not ok STEP" with indented lines after it, and "done" at its end.</remarks>
internal sealed class ClientScript(string program, string path)
{
    private readonly Lock _gate = new();
    private Task<Dictionary<string, string>>? _run;

    /// <summary>Fails as the step failed, or because the script has no such step.</summary>
    public async Task CheckAsync(ServerProcess server, string step)
    {
        Dictionary<string, string> failures = await FailuresAsync(server);
        Assert.True(failures.TryGetValue(step, out string? failure), $"{path} did not come to {step}: {failures.GetValueOrDefault("")}");
        Assert.Equal("", failure);
    }

    private Task<Dictionary<string, string>> FailuresAsync(ServerProcess server)
    {
        lock (_gate)
            return _run ??= RunAsync(server);
    }

    private async Task<Dictionary<string, string>> RunAsync(ServerProcess server)
    {
        string script = Path.Combine(Programs.RepositoryRoot, "tests", "clients", path);
        ProgramResult result = await Programs.RunAsync(program, [script], environment: new Dictionary<string, string>
        {
            ["PGPORT"] = server.Port.ToString(),
            ["VECSQL_NODE_PACKAGES"] = ForeignClients.NodePackages,
            ["NODE_NO_WARNINGS"] = "1",
            ["PYTHONDONTWRITEBYTECODE"] = "1",
        });
        Dictionary<string, string> failures = [];
        string current = "";
        foreach (string line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("ok ", StringComparison.Ordinal))
                failures[line[3..]] = "";
            else if (line.StartsWith("not ok ", StringComparison.Ordinal))
                failures[current = line[7..]] = "failed:\n";
            else if (line.StartsWith("  ", StringComparison.Ordinal))
                failures[current] = failures.GetValueOrDefault(current) + line + "\n";
        }
        if (!result.Output.EndsWith("done\n", StringComparison.Ordinal))
            failures[""] = $"the script broke off\n{result.Output}\n{result.Error}";
        return failures;
    }
}
