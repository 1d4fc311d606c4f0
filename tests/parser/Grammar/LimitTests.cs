using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Tests.Grammar;

public sealed class LimitTests
{
    private const int Deep = 100_000;

    public static TheoryData<string, string, string> Nestings => new()
    {
        { "SELECT ", "(", ")" },
        { "SELECT ", "(1 + ", ")" },
        { "SELECT ", "f(", ")" },
        { "SELECT ", "- ", "" },
        { "SELECT ", "+ ", "" },
        { "SELECT ", "NOT ", "" },
        { "SELECT ", "~ ", "" },
        { "SELECT ", "ARRAY[", "]" },
        { "SELECT ARRAY", "[", "]" },
        { "SELECT ", "CASE WHEN ", " THEN 1 END" },
        { "SELECT ", "a[", "]" },
        { "SELECT ", "(SELECT ", ")" },
        { "SELECT ", "EXISTS (SELECT ", ")" },
        { "SELECT ", "a IN (", ")" },
        { "SELECT ", "1 = ANY (", ")" },
        { "SELECT ", "ROW(", ")" },
        { "SELECT ", "coalesce(", ")" },
        { "SELECT ", "x(ORDER BY ", "" },
        { "", "(SELECT 1 UNION ", "" },
        { "SELECT * FROM ", "(", ")" },
        { "SELECT * FROM ", "(SELECT * FROM ", ") x" },
        { "SELECT * FROM ", "(a JOIN ", " ON true)" },
        { "SELECT * FROM a", " JOIN b", " ON true" },
        { "", "WITH a AS (", ") SELECT 1" },
        { "", "EXPLAIN ", "SELECT 1" },
        { "SELECT 1 GROUP BY ", "GROUPING SETS (", ")" },
        { "", "CREATE SCHEMA a ", "" },
        { "", "CREATE FUNCTION f() BEGIN ATOMIC ", "" },
    };

    [Theory, MemberData(nameof(Nestings))]
    public void Deep_nesting_is_refused_and_never_overflows_the_stack(string before, string open, string close)
    {
        StringBuilder sql = new(before);
        sql.Insert(sql.Length, open, Deep).Append('1').Insert(sql.Length, close, Deep);
        SqlException error = Assert.Throws<SqlException>(() => SqlParser.Parse(sql.ToString()));
        Assert.True(error.State == SqlState.StatementTooComplex || error.State == SqlState.SyntaxError, error.Message);
        if (close.Length > 0 && !open.Contains("JOIN") && !open.Contains("EXPLAIN"))
            Assert.Equal("stack depth limit exceeded", error.Message);
    }

    [Theory]
    [InlineData("BEGIN ")]
    [InlineData("BEGIN IF true THEN ")]
    public void Deep_nesting_of_blocks_is_refused_too(string open)
    {
        string text = new StringBuilder("BEGIN ").Insert(6, open, Deep).ToString();
        SqlException error = Assert.Throws<SqlException>(() => SqlParser.ParseBlock(text));
        Assert.Equal(SqlState.StatementTooComplex, error.State);
    }

    public static TheoryData<string, string> Chains => new()
    {
        { "SELECT 1", " + 1" },
        { "SELECT a", " || 'x'" },
        { "SELECT a", "::int" },
        { "SELECT a", "[1]" },
        { "SELECT (a)", ".b" },
        { "SELECT a", " IS NULL" },
        { "SELECT a", " COLLATE c" },
        { "SELECT a", " AT TIME ZONE 'x'" },
        { "SELECT 1", " UNION ALL SELECT 1" },
        { "SELECT * FROM a", " CROSS JOIN b" },
        { "SELECT * FROM a", " JOIN b ON true" },
    };

    [Theory, MemberData(nameof(Chains))]
    public void A_long_chain_makes_a_tree_as_high_as_allowed_and_no_higher(string first, string link)
    {
        string longest = first + string.Concat(Enumerable.Repeat(link, SqlParser.TreeHeightMax - 30));
        Statement statement = Assert.Single(SqlParser.Parse(longest));
        Assert.Equal(statement, Assert.Single(SqlParser.Parse(SqlPrinter.Print(statement))));

        string tooLong = first + string.Concat(Enumerable.Repeat(link, 100_000));
        SqlException error = Assert.Throws<SqlException>(() => SqlParser.Parse(tooLong));
        Assert.Equal(SqlState.StatementTooComplex, error.State);
    }

    [Fact]
    public void A_text_whose_trees_would_take_more_than_the_budget_is_refused()
    {
        MemoryBudget budget = new("trees", 4 << 20);
        using (SyntaxMemory memory = new(budget))
        {
            string numbers = string.Join(", ", Enumerable.Range(0, 100_000));
            SqlException error = Assert.Throws<SqlException>(() => SqlParser.Parse($"SELECT a IN ({numbers})", memory));
            Assert.Equal(SqlState.OutOfMemory, error.State);
        }
        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public void No_mixture_of_nesting_and_chains_makes_a_tree_higher_than_allowed()
    {
        string sql = "1";
        for (int level = 0; level < 120; level++)
            sql = $"({sql})" + string.Concat(Enumerable.Repeat(" + 1", 120));
        Assert.Throws<SqlException>(() => SqlParser.ParseExpression(sql));
    }

    [Theory]
    [InlineData(" AND ")]
    [InlineData(" OR ")]
    public void A_hundred_thousand_conditions_are_one_node(string word)
    {
        string sql = string.Join(word, Enumerable.Repeat("a = 1", 100_000));
        LogicalExpression logical = Assert.IsType<LogicalExpression>(SqlParser.ParseExpression(sql));
        Assert.Equal(100_000, logical.Operands.Count);
        Assert.Equal(logical, SqlParser.ParseExpression(SqlPrinter.Print(logical)));
    }

    [Fact]
    public void Long_lists_are_wide_and_not_deep()
    {
        string numbers = string.Join(", ", Enumerable.Range(0, 200_000));
        InListExpression list = Assert.IsType<InListExpression>(SqlParser.ParseExpression($"a IN ({numbers})"));
        Assert.Equal(200_000, list.Items.Count);

        string rows = string.Join(", ", Enumerable.Range(0, 65_535).Select(number => $"({number}, 'x', -{number})"));
        Statement statement = Assert.Single(SqlParser.Parse($"INSERT INTO t VALUES {rows}"));
        InsertStatement insert = Assert.IsType<InsertStatement>(statement);
        Assert.Equal(65_535, Assert.IsType<ValuesBody>(insert.Source?.Body).Rows.Count);
    }

    // Each would take hours if any part of it were scanned again and again.
    [Theory]
    [InlineData("+", 5_000_000)]
    [InlineData("+-", 2_000_000)]
    [InlineData("(", 5_000_000)]
    [InlineData("U&'a' ", 500_000)]
    [InlineData("'a'\n", 2_000_000)]
    [InlineData("/* */", 1_000_000)]
    [InlineData("/*", 2_000_000)]
    [InlineData("$a$ $b", 1_000_000)]
    [InlineData("a.", 2_000_000)]
    [InlineData("\"\"\"", 2_000_000)]
    [InlineData("😀", 2_000_000)]
    [InlineData("1;", 500_000)]
    [InlineData("SELECT 1;", 200_000)]
    public void Millions_of_repetitions_are_read_in_linear_time(string piece, int count)
    {
        string sql = new StringBuilder("SELECT ").Insert(7, piece, count).ToString();
        try
        {
            SqlParser.Parse(sql);
        }
        catch (SqlException)
        {
            // Most of these are no SQL; that they end is the point.
        }
    }

    [Fact]
    public void The_lines_of_a_block_are_counted_in_linear_time()
    {
        const int Count = 1_000_000;
        string text = new StringBuilder("BEGIN\n").Insert(6, "NULL;\n", Count).Append("PERFORM 1;\nEND").ToString();
        Assert.Equal(Count + 2, Assert.Single(SqlParser.ParseBlock(text).Body).Line);
    }

    [Fact]
    public void Parsing_allocates_little_beyond_the_tree()
    {
        const string Sql = "SELECT id, name FROM items WHERE id = $1 AND name IS NOT NULL ORDER BY name LIMIT 10";
        SqlParser.Parse(Sql);
        long before = GC.GetAllocatedBytesForCurrentThread();
        SqlParser.Parse(Sql);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8_000);
    }
}
