using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Tests.Grammar;

public sealed class ExpressionTests
{
    /// <summary>The right side says the same with every parenthesis written out.</summary>
    public static TheoryData<string, string> Groupings => new()
    {
        { "a + b * c", "a + (b * c)" },
        { "a - b - c", "(a - b) - c" },
        { "a ^ b ^ c", "(a ^ b) ^ c" },
        { "- a ^ b", "(- a) ^ b" },
        { "- a::int", "- (a::int)" },
        { "- a COLLATE \"C\"", "(- a) COLLATE \"C\"" },
        { "a || b + c", "a || (b + c)" },
        { "a <-> b < c", "(a <-> b) < c" },
        { "a -> b = c", "(a -> b) = c" },
        { "~ a + b", "~ (a + b)" },
        { "~ a || b", "(~ a) || b" },
        { "a + ~ b * c", "a + (~ (b * c))" },
        { "a + ~ b || c", "(a + (~ b)) || c" },
        { "a = b IS NULL", "(a = b) IS NULL" },
        { "a IS NULL = b", "(a IS NULL) = b" },
        { "NOT a = b", "NOT (a = b)" },
        { "NOT a IS NULL", "NOT (a IS NULL)" },
        { "a = NOT b AND c", "(a = (NOT b)) AND c" },
        { "a OR b AND c OR d", "a OR (b AND c) OR d" },
        { "a IS DISTINCT FROM b = c", "a IS DISTINCT FROM (b = c)" },
        { "a < b LIKE c", "a < (b LIKE c)" },
        { "a LIKE b || c", "a LIKE (b || c)" },
        { "a BETWEEN b AND c AND d", "(a BETWEEN b AND c) AND d" },
        { "a BETWEEN b = c AND d", "a BETWEEN (b = c) AND d" },
        { "a NOT BETWEEN b AND c OR d", "(a NOT BETWEEN b AND c) OR d" },
        { "a + b IN (c)", "(a + b) IN (c)" },
        { "a AT TIME ZONE b + c", "(a AT TIME ZONE b) + c" },
        { "a + b AT TIME ZONE c", "a + (b AT TIME ZONE c)" },
        { "a || b COLLATE c", "a || (b COLLATE c)" },
        { "a * b OPERATOR(pg_catalog.*) c", "(a * b) OPERATOR(pg_catalog.*) c" },
        { "a @> b && c", "(a @> b) && c" },
        { "a = ANY (b) AND c", "(a = ANY (b)) AND c" },
        { "a - -1", "a - (-1)" },
    };

    [Theory, MemberData(nameof(Groupings))]
    public void Operators_bind_as_in_PostgreSQL(string bare, string grouped) =>
        Assert.Equal(SqlParser.ParseExpression(grouped), SqlParser.ParseExpression(bare));

    [Theory]
    [InlineData("-1", "-1")]
    [InlineData("- - 1", "1")]
    [InlineData("-(1)", "-1")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    public void A_sign_becomes_part_of_an_integer(string sql, string text) =>
        Assert.Equal(new IntegerLiteral(text), SqlParser.ParseExpression(sql));

    [Theory]
    [InlineData("1.", "1.")]
    [InlineData(".5", ".5")]
    [InlineData("-1e10", "-1e10")]
    public void A_point_or_an_exponent_makes_a_numeric(string sql, string text) =>
        Assert.Equal(new NumericLiteral(text), SqlParser.ParseExpression(sql));

    [Theory]
    [InlineData("'a'\n  'b'", "ab")]
    [InlineData("'a' -- x\n 'b'", "ab")]
    [InlineData("'it''s'", "it's")]
    [InlineData("'a\\n'", "a\\n")]
    [InlineData("E'a\\n\\t\\\\\\'\\101\\x41\\u0041\\U00000041'", "a\n\t\\'AAAA")]
    [InlineData("E'\\xc3\\xa9'", "é")]
    [InlineData("E'\\ud83d\\ude00'", "😀")]
    [InlineData("U&'d\\0061t\\+000061'", "data")]
    [InlineData("U&'d!0061t!!' UESCAPE '!'", "dat!")]
    [InlineData("$$it's$$", "it's")]
    [InlineData("$a$x$$y$b$z$a$", "x$$y$b$z")]
    public void A_string_has_the_value_its_spelling_says(string sql, string value) =>
        Assert.Equal(new StringLiteral(value), SqlParser.ParseExpression(sql));

    [Theory]
    [InlineData("X'1f'", "00011111")]
    [InlineData("b'0101'", "0101")]
    public void Bits_come_as_binary_digits(string sql, string bits) =>
        Assert.Equal(new BitStringLiteral(bits), SqlParser.ParseExpression(sql));

    [Theory]
    [InlineData("extract(year FROM a)", "pg_catalog.extract('year', a)")]
    [InlineData("position(a IN b)", "pg_catalog.position(b, a)")]
    [InlineData("substring(x FROM a FOR b)", "pg_catalog.substring(x, a, b)")]
    [InlineData("substring(x FOR b)", "pg_catalog.substring(x, 1, b::integer)")]
    [InlineData("trim(leading a FROM b)", "pg_catalog.ltrim(b, a)")]
    [InlineData("trim(a)", "pg_catalog.btrim(a)")]
    [InlineData("overlay(x PLACING y FROM a)", "pg_catalog.overlay(x, y, a)")]
    [InlineData("x AT TIME ZONE z", "pg_catalog.timezone(z, x)")]
    [InlineData("(a, b) OVERLAPS (c, d)", "pg_catalog.overlaps(a, b, c, d)")]
    public void Special_spellings_are_calls(string sql, string call) =>
        Assert.Equal(SqlParser.ParseExpression(call), SqlParser.ParseExpression(sql));

    [Theory]
    [InlineData("int", "pg_catalog.int4")]
    [InlineData("varchar(3)", "pg_catalog.varchar(3)")]
    [InlineData("char", "pg_catalog.bpchar(1)")]
    [InlineData("timestamp(3) with time zone", "pg_catalog.timestamptz(3)")]
    [InlineData("float(24)", "pg_catalog.float4")]
    [InlineData("float(25)", "pg_catalog.float8")]
    [InlineData("vector(3)[]", "vector(3)[]")]
    public void Types_of_SQL_have_the_names_of_the_catalog(string sql, string catalog) =>
        Assert.Equal(SqlParser.ParseTypeName(catalog), SqlParser.ParseTypeName(sql));

    [Fact]
    public void A_type_keeps_the_fields_of_an_interval()
    {
        TypeName type = SqlParser.ParseTypeName("interval day to second(3)");
        Assert.Equal("day to second", type.IntervalFields);
        Assert.Equal([new IntegerLiteral("3")], type.Modifiers);
    }

    [Theory]
    [InlineData("SELECT a, b FROM t WHERE c = 1", "c", 26)]
    [InlineData("SELECT 'größe😀', x", "x", 18)]
    [InlineData("SELECT 1;\nSELECT\n  y", "y", 20)]
    public void Positions_count_characters_from_the_start_of_the_script(string sql, string name, int position)
    {
        List<int> found = [];
        foreach (Statement statement in SqlParser.Parse(sql))
            SyntaxWalk.Visit(statement, node =>
            {
                if (node is ColumnReference column && column.Name.Name == name)
                    found.Add(column.Position);
            });
        Assert.Equal([position], found);
    }

    [Fact]
    public void A_long_name_is_cut_to_63_bytes_and_never_inside_a_character()
    {
        string name = new string('a', 62) + "é";
        ColumnReference column = Assert.IsType<ColumnReference>(SqlParser.ParseExpression($"\"{name}\""));
        Assert.Equal(new string('a', 62), column.Name.Name);
        column = Assert.IsType<ColumnReference>(SqlParser.ParseExpression(new string('A', 100)));
        Assert.Equal(new string('a', 63), column.Name.Name);
    }

    [Fact]
    public void A_printed_expression_has_only_the_parentheses_it_needs() =>
        Assert.Equal(
            "(a + b) * c - - d::integer < 3 AND NOT e",
            SqlPrinter.Print(SqlParser.ParseExpression("((((a + b)) * (c)) - (-(d::int))) < 3 AND (NOT (e))")));
}
