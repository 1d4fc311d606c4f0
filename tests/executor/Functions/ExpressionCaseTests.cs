using System.Text;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Parser;
using VecSQL.Planner;
using VecSQL.Planner.Physical;
using VecSQL.Executor.Tests.Expressions;

namespace VecSQL.Executor.Tests.Functions;

/// <summary>Evaluates tables of SQL expressions: a line is an expression, a tab, and what PostgreSQL 15
/// answers.</summary>
/// <remarks>Each runs twice: over constants, and with the literals in calls replaced by columns of a value, a null
/// and the value.</remarks>
public sealed class ExpressionCaseTests
{
    private static readonly PlannerContext Planning = new()
    {
        Catalog = CatalogSnapshot.Initial.InDatabase(DatabaseEntry.FirstOid),
        Evaluator = new ConstantEvaluator(FakeSession.Instance),
        SystemViews = new NoViews(),
    };

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Functions/cases"),
            "*.txt").Select(static path => Path.GetFileNameWithoutExtension(path)).Order()];

    [Theory, MemberData(nameof(Files))]
    public void Expressions_answer_as_the_original_does(string file)
    {
        var wrong = new List<string>();
        string path = Path.Combine(AppContext.BaseDirectory, "Functions/cases", file + ".txt");
        int count = 0;
        foreach (string line in File.ReadLines(path).Where(static line => line.Length > 0 && line[0] != '#'))
        {
            count++;
            int tab = line.LastIndexOf('\t');
            string sql = line[..tab], expected = line[(tab + 1)..];
            string constant = Answer(sql, isConstant: true);
            string columns = constant == expected ? Answer(sql, isConstant: false) : constant;
            if (constant != expected)
                wrong.Add($"{sql}\n    expected {expected}\n    got      {constant}");
            else if (columns != expected)
                wrong.Add($"{sql}\n    expected {expected}\n    columns  {columns}");
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count} in {file}:\n{string.Join('\n', wrong)}");
    }

    private static string Answer(string sql, bool isConstant)
    {
        try
        {
            ScalarExpression bound = QueryPlanner.BindConstant(SqlParser.ParseExpression(sql), null, Planning);
            return isConstant ? Evaluate(bound, new ColumnBatch([], 3), bound.Type) : OverColumns(bound);
        }
        catch (SqlException error)
        {
            return $"!{error.State} {error.Message}";
        }
        catch (Exception error) when (error is InvalidCastException or InvalidOperationException or KeyNotFoundException
            or NotImplementedException or IndexOutOfRangeException or ArgumentException or NullReferenceException)
        {
            return "a defect: " + error; // so that one does not hide the others
        }
    }

    private static string OverColumns(ScalarExpression bound)
    {
        var columns = new List<Column>();
        ScalarExpression rewritten = LiteralsToInputs(bound, columns);
        return Evaluate(rewritten, new ColumnBatch([.. columns], 3), bound.Type);
    }

    private static string Evaluate(ScalarExpression expression, ColumnBatch batch, SqlType type)
    {
        Column values = ExpressionCompiler.Compile(expression).Evaluate(batch, Build.Context);
        Assert.Equal(3, values.Length);
        string? first = Build.PrintRow(type, values, 0), last = Build.PrintRow(type, values, 2);
        return first != last ? $"{first} and {last}" : first is null ? "\\N" : Escape(first);
    }

    private static ScalarExpression LiteralsToInputs(ScalarExpression expression, List<Column> columns)
    {
        if (expression is not CallExpression call)
            return expression;
        var arguments = new ScalarExpression[call.Arguments.Count];
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = LiteralsToInputs(call.Arguments[i], columns);
            if (arguments[i] is not ConstantExpression { IsNull: false } constant || !call.Function.IsStrict)
                continue;
            ColumnBuilder builder = ColumnBuilder.Create(constant.Value.Type);
            builder.AppendFrom(constant.Value, 0);
            builder.AppendNull();
            builder.AppendFrom(constant.Value, 0);
            arguments[i] = new InputExpression(constant.Type, columns.Count);
            columns.Add(builder.Build());
        }
        return call with { Arguments = ValueList.Create<ScalarExpression>(arguments) };
    }

    /// <summary>COPY's escapes.</summary>
    private static string Escape(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            result.Append(c switch
            {
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                '\v' => "\\v",
                _ => c.ToString(),
            });
        }
        return result.ToString();
    }

    private sealed class NoViews : ISystemViews
    {
        public TableEntry? Find(string schema, string name) => null;

        public TableEntry? Find(uint oid) => null;

        public bool HasRowVersions(uint oid) => false;
    }
}
