using System.Globalization;
using VecSQL.Differential.Tests.Running;
using VecSQL.Kit;
using Xunit.Abstractions;

namespace VecSQL.Differential.Tests;

/// <summary>Random statements have the same answers here and on PostgreSQL.</summary>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    /// <summary>Seeds to run: a count, or FIRST-LAST.</summary>
    private static string Seeds => Environment.GetEnvironmentVariable("VECSQL_FUZZ_SEEDS") ?? "20";

    /// <summary>Statements and transactions a seed.</summary>
    private static int Steps => Number("VECSQL_FUZZ_STEPS") ?? 60;

    [ReferenceFact]
    public async Task Random_statements_have_PostgreSQLs_answers()
    {
        await using PostgresServer reference = await PostgresServer.StartAsync();
        await using ServerProcess node = await ServerProcess.StartAsync();
        string? file = Environment.GetEnvironmentVariable("VECSQL_FUZZ_REPORT");
        List<string> found = [];
        Tally tally = new(Number("VECSQL_FUZZ_ALIKE") ?? 3, text =>
        {
            found.Add(text);
            if (file is not null)
                File.AppendAllText(file, text + "\n");
        });
        int[] ends = [.. Seeds.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
        (int first, int last) = ends.Length > 1 ? (ends[0], ends[1]) : (1, ends[0]);
        for (int seed = first; seed <= last; seed++)
        {
            await new SeedRun(reference.Port, node.Port, seed, Steps, Number("VECSQL_FUZZ_STEP"), tally).RunAsync();
            if (file is not null)
                File.WriteAllText(file + ".tally", tally.ToString());
        }
        output.WriteLine(tally.ToString());
        Assert.True(tally.Statements > 0, "no statement was run");
        Assert.True(tally.Unexplained == 0, $"{tally}\n{string.Join('\n', found)}");
    }

    [Fact]
    public void Intended_differences_are_few_and_explained()
    {
        string[] headings = [.. File.ReadLines(Path.Combine(Programs.RepositoryRoot, "docs", "guides", "differences.md"))
            .Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..])];
        Assert.InRange(headings.Length, 1, IntendedDifference.CountMax);
        Assert.All(IntendedDifference.All, difference => Assert.Contains(difference.Title, headings));
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}

/// <summary>A test that is skipped where PostgreSQL is not installed.</summary>
internal sealed class ReferenceFactAttribute : FactAttribute
{
    public ReferenceFactAttribute() => Skip = PostgresServer.ProgramFolder is null ? "PostgreSQL is not on this machine" : null;
}
