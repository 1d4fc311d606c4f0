using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;

namespace VecSQL.Catalog.Tests.Functions;

public sealed class FunctionRegistryTests
{
    [Fact]
    public void An_operator_is_found_by_its_signature_and_has_its_functions_result()
    {
        OperatorEntry? plus = FunctionRegistry.FindOperator("+", TypeOid.Int4, TypeOid.Int4);
        Assert.NotNull(plus);
        Assert.Equal(TypeOid.Int4, plus.Result);
        Assert.Equal("int4pl", FunctionRegistry.FindFunction(plus.Function)?.Implementation);
    }

    [Fact]
    public void Every_cast_function_exists_and_takes_the_source()
    {
        Assert.All(
            FunctionRegistry.Casts.Where(cast => cast.Method == CastMethod.Function),
            cast => Assert.NotEmpty(FunctionRegistry.FindFunction(cast.Function)?.Arguments ?? []));
    }

    [Fact]
    public void Functions_that_share_code_have_one_shape()
    {
        // mod(int4, int4) and the % operator's function are one in PostgreSQL too; the code sees the argument types at the call.
        IEnumerable<string> mixed = FunctionRegistry.Functions
            .Where(function => function.Kind == FunctionKind.Scalar)
            .GroupBy(function => function.Implementation)
            .Where(group => group.Select(function => (function.Arguments.Length, function.IsStrict)).Distinct().Count() > 1)
            .Select(group => group.Key);
        Assert.Empty(mixed);
    }

    [Fact]
    public void Every_commutator_and_negator_names_an_operator_that_exists()
    {
        foreach (OperatorEntry op in FunctionRegistry.Operators)
        {
            if (op.Commutator is { } commutator)
                Assert.NotNull(FunctionRegistry.FindOperator(commutator, op.Right, op.Left));
            if (op.Negator is { } negator)
                Assert.NotNull(FunctionRegistry.FindOperator(negator, op.Left, op.Right));
        }
    }

    [Fact]
    public void A_line_says_everything_about_a_function()
    {
        FunctionFamily family = FunctionFamily.Parse(functions: """
            # comment
            7001 f(a int4, variadic rest text[]) setof record(key text, value int4[]) as code nonstrict volatile public
            7002 g(int4, float8 =, text =) int4  # a remark
            7003 percentile_cont(float8, float8) float8 ordered 1
            7004 h() char window
            """);

        FunctionEntry f = family.Functions[0];
        Assert.Equal(("f", "code", "public"), (f.Name, f.Implementation, f.Schema));
        Assert.Equal(new[] { TypeOid.Int4, TypeOid.TextArray }, f.Arguments.ToArray());
        Assert.Equal(new[] { "a", "rest" }, f.ArgumentNames.ToArray());
        Assert.Equal(TypeOid.Text, f.VariadicElement);
        Assert.Equal(new[] { ("key", TypeOid.Text), ("value", TypeOid.Int4Array) }, f.OutColumns.ToArray());
        Assert.True(f.ReturnsSet && !f.IsStrict && f.Volatility == Volatility.Volatile);
        Assert.Equal(2, family.Functions[1].DefaultCount);
        Assert.Equal(new AggregateEntry(7003, 'o', 1), Assert.Single(family.Aggregates));
        Assert.Equal((FunctionKind.Window, TypeOid.Char), (family.Functions[3].Kind, family.Functions[3].Result));
    }

    [Fact]
    public void An_operator_may_be_spelled_like_a_comment()
    {
        FunctionFamily family = FunctionFamily.Parse(operators: "1878 int4 # int4 1894 commutator #  # xor");
        Assert.Equal(("#", "#"), (family.Operators[0].Name, family.Operators[0].Commutator));
    }
}
