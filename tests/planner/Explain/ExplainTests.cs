using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Planner.Tests.Kit;

namespace VecSQL.Planner.Tests.Explain;

/// <summary>Plans as EXPLAIN prints them, kept in plans.golden: a line <c>== query</c>, then its plan.</summary>
/// <remarks>VECSQL_REWRITE_GOLDEN=1 writes the file anew; read the difference before committing it.</remarks>
public sealed class ExplainTests
{
    private const string FileName = "plans.golden";

    [Fact]
    public void Plans_are_as_the_golden_file_says()
    {
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Explain", FileName));
        var actual = new StringBuilder();
        foreach (string line in lines)
        {
            if (line.StartsWith("== ", StringComparison.Ordinal))
                actual.Append(line).Append('\n').Append(Explain(line[3..])).Append('\n');
        }
        if (Environment.GetEnvironmentVariable("VECSQL_REWRITE_GOLDEN") is { Length: > 0 })
            File.WriteAllText(Path.Combine(SourceFolder(), FileName), actual.ToString());
        Assert.Equal(string.Join('\n', lines) + "\n", actual.ToString());
    }

    [Fact]
    public void Json_has_a_member_for_each_line_of_the_text()
    {
        string json = PlannerKit.Explain("select * from a where id = 5 and x > 1", isJson: true);
        Assert.Contains("\"Node Type\": \"Index Scan\"", json);
        Assert.Contains("\"Index Name\": \"a_pkey\"", json);
        Assert.Contains("\"Index Cond\": \"(id = 5)\"", json);
        Assert.Contains("\"Filter\": \"(x > 1)\"", json);
    }

    [Fact]
    public void Long_constants_are_cut_where_people_read_the_plan()
    {
        string vector = "[" + string.Join(',', Enumerable.Range(1000, 384)) + "]";
        string sql = $"select id from a where x::text = '{vector}'";
        string text = PlannerKit.Explain(sql);
        Assert.Contains("…'::text", text);
        Assert.DoesNotContain("1383", text);
        Assert.Contains("1383", PlannerKit.Explain(sql, isJson: true));
    }

    private static string Explain(string sql)
    {
        try
        {
            return PlannerKit.Explain(sql);
        }
        catch (SqlException error)
        {
            return $"ERROR {error.State.Code}: {error.Message}";
        }
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.GetDirectoryName(path) ?? ".";
}
