using System.Diagnostics;
using VecSQL.Kit;

namespace VecSQL.Server.Tests.Commands;

/// <summary>The launcher script, with a program in place of dotnet, so that it builds nothing.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vecsql-launcher-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Interrupts_reach_the_server_though_a_shell_had_them_ignored()
    {
        foreach (string folder in new[] { "server/bin/Release/net10.0", "server/obj", "path" })
            Directory.CreateDirectory(Path.Combine(_folder, folder));
        foreach (string file in new[] { "server/bin/Release/net10.0/vecsql.dll", "server/obj/vecsql.built" })
            await File.WriteAllTextAsync(Path.Combine(_folder, file), "");
        await WriteProgramAsync("path/dotnet", "#!/bin/sh\necho \"runs $2\"\nexec sleep 60\n");
        await WriteProgramAsync("vecsql", await File.ReadAllTextAsync(Path.Combine(Programs.RepositoryRoot, "vecsql")));
        ProcessStartInfo start = new("/bin/sh", ["-c", "trap '' INT; exec ./vecsql start"])
        {
            WorkingDirectory = _folder, RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = Path.Combine(_folder, "path") + ":" + Environment.GetEnvironmentVariable("PATH");
        using Process launched = Process.Start(start) ?? throw new InvalidOperationException("no shell");
        Assert.Equal("runs start", await launched.StandardOutput.ReadLineAsync());
        using Process kill = Process.Start("kill", ["-INT", launched.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        await launched.WaitForExitAsync(patience.Token);
        Assert.Equal(128 + 2, launched.ExitCode);
    }

    private async Task WriteProgramAsync(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
