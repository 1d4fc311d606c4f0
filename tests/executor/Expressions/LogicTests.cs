using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Planner.Physical;
using static VecSQL.Executor.Tests.Expressions.Build;

namespace VecSQL.Executor.Tests.Expressions;

public sealed class LogicTests
{
    private static readonly string?[] Truths = ["t", "f", null, "t", "f", null, "t", "f", null];
    private static readonly string?[] OtherTruths = ["t", "t", "t", "f", "f", "f", null, null, null];

    [Fact]
    public void And_or_and_not_follow_three_valued_logic()
    {
        Column x = Column(SqlType.Bool, Truths), y = Column(SqlType.Bool, OtherTruths);
        ScalarExpression a = Input(SqlType.Bool, 0), b = Input(SqlType.Bool, 1);
        Assert.Equal("t f null f f f null f null", Run(new LogicalOperation(true, [a, b]), x, y));
        Assert.Equal("t t t t f null t null null", Run(new LogicalOperation(false, [a, b]), x, y));
        Assert.Equal("f t null f t null f t null", Run(new NotOperation(a), x, y));
    }

    [Theory]
    [InlineData(true, false, "t f f t f f t f f")]
    [InlineData(true, true, "f t t f t t f t t")]
    [InlineData(false, false, "f t f f t f f t f")]
    [InlineData(null, false, "f f t f f t f f t")]
    [InlineData(null, true, "t t f t t f t t f")]
    public void Truth_tests_never_give_null(bool? value, bool isNegated, string expected) =>
        Assert.Equal(expected, Run(new BooleanTest(Input(SqlType.Bool, 0), value, isNegated), Column(SqlType.Bool,
            Truths)));

    [Fact]
    public void A_failing_operand_is_computed_only_for_the_rows_that_reach_it()
    {
        Column x = Column(SqlType.Int4, "0", "1", null, "5");
        ScalarExpression zero = Constant(SqlType.Int4, "0"), value = Input(SqlType.Int4, 0);
        ScalarExpression isNot = Call("int4ne", value, zero), @is = Call("int4eq", value, zero);
        ScalarExpression risky = Call("int4gt", Call("int4div", Constant(SqlType.Int4, "4"), value),
            Constant(SqlType.Int4, "0"));
        Assert.Equal("f t null f", Run(new LogicalOperation(true, [isNot, risky]), x));
        Assert.Equal("f t null f", Run(new LogicalOperation(true, [risky, isNot]), x));
        Assert.Equal("t t null f", Run(new LogicalOperation(false, [@is, risky]), x));
        var error = Assert.Throws<SqlException>(() => Run(new LogicalOperation(true, [risky, risky]), x));
        Assert.Equal("division by zero", error.Message);
    }

    [Fact]
    public void Logic_over_constants_is_constant()
    {
        ScalarExpression yes = Constant(SqlType.Bool, "t"), unknown = Constant(SqlType.Bool, null),
            no = Constant(SqlType.Bool, "f");
        Assert.Equal("null", Run(new LogicalOperation(true, [yes, unknown])));
        Assert.Equal("f", Run(new LogicalOperation(true, [unknown, no])));
        Assert.Equal("t", Run(new LogicalOperation(false, [unknown, yes])));
        var compiled = Executor.Expressions.ExpressionCompiler.Compile(new LogicalOperation(true, [yes, unknown]));
        Assert.True(compiled.Evaluate(Batch(Column(SqlType.Int4, "1", "2")), Context).IsConstant);
    }

    [Fact]
    public void Distinct_treats_nulls_as_equal_to_each_other()
    {
        Column x = Column(SqlType.Int4, "1", "1", null, null), y = Column(SqlType.Int4, "1", "2", "1", null);
        ScalarExpression a = Input(SqlType.Int4, 0), b = Input(SqlType.Int4, 1);
        Assert.Equal("f t t f", Run(new DistinctTest(a, b, Function("int4eq"), false), x, y));
        Assert.Equal("t f f t", Run(new DistinctTest(a, b, Function("int4eq"), true), x, y));
        Assert.Equal("t t f f",
            Run(new DistinctTest(a, Constant(SqlType.Int4, null), Function("int4eq"), false), x, y));
        Assert.Equal("f", Run(new DistinctTest(
            Constant(SqlType.Int4, null), Constant(SqlType.Int4, null), Function("int4eq"), false)));
    }

    [Fact]
    public void Null_tests_see_constants_and_columns()
    {
        Column x = Column(SqlType.Int4, "1", null);
        Assert.Equal("f t", Run(new NullTest(Input(SqlType.Int4, 0), false), x));
        Assert.Equal("t f", Run(new NullTest(Input(SqlType.Int4, 0), true), x));
        Assert.Equal("t t", Run(new NullTest(Constant(SqlType.Int4, null), false), x));
    }

    [Fact]
    public void Case_computes_a_branch_only_for_the_rows_that_reach_it()
    {
        Column x = Column(SqlType.Int4, "0", "2", null, "4");
        ScalarExpression value = Input(SqlType.Int4, 0), zero = Constant(SqlType.Int4, "0");
        var expression = new CaseOperation(SqlType.Int4,
            [
                new CaseBranch(Call("int4eq", value, zero), Constant(SqlType.Int4, "-1")),
                new CaseBranch(Call("int4gt", Call("int4div", Constant(SqlType.Int4, "8"), value),
                    Constant(SqlType.Int4, "3")), value),
            ],
            null);
        Assert.Equal("-1 2 null null", Run(expression, x));
        Assert.Equal("-1 2 7 7", Run(expression with { Else = Constant(SqlType.Int4, "7") }, x));
    }

    [Fact]
    public void Coalesce_takes_the_first_value_and_computes_no_more()
    {
        Column x = Column(SqlType.Int4, "1", null, "3", null), y = Column(SqlType.Int4, "0", "2", "0", null);
        ScalarExpression risky = Call("int4div", Constant(SqlType.Int4, "8"), Input(SqlType.Int4, 1));
        Assert.Equal("1 4 3 null", Run(new CoalesceOperation(SqlType.Int4, [Input(SqlType.Int4, 0), risky]), x, y));
        Assert.Equal("1 9 3 9", Run(new CoalesceOperation(SqlType.Int4,
            [Constant(SqlType.Int4, null), Input(SqlType.Int4, 0), Constant(SqlType.Int4, "9")]), x, y));
    }

    [Fact]
    public void Nullif_and_greatest_pass_over_nulls()
    {
        Column x = Column(SqlType.Int4, "1", "2", null), y = Column(SqlType.Int4, "1", "9", "4");
        ScalarExpression a = Input(SqlType.Int4, 0), b = Input(SqlType.Int4, 1);
        Assert.Equal("null 2 null", Run(new NullIfOperation(SqlType.Int4, a, b, Call("int4eq", a, b)), x, y));
        Assert.Equal("1 9 4", Run(new MinMaxOperation(SqlType.Int4, true, [a, b]), x, y));
        Assert.Equal("1 2 4", Run(new MinMaxOperation(SqlType.Int4, false, [a, b]), x, y));
    }

    [Fact]
    public void In_is_unknown_where_only_a_null_could_match()
    {
        Column x = Column(SqlType.Int4, "1", "2", null);
        ValueList<ScalarExpression> items = [Constant(SqlType.Int4, "2"), Constant(SqlType.Int4, null)];
        Assert.Equal("null t null", Run(new InListOperation(Function("int4eq"), Input(SqlType.Int4, 0), items, false),
            x));
        Assert.Equal("null f null", Run(new InListOperation(Function("int4eq"), Input(SqlType.Int4, 0), items, true),
            x));
        ValueList<ScalarExpression> computed = [Input(SqlType.Int4, 0), Constant(SqlType.Int4, null)];
        Assert.Equal("t t null", Run(new InListOperation(Function("int4eq"), Input(SqlType.Int4, 0), computed, false),
            x));
        Column text = Column(SqlType.Text, "a", "b", null);
        Assert.Equal("f t null", Run(new InListOperation(
            Function("texteq"), Input(SqlType.Text, 0), [Constant(SqlType.Text, "b")], false), text));
    }
}
