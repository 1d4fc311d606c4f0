using VecSQL.SqlLogicTest.Runner;

namespace VecSQL.SqlLogicTest.Tests;

/// <summary>The runner's dialect, on a target that answers from a script.</summary>
public sealed class RunnerTests
{
    [Theory]
    [InlineData("query II\nQ\n----\n1\t2\n3\t4\n")]
    [InlineData("query II\nQ\n----\n1\n2\n3\n4\n")]
    [InlineData("query II rowsort\nQ\n----\n1\t2\n3\t4\n")]
    [InlineData("query II\nQ\n----\n4 values hashing to 302c28003d487124d97c242de94da856\n")]
    public async Task Results_are_accepted_by_value_by_row_and_by_hash(string text)
    {
        SltReport report = await RunAsync(text, new SqlRows(2, [["1", "2"], ["3", "4"]], 2));
        Assert.Equal(1, report.Passed);
        Assert.Empty(report.Failures);
    }

    [Fact]
    public async Task A_wrong_result_names_its_file_and_line()
    {
        SltReport report = await RunAsync("# comment\n\nquery I\nQ\n----\n2\n", new SqlRows(1, [["1"]], 1));
        Assert.StartsWith("test.slt:3: ", Assert.Single(report.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nulls_empty_strings_and_reals_are_rendered_as_the_dialect_says()
    {
        SltReport report = await RunAsync(
            "query TTR\nQ\n----\nNULL\t(empty)\t1.500\n", new SqlRows(3, [[null, "", "1.5"]], 1));
        Assert.Empty(report.Failures);
    }

    [Theory]
    [InlineData("statement error", true)]
    [InlineData("statement error 42P01", true)]
    [InlineData("statement error (42P01) not exist", true)]
    [InlineData("statement error not ex.st", true)]
    [InlineData("statement error 42601", false)]
    [InlineData("statement error 42P01 other words", false)]
    [InlineData("statement ok", false)]
    public async Task Errors_are_matched_by_state_and_message(string record, bool passes)
    {
        SltReport report = await RunAsync(record + "\nQ\n", new SqlClientException("42P01", "relation does not exist"));
        Assert.Equal(passes ? 1 : 0, report.Passed);
        Assert.Equal(passes ? 0 : 1, report.Failures.Count);
    }

    [Fact]
    public async Task A_statement_that_should_fail_and_does_not_is_a_failure()
    {
        SltReport report = await RunAsync("statement error\nQ\n", new SqlRows(0, [], 1));
        Assert.Single(report.Failures);
    }

    [Theory]
    [InlineData("onlyif here", 1, 0)]
    [InlineData("onlyif elsewhere", 0, 1)]
    [InlineData("skipif here", 0, 1)]
    [InlineData("skipif elsewhere", 1, 0)]
    public async Task Conditions_choose_engines(string condition, int passed, int skipped)
    {
        SltReport report = await RunAsync(condition + "\nstatement count 1\nQ\n", new SqlRows(0, [], 1));
        Assert.Equal((passed, skipped), (report.Passed, report.Skipped));
    }

    [Fact]
    public async Task Loops_substitute_their_variables_and_nest()
    {
        SltReport report = await RunAsync(
            "loop i 0 2\n\nforeach w a b c\n\nstatement count 1\nQ ${i} ${w}\n\nendloop\n\nendloop\n", new SqlRows(0, [], 1));
        Assert.Equal(6, report.Passed);
    }

    [Theory]
    [InlineData("require elsewhere\n\nstatement ok\nQ\n", 0)]
    [InlineData("halt\n\nstatement ok\nQ\n", 0)]
    [InlineData("require here\n\nstatement ok\nQ\n", 1)]
    public async Task Require_and_halt_leave_the_rest_out(string text, int passed) =>
        Assert.Equal(passed, (await RunAsync(text, new SqlRows(0, [], 1))).Passed);

    [Fact]
    public async Task Equal_labels_must_have_equal_results()
    {
        ScriptedTarget target = new(sql => sql == "A" ? new SqlRows(1, [["1"]], 1) : new SqlRows(1, [["2"]], 1));
        SltReport report = await RunAsync("query I nosort x\nA\n----\n1\n\nquery I nosort x\nB\n----\n2\n", target);
        Assert.Equal(1, report.Passed);
        Assert.Single(report.Failures);
    }

    [Theory]
    [InlineData("nonsense\n")]
    [InlineData("statement perhaps\nQ\n")]
    [InlineData("statement ok\n\n")]
    [InlineData("loop i 0 3\n\nstatement ok\nQ\n")]
    public async Task Malformed_files_are_refused_with_their_place(string text)
    {
        SltException error = await Assert.ThrowsAsync<SltException>(() => RunAsync(text, new SqlRows(0, [], 1)));
        Assert.StartsWith("test.slt:", error.Message, StringComparison.Ordinal);
    }

    private static Task<SltReport> RunAsync(string text, SqlRows answer) => RunAsync(text, new ScriptedTarget(_ => answer));

    private static Task<SltReport> RunAsync(string text, SqlClientException error) => RunAsync(text, new ScriptedTarget(_ => throw error));

    private static async Task<SltReport> RunAsync(string text, ScriptedTarget target)
    {
        string folder = Directory.CreateTempSubdirectory("vecsql-runner-").FullName;
        string file = Path.Combine(folder, "test.slt");
        try
        {
            await File.WriteAllTextAsync(file, text);
            SltReport report = await SltRunner.RunFileAsync(file, target, CancellationToken.None);
            return report with { Failures = report.Failures.Select(failure => failure.Replace(folder + "/", "", StringComparison.Ordinal)).ToArray() };
        }
        catch (SltException error)
        {
            throw new SltException(error.Message.Replace(folder + "/", "", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class ScriptedTarget(Func<string, SqlRows> answer) : ISqlTarget, ISqlClient
    {
        public IReadOnlySet<string> EngineNames { get; } = new HashSet<string> { "here" };

        public Task<ISqlClient> ConnectAsync(CancellationToken cancellation) => Task.FromResult<ISqlClient>(this);

        public Task<SqlRows> RunAsync(string sql, CancellationToken cancellation) => Task.FromResult(answer(sql));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
