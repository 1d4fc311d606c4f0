using VecSQL.Kit;

namespace VecSQL.Clients.Tests.Matrix;

/// <summary>A client of the matrix.</summary>
/// <param name="Name">As the table shows it.</param>
/// <param name="Packages">What a machine must have for it.</param>
internal sealed record MatrixClient(string Name, string[] Packages, Func<MatrixServer, Task<MatrixReport>> RunAsync)
{
    /// <summary>The columns of its table.</summary>
    public string[] Checks { get; init; } = ClientMatrix.Checks;

    /// <summary>A client that a script of ours in this folder drives.</summary>
    public static MatrixClient Script(string name, string[] packages, string program, params string[] arguments) =>
        new(name, packages, server => RunScriptAsync(server, program, arguments));

    /// <summary>A tool that is not here: the statements that it sends, by the driver that it has.</summary>
    public static MatrixClient Recorded(string name, string statements, string driver, params string[] packages) =>
        new(name, packages, server => RunScriptAsync(server with { Database = MatrixServer.ToolDatabase }, ForeignClients.Python,
            ["{folder}/python/replay_client.py", driver, "{folder}/statements/tools/" + statements]))
        {
            Checks = ClientMatrix.ToolChecks,
        };

    private static async Task<MatrixReport> RunScriptAsync(MatrixServer server, string program, string[] arguments)
    {
        string folder = Path.Combine(Programs.RepositoryRoot, "tests", "clients");
        ProgramResult result = await Programs.RunAsync(program,
            [.. arguments.Select(argument => argument.Replace("{folder}", folder, StringComparison.Ordinal))], environment: server.Environment);
        return MatrixReport.Parse(result.Output, result.Error);
    }
}
