using VecSQL.Kit;

namespace VecSQL.Server.Tests.Commands;

/// <summary>A start that cannot succeed says in one line what is wrong, and ends with 1.</summary>
public sealed class StartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vecsql-start-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_is_no_data_directory()
    {
        string path = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(path, "");
        await RefusedAsync($"could not create directory \"{path}\"", "--data-dir", path);
    }

    [Fact]
    public async Task A_place_where_nothing_can_be_made_is_refused() =>
        await RefusedAsync("could not create directory \"/proc/vecsql\"", "--data-dir", "/proc/vecsql");

    [Fact]
    public async Task A_directory_of_something_else_is_left_alone()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "thesis.txt"), "");
        await RefusedAsync("holds \"thesis.txt\" and no VecSQL data: choose an empty or a new directory", "--data-dir", _folder);
        Assert.Equal(["thesis.txt"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("--pg-listen", "nowhere", "must be HOST:PORT")]
    [InlineData("--pg-listen", "0.0.0.0:5432", "must be a loopback address")]
    [InlineData("--flight-listen", "0.0.0.0:5433", "must be a loopback address")]
    [InlineData("--flight-listen", "nowhere", "must be HOST:PORT")]
    [InlineData("--config", "/nonexistent", "no such configuration file")]
    public async Task A_setting_that_cannot_be_used_is_named(string option, string value, string message) =>
        await RefusedAsync(message, "--data-dir", Path.Combine(_folder, "data"), option, value);

    [Fact]
    public async Task A_directory_that_a_node_holds_is_refused_and_so_is_its_port()
    {
        string directory = Path.Combine(_folder, "data");
        await using ServerProcess server = await ServerProcess.StartAsync(directory);
        await RefusedAsync("is in use by another process", "--data-dir", directory);
        await RefusedAsync("address already in use", "--data-dir", Path.Combine(_folder, "other"),
            "--pg-listen", $"127.0.0.1:{server.Port}", "--http-listen", $"127.0.0.1:{Programs.FreePort()}",
            "--flight-listen", "none");
        Assert.Equal(0, await server.StopAsync());
    }

    private static async Task RefusedAsync(string message, params string[] arguments)
    {
        ProgramResult result = await Programs.RunAsync("dotnet", [Programs.ServerDll, "start", .. arguments]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
