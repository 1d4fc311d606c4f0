using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using System.Text.RegularExpressions;
using VecSQL.Kit;

namespace VecSQL.Server.Tests.Hosting;

/// <summary>A node as a process: how it starts, stops and refuses to start.</summary>
public sealed class NodeTests
{
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_stops_a_node_cleanly_and_what_was_committed_is_there_again(string signal)
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await Sql.RunAsync(server.Port, "CREATE TABLE kept (a int); INSERT INTO kept VALUES (1), (2)");
        Assert.Equal(0, await server.StopAsync(signal));
        Assert.Equal("", server.Errors.Trim());
        await server.RestartAsync();
        Assert.Equal("2", await Sql.ValueAsync(server.Port, "SELECT count(*) FROM kept"));
        Assert.Equal($"{server.Port}", await Sql.ValueAsync(server.Port, "SHOW port"));
        Assert.Equal(server.DataDirectory, await Sql.ValueAsync(server.Port, "SHOW data_directory"));
    }

    [Fact]
    public async Task A_node_says_that_it_lives_and_is_ready()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        using HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{server.HttpPort}") };
        Assert.Equal("ok\n", await http.GetStringAsync("/healthz"));
        Assert.Equal("ready\n", await http.GetStringAsync("/readyz"));
        using HttpResponseMessage other = await http.GetAsync("/nothing");
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public async Task A_directory_in_use_is_refused_and_the_node_that_uses_it_goes_on()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        ProgramResult second = await StartAsync(server.DataDirectory);
        Assert.Equal(1, second.ExitCode);
        Assert.Equal($"vecsql: data directory \"{server.DataDirectory}\" is in use by another process, which holds " +
            $"\"{server.DataDirectory}/LOCK\"; stop that one first\n", second.Error);
        Assert.Equal("1", await Sql.ValueAsync(server.Port, "SELECT 1"));
    }

    [Fact]
    public async Task A_directory_of_a_newer_program_is_refused()
    {
        using NodeDirectory data = await NodeDirectory.MakeAsync();
        data.ChangeManifest(static manifest =>
        {
            BinaryPrimitives.WriteInt32LittleEndian(manifest.AsSpan(8), 99);
            BinaryPrimitives.WriteUInt32LittleEndian(manifest.AsSpan(20), Crc32C(manifest.AsSpan(0, 20)));
        });
        ProgramResult refused = await StartAsync(data.Path);
        Assert.Equal(1, refused.ExitCode);
        Assert.Matches($"^vecsql: manifest \"{Regex.Escape(data.Path)}/MANIFEST\" has format version 99, and this program reads versions up to [0-9]+: " +
            "start the program that wrote it, or a newer one\n$", refused.Error);
    }

    [Fact]
    public async Task A_damaged_directory_is_refused_with_the_file_and_what_to_do()
    {
        using NodeDirectory data = await NodeDirectory.MakeAsync();
        data.ChangeManifest(static manifest => manifest[^1] ^= 1);
        ProgramResult refused = await StartAsync(data.Path);
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal($"vecsql: manifest \"{data.Path}/MANIFEST\" is damaged: its checksum is wrong; " +
            "restore the data directory from a backup\n", refused.Error);
    }

    [Fact]
    public async Task A_directory_that_is_a_file_is_refused()
    {
        string file = System.IO.Path.GetTempFileName();
        ProgramResult refused = await StartAsync(file);
        File.Delete(file);
        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("vecsql: ", refused.Error, StringComparison.Ordinal);
        Assert.Contains(file, refused.Error, StringComparison.Ordinal);
        Assert.Single(refused.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task An_address_in_use_is_refused()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        using NodeDirectory data = NodeDirectory.Empty();
        ProgramResult refused = await StartAsync(data.Path, "--pg-listen", $"127.0.0.1:{server.Port}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"127.0.0.1:{server.Port}", refused.Error, StringComparison.Ordinal);
        Assert.Contains("choose another address with --pg-listen, --flight-listen and --http-listen", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_cannot_be_used_is_told_before_anything_starts()
    {
        using NodeDirectory data = NodeDirectory.Empty();
        ProgramResult refused = await StartAsync(data.Path, "--pg-listen", "0.0.0.0:1");
        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("vecsql: pg_listen = \"0.0.0.0:1\": must be a loopback address where hba_file does not say ", refused.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(data.Path));
    }

    /// <summary>Starts a node that must end by itself.</summary>
    private static Task<ProgramResult> StartAsync(string directory, params string[] arguments) => Programs.RunAsync("dotnet",
    [
        Programs.ServerDll, "start", "--data-dir", directory, .. arguments,
        .. arguments.Contains("--pg-listen") ? (string[])[] : ["--pg-listen", $"127.0.0.1:{Programs.FreePort()}"],
        "--http-listen", $"127.0.0.1:{Programs.FreePort()}", "--flight-listen", "none",
    ]);

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint checksum = uint.MaxValue;
        foreach (byte value in bytes)
            checksum = BitOperations.Crc32C(checksum, value);
        return ~checksum;
    }
}
