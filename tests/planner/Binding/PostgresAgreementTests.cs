using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Planner.Physical;
using VecSQL.Planner.Tests.Kit;

namespace VecSQL.Planner.Tests.Binding;

/// <summary>
/// Result names and types, and errors with their places, as PostgreSQL 15 gave them for the same tables.
/// </summary>
/// <remarks>
/// postgres15.golden: a line <c>== statement</c>, then <c>\gdesc</c>'s answer or the error report on one line.
/// </remarks>
public sealed class PostgresAgreementTests
{
    public static TheoryData<string, string> Statements
    {
        get
        {
            var data = new TheoryData<string, string>();
            string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Binding", "postgres15.golden"));
            for (int i = 0; i + 1 < lines.Length; i += 2)
                data.Add(lines[i][3..], lines[i + 1]);
            return data;
        }
    }

    [Theory, MemberData(nameof(Statements))]
    public void A_statement_has_the_columns_or_the_error_that_PostgreSQL_gives(string sql, string expected) =>
        Assert.Equal(expected, Describe(sql));

    private static string Describe(string sql)
    {
        try
        {
            PlannedStatement plan = PlannerKit.Plan(sql);
            return string.Join(", ",
                plan.Columns.Select(column => $"{column.Name} {BuiltinTypes.FormatType(column.Type)}"));
        }
        catch (SqlException error)
        {
            string place = $"@{error.Position} D={error.Detail} H={error.Hint}";
            return $"ERROR {error.State.Code} {error.Message} {place}".TrimEnd();
        }
    }
}
