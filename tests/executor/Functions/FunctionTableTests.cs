using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Executor.Functions;

namespace VecSQL.Executor.Tests.Functions;

public sealed class FunctionTableTests
{
    [Fact]
    public void Every_scalar_function_of_the_catalog_has_code()
    {
        string[] missing = [.. FunctionRegistry.Functions
            .Where(static entry => entry is { Kind: FunctionKind.Scalar, ReturnsSet: false })
            .Where(static entry => !FunctionLibrary.Names.Contains(entry.Implementation))
            .Select(static entry => $"{entry.Oid} {entry}")];
        Assert.Empty(missing);
    }

    [Fact]
    public void All_code_is_in_the_catalog()
    {
        var known = FunctionRegistry.Functions.Select(static entry => entry.Implementation).ToHashSet();
        Assert.Empty(FunctionLibrary.Names.Where(name => !known.Contains(name)).Order());
    }

    [Fact]
    public void Every_aggregate_of_the_catalog_has_code()
    {
        foreach (FunctionEntry entry in FunctionRegistry.Functions.Where(static entry =>
            entry.Kind == FunctionKind.Aggregate))
        {
            SqlType[] arguments = [.. entry.Arguments.Select(static oid => new SqlType(Concrete(oid)))];
            int direct = FunctionRegistry.FindAggregate(entry.Oid)?.DirectArguments ?? 0;
            Accumulator made = AggregateLibrary.Create(entry.Implementation, arguments[direct..],
                new SqlType(Concrete(entry.Result)),
                [.. arguments[..direct].Select(
                    static type => Columnar.Columns.Column.Nulls(BuiltinTypes.PhysicalOf(type.Oid), 1))]);
            Assert.NotNull(made);
        }
    }

    // Stands in for the type that a call would give.
    private static uint Concrete(uint oid) => oid switch
    {
        TypeOid.AnyElement or TypeOid.AnyNonArray or TypeOid.Any or TypeOid.AnyCompatible => TypeOid.Int4,
        TypeOid.AnyArray or TypeOid.AnyCompatibleArray => TypeOid.Int4Array,
        _ => oid,
    };
}
