using VecSQL.Kit;

namespace VecSQL.Server.Tests.Commands;

/// <summary>The verbs of the command line: what they print and the exit codes that scripts go by.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vecsql-commands-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("statement ok\nselect 1\n", 0, "1 passed, 0 failed, 0 skipped")]
    [InlineData("query I\nselect 1 + 1\n----\n3\n", 1, "0 passed, 1 failed, 0 skipped")]
    [InlineData("statement error\nselect 1\n", 1, "0 passed, 1 failed, 0 skipped")]
    public async Task Sqllogictest_exits_by_whether_all_passed(string script, int exitCode, string summary)
    {
        ProgramResult result = await RunAsync("sqllogictest", Write("one.slt", script));
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal(summary, result.Output.TrimEnd().Split('\n')[^1]);
    }

    [Fact]
    public async Task Sqllogictest_says_what_it_cannot_read()
    {
        ProgramResult missing = await RunAsync("sqllogictest", Path.Combine(_folder, "none.slt"));
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("none.slt", missing.Error, StringComparison.Ordinal);
        ProgramResult malformed = await RunAsync("sqllogictest", Write("bad.slt", "no such directive\n"));
        Assert.Equal(1, malformed.ExitCode);
        Assert.Contains("bad.slt", malformed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sqllogictest_says_that_nobody_answers()
    {
        ProgramResult result = await RunAsync("sqllogictest", Write("one.slt", "statement ok\nselect 1\n"),
            "--host", "127.0.0.1", "--port", $"{Programs.FreePort()}");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("vecsql: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verb_or_option_that_does_not_exist_is_an_error()
    {
        Assert.Equal(1, (await RunAsync("begin")).ExitCode);
        Assert.Equal(1, (await RunAsync("start", "--no-such-option")).ExitCode);
        Assert.Equal(0, (await RunAsync("--help")).ExitCode);
    }

    [Fact]
    public async Task Demo_loads_once_and_answers_from_what_it_finds()
    {
        string docs = Write("Sample.xml",
            """
            <doc><assembly><name>Sample</name></assembly><members>
              <member name="M:Sample.Zip.Pack(System.IO.Stream)"><summary>Compresses a stream of bytes.</summary></member>
              <member name="M:Sample.Zip.Unpack"><summary>Expands what was packed.</summary></member>
              <member name="T:Sample.Tree"><summary>A plant with leaves.</summary></member>
              <member name="M:Sample.Silent"></member>
            </members></doc>
            """);
        string data = Path.Combine(_folder, "data");
        ProgramResult first = await DemoAsync(data, "--docs", docs);
        Assert.Equal("", first.Error);
        Assert.Equal(0, first.ExitCode);
        Assert.Contains("Loaded 3 rows", first.Output, StringComparison.Ordinal);
        Assert.Contains("Sample.Zip.Pack(System.IO.Stream)", first.Output, StringComparison.Ordinal);
        Assert.Contains("(2 rows, ", first.Output, StringComparison.Ordinal); // of kind method

        ProgramResult second = await DemoAsync(data);
        Assert.Equal(0, second.ExitCode);
        Assert.Contains("Found 3 entries of API documentation", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Load", second.Output, StringComparison.Ordinal);
        Assert.Contains("(2 rows, ", second.Output, StringComparison.Ordinal);
    }

    private static Task<ProgramResult> DemoAsync(string data, params string[] more) => RunAsync(
    [
        "demo", "--exit", "--data-dir", data, "--pg-listen", $"127.0.0.1:{Programs.FreePort()}",
        "--http-listen", $"127.0.0.1:{Programs.FreePort()}", "--flight-listen", "none", .. more,
    ]);

    private static Task<ProgramResult> RunAsync(params string[] arguments) =>
        Programs.RunAsync("dotnet", [Programs.ServerDll, .. arguments]);

    private string Write(string name, string content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
