using VecSQL.Kit;

namespace VecSQL.Clients.Tests.Matrix;

/// <summary>A client of the matrix.</summary>
/// <param name="Name">As the table shows it.</param>
/// <param name="Packages">What a machine must have for it.</param>
internal sealed record MatrixClient(string Name, string[] Packages, Func<MatrixServer, Task<MatrixReport>> RunAsync)
{
    /// <summary>A client that a script of ours in this folder drives.</summary>
    public static MatrixClient Script(string name, string[] packages, string program, params string[] arguments) =>
        new(name, packages, server => RunScriptAsync(server, program, arguments));

    private static async Task<MatrixReport> RunScriptAsync(MatrixServer server, string program, string[] arguments)
    {
        string folder = Path.Combine(Programs.RepositoryRoot, "tests", "clients");
        ProgramResult result = await Programs.RunAsync(program,
            [.. arguments.Select(argument => argument.Replace("{folder}", folder, StringComparison.Ordinal))], environment: server.Environment);
        return MatrixReport.Parse(result.Output, result.Error);
    }
}
