using System.Text.Json;
using VecSQL.Kit;
using VecSQL.Kit.Models;
using Xunit.Abstractions;

namespace VecSQL.Engine.Tests.Arrow;

/// <summary>Arrow files and streams that COPY writes are what tools of others read, and what these write is read.</summary>
/// <remarks>The types and values are those of tests/kit/arrow/types.js.</remarks>
public sealed class ForeignArrowTests(ITestOutputHelper output) : IAsyncDisposable
{
    private readonly TestDatabase _database = new();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Apache_arrow_for_javascript_sees_every_value_and_writes_it()
    {
        if (Skips("apache-arrow", "fzstd"))
            return;
        await using TestSession session = _database.Session();
        (string columns, string differences) = await MakeAsync(session, "arrow");
        foreach (string options in new[] { "", ", COMPRESSION zstd" })
        {
            await session.RunAsync($"COPY every TO 't.arrow' (FORMAT arrow{options})");
            await RunAsync("read-arrow.js", PathOf("t.arrow"), PathOf("u.arrow"));
            await TakeAsync(session, columns, differences);
            await File.WriteAllBytesAsync(PathOf("t.arrow"), await session.CopyOutBytesAsync($"COPY every TO STDOUT (FORMAT arrow{options})"));
            await RunAsync("read-arrow.js", PathOf("t.arrow"), PathOf("u.arrow"));
        }
    }

    [Theory]
    [InlineData("none", "uncompressed")]
    [InlineData("zstd", "zstd")]
    public async Task Polars_sees_the_rows_and_writes_them(string compression, string polarsCompression)
    {
        if (Skips("nodejs-polars"))
            return;
        await using TestSession session = _database.Session();
        (string columns, string differences) = await MakeAsync(session, "polars");
        await session.RunAsync($"COPY (SELECT {columns} FROM every) TO 't.arrow' (FORMAT arrow, COMPRESSION {compression})");
        await RunAsync("read-polars.js", PathOf("t.arrow"), PathOf("u.arrow"), polarsCompression);
        await TakeAsync(session, columns, differences);
    }

    [Fact]
    public async Task DuckDB_sees_every_value_of_the_types_it_knows()
    {
        if (Skips("@duckdb/duckdb-wasm", "apache-arrow"))
            return;
        await using TestSession session = _database.Session();
        (string columns, _) = await MakeAsync(session, "duckdb");
        await File.WriteAllBytesAsync(PathOf("t.arrow"),
            await session.CopyOutBytesAsync($"COPY (SELECT {columns} FROM every) TO STDOUT (FORMAT arrow)"));
        await RunAsync("read-duckdb.js", PathOf("t.arrow"));
    }

    /// <summary>The table of every type, for a reader that knows some of them.</summary>
    /// <returns>The columns it knows, and the query of what table "again" has otherwise.</returns>
    private static async Task<(string Columns, string Differences)> MakeAsync(TestSession session, string reader)
    {
        ProgramResult printed = await NodePackages.RunAsync(
            Path.Combine(Programs.RepositoryRoot, "tests", "kit", "arrow", "types.js"), reader);
        using JsonDocument types = JsonDocument.Parse(printed.Output);
        foreach (JsonElement statement in types.RootElement.GetProperty("setup").EnumerateArray())
            await session.RunAsync(Text(statement));
        return (Text(types.RootElement.GetProperty("columns")), Text(types.RootElement.GetProperty("differences")));
    }

    private static string Text(JsonElement element) => element.GetString() ?? throw new InvalidOperationException("no text");

    private static async Task TakeAsync(TestSession session, string columns, string differences)
    {
        await session.RunAsync($"CREATE TABLE again (LIKE every); COPY again ({columns}) FROM 'u.arrow' (FORMAT arrow)");
        Assert.Empty(await session.RowsAsync(differences));
        await session.RunAsync("DROP TABLE again");
    }

    private string PathOf(string name) => Path.Combine(_database.FileRoot, name);

    private bool Skips(params string[] packages)
    {
        string? reason = NodePackages.ReasonWithout(packages);
        if (reason is not null)
            output.WriteLine($"skipped: {reason}");
        return reason is not null;
    }

    private static async Task RunAsync(string script, params string[] arguments)
    {
        ProgramResult result = await NodePackages.RunAsync(
            Path.Combine(Programs.RepositoryRoot, "tests", "engine", "Arrow", "node", script), arguments);
        Assert.True(result.ExitCode == 0, result.Error);
    }
}
