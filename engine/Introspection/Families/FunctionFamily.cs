using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Engine.Statements;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>pg_proc, pg_aggregate, pg_cast, pg_language.</summary>
internal static class FunctionFamily
{
    internal static readonly RowSource[] Sources =
    [
        new RowSource<FunctionEntry>("pg_proc", _ => All)
            .With("oid", function => function.Oid)
            .With("proname", function => function.Name)
            .With("pronamespace", (context, function) => context.SchemaHere(SchemaOf(function)))
            .WithAll("proowner", Roles.OwnerOid)
            .WithAll("prolang", 12)
            .WithAll("procost", 1)
            .With("prorows", function => function.ReturnsSet ? 1000 : 0)
            .With("provariadic", function => function.VariadicElement)
            .With("prokind", function => KindOf(function))
            .With("proisstrict", function => function.IsStrict)
            .With("proretset", function => function.ReturnsSet)
            .With("provolatile", function => VolatilityOf(function))
            .WithAll("proparallel", 's')
            .With("pronargs", function => function.Arguments.Length)
            .With("pronargdefaults", function => function.DefaultCount)
            .With("prorettype", function => function.Result)
            .With("proargtypes", function => SystemRowBuilder.Vector(function.Arguments))
            .With("proallargtypes", function => function.OutColumns.IsEmpty
                ? null
                : function.Arguments.Concat(function.OutColumns.Select(column => column.Type)))
            .With("proargmodes", function => function.OutColumns.IsEmpty
                ? null
                : Enumerable.Repeat("i", function.Arguments.Length).Concat(function.OutColumns.Select(_ => "o")))
            .With("proargnames", function => ArgumentNames(function))
            .With("prosrc", function => function.Implementation),

        new RowSource<AggregateEntry>("pg_aggregate", _ => FunctionRegistry.Aggregates.OrderBy(aggregate => aggregate.Function))
            .With("aggfnoid", aggregate => aggregate.Function)
            .With("aggkind", aggregate => aggregate.Kind)
            .With("aggnumdirectargs", aggregate => aggregate.DirectArguments)
            .WithAll("aggfinalmodify", 'r')
            .WithAll("aggmfinalmodify", 'r'),

        new RowSource<(CastEntry Cast, int Index)>("pg_cast", _ => FunctionRegistry.Casts
                .OrderBy(cast => cast.Source).ThenBy(cast => cast.Target).Select((cast, i) => (cast, i)))
            .With("oid", entry => 10_000 + entry.Index)
            .With("castsource", entry => entry.Cast.Source)
            .With("casttarget", entry => entry.Cast.Target)
            .With("castfunc", entry => entry.Cast.Function)
            .With("castcontext", entry => entry.Cast.Context switch
            {
                CastContext.Implicit => 'i',
                CastContext.Assignment => 'a',
                _ => 'e',
            })
            .With("castmethod", entry => entry.Cast.Method switch
            {
                CastMethod.Function => 'f',
                CastMethod.BinaryCoercible => 'b',
                _ => 'i',
            }),

        new RowSource<(uint Oid, string Name, bool IsTrusted)>("pg_language",
                _ => [(12, "internal", false), (13, "c", false), (14, "sql", true)])
            .With("oid", language => language.Oid)
            .With("lanname", language => language.Name)
            .WithAll("lanowner", Roles.OwnerOid)
            .With("lanpltrusted", language => language.IsTrusted),
    ];

    /// <summary>SQL functions, then those that read and write types.</summary>
    internal static IEnumerable<FunctionEntry> All => FunctionRegistry.Functions.Concat(
        TypeFamily.Functions.Where(function => FunctionRegistry.FindFunction(function.Oid) is null).Select(function => new FunctionEntry
        {
            Oid = function.Oid,
            Name = function.Name,
            Arguments = [TypeOid.CString],
            Result = TypeOid.CString,
            Implementation = function.Name,
        }));

    internal static FunctionEntry? Find(uint oid) =>
        FunctionRegistry.FindFunction(oid) ?? All.FirstOrDefault(function => function.Oid == oid);

    internal static uint SchemaOf(FunctionEntry function) => function.Schema switch
    {
        "public" => CatalogSnapshot.PublicOid,
        "information_schema" => CatalogSnapshot.InformationSchemaOid,
        "vecsql" => CatalogSnapshot.VecsqlSchemaOid,
        _ => CatalogSnapshot.PgCatalogOid,
    };

    private static IEnumerable<string>? ArgumentNames(FunctionEntry function)
    {
        if (function.ArgumentNames.IsEmpty && function.OutColumns.IsEmpty)
            return null;
        IEnumerable<string> named = function.ArgumentNames.IsEmpty
            ? Enumerable.Repeat("", function.Arguments.Length)
            : function.ArgumentNames;
        return named.Concat(function.OutColumns.Select(column => column.Name));
    }

    private static char KindOf(FunctionEntry function) => function.Kind switch
    {
        FunctionKind.Aggregate => 'a',
        FunctionKind.Window => 'w',
        FunctionKind.Procedure => 'p',
        _ => 'f',
    };

    private static char VolatilityOf(FunctionEntry function) => function.Volatility switch
    {
        Volatility.Immutable => 'i',
        Volatility.Stable => 's',
        _ => 'v',
    };
}
