using System.Globalization;
using System.Text.RegularExpressions;
using VecSQL.Differential.Tests.Generation;
using VecSQL.Differential.Tests.Running;
using VecSQL.Kit;
using Xunit.Abstractions;

namespace VecSQL.Differential.Tests;

/// <summary>Random statements have the same answers by plans that statements of their shape share as by plans of their own.</summary>
/// <remarks>
/// Two sessions of one node are asked the same: one keeps all plans of shapes, one none. Each statement comes several times with its literals
/// changed, be it to something that makes no sense: errors must be the same, down to the place in the text.
/// </remarks>
public sealed partial class SharedPlanTests(ITestOutputHelper output)
{
    private const int VariantsPerStatement = 5;

    // What a changed limit or order leaves to chance.
    private static readonly string[] Chances =
        ["LIMIT", "OFFSET", "FETCH", "DISTINCT ON", "OVER", "array_agg", "string_agg", "json", "first_value", "TABLESAMPLE"];

    private static readonly string[] Planned = ["SELECT", "WITH", "(", "INSERT", "UPDATE", "DELETE", "MERGE"];

    private int _compared, _failed;

    /// <summary>Seeds to run: a count, or FIRST-LAST.</summary>
    private static string Seeds => Environment.GetEnvironmentVariable("VECSQL_SHAPE_SEEDS") ?? "3";

    [Fact]
    public async Task Shared_plans_answer_as_plans_of_a_statements_own()
    {
        await using ServerProcess node = await ServerProcess.StartAsync();
        int[] ends = [.. Seeds.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
        List<string> found = [];
        for (int seed = ends.Length > 1 ? ends[0] : 1; seed <= ends[^1] && found.Count < 20; seed++)
            await RunAsync(node.Port, seed, found);
        output.WriteLine($"{_compared} statements compared, {_failed} of them errors; {found.Count} differences");
        Assert.True(_compared > 0, "nothing was compared");
        Assert.True(found.Count == 0, string.Join("\n\n", found));
    }

    private async Task RunAsync(int port, int seed, List<string> found)
    {
        await using SqlConnection own = await SqlConnection.OpenAsync(port, "vecsql", "vecsql");
        await using SqlConnection shared = await SqlConnection.OpenAsync(port, "vecsql", "vecsql");
        Dice dice = new(seed, step: -1);
        Schema schema = new SchemaGenerator(dice, hasVectors: true).Schema();
        await own.RunAsync($"DROP SCHEMA IF EXISTS shape{seed} CASCADE; CREATE SCHEMA shape{seed}");
        foreach (SqlConnection connection in (SqlConnection[])[own, shared])
            await connection.RunAsync($"SET search_path TO shape{seed}, public; SET statement_timeout TO '5s'");
        foreach (Statement statement in schema.Setup)
            await own.RunAsync(statement.Text);
        await own.RunAsync("SET plan_cache_mode TO force_custom_plan");
        await shared.RunAsync("SET plan_cache_mode TO force_generic_plan");
        for (int step = 0; step < 60; step++)
        {
            foreach (Statement statement in new StatementGenerator(new Dice(seed, step), schema, hasVectors: true).Step(step).Statements)
            {
                if (statement.Parameters is null && IsPlanned(statement.Text))
                    await CompareAsync(own, shared, statement, new Dice(seed, 1_000 + step), found);
            }
        }
        await own.RunAsync($"DROP SCHEMA shape{seed} CASCADE");
    }

    private async Task CompareAsync(SqlConnection own, SqlConnection shared, Statement statement, Dice dice, List<string> found)
    {
        string text = statement.Text;
        for (int i = 0; i < VariantsPerStatement; i++)
        {
            SqlAnswer expected = await AskAsync(own, statement.Writes, text), answer = await AskAsync(shared, statement.Writes, text);
            if (expected.SqlState != "57014" && answer.SqlState != "57014")
            {
                _compared++;
                _failed += expected.Failed ? 1 : 0;
                if (Difference(statement, i > 0, expected, answer) is { } difference)
                    found.Add($"{difference}\n{text}\nown plan: {expected}\nshared plan: {answer}");
            }
            if (i > 0)
                text = Varied(statement.Text, dice);
        }
    }

    /// <summary>A change is undone, so that both sessions see the same rows.</summary>
    private static async Task<SqlAnswer> AskAsync(SqlConnection connection, string? writes, string text)
    {
        if (writes is null)
            return await connection.RunAsync(text);
        await connection.RunAsync("BEGIN");
        SqlAnswer answer = await connection.RunAsync(text);
        await connection.RunAsync("ROLLBACK");
        return answer;
    }

    private static string? Difference(Statement statement, bool isVaried, SqlAnswer expected, SqlAnswer answer)
    {
        if (expected.Message != answer.Message)
            return "message";
        if (expected.Position != answer.Position)
            return "place of the error";
        if (!isVaried || !Chances.Any(word => statement.Text.Contains(word, StringComparison.Ordinal)))
            return new Comparison().Difference(isVaried ? statement with { OrderedBy = [] } : statement, expected, answer);
        return expected.Rows.Count == answer.Rows.Count && expected.Columns.SequenceEqual(answer.Columns) ? null : "columns or count of rows";
    }

    /// <summary>A query or a change of rows, which has a plan to share and can be asked of both, one after the other.</summary>
    private static bool IsPlanned(string text) => Array.Exists(Planned, word => text.StartsWith(word, StringComparison.Ordinal));

    /// <summary>The text with some of its literals changed, mostly to others of it.</summary>
    private static string Varied(string text, Dice dice)
    {
        string[] literals = [.. Literals().Matches(text).Select(match => match.Value)];
        string[] strings = [.. literals.Where(IsString), "'x'", "''", "'2'"], numbers = [.. literals.Where(literal => !IsString(literal)), "0", "1", "3"];
        return Literals().Replace(text, match => dice.Percent(60)
            ? match.Value
            : dice.Pick<string>(IsString(match.Value) ? strings : numbers));
    }

    private static bool IsString(string literal) => literal[0] == '\'';

    [GeneratedRegex(@"'(?:[^']|'')*'|(?<![\w.""$])\d+(?:\.\d+)?(?![\w.""])")]
    private static partial Regex Literals();
}
