using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Engine.Statements;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>pg_proc, pg_aggregate, pg_cast, pg_language.</summary>
internal static class FunctionFamily
{
    internal static readonly RowSource[] Sources =
    [
        new RowSource<FunctionEntry>("pg_proc", AllIn)
            .With("oid", function => function.Oid)
            .With("proname", function => function.Name)
            .With("pronamespace", (context, function) => function.Definition?.SchemaOid ?? context.SchemaHere(SchemaOf(function)))
            .WithAll("proowner", Roles.OwnerOid)
            .With("prolang", function => function.Definition is null ? 12 : 14)
            .With("procost", function => function.Definition?.Cost ?? 1)
            .With("prorows", function => function.Definition?.Rows ?? (function.ReturnsSet ? 1000 : 0))
            .With("prosecdef", function => function.Definition?.IsSecurityDefiner == true)
            .With("proleakproof", function => function.Definition?.IsLeakproof == true)
            .With("provariadic", function => function.VariadicElement)
            .With("prokind", function => KindOf(function))
            .With("proisstrict", function => function.IsStrict)
            .With("proretset", function => function.ReturnsSet)
            .With("provolatile", function => VolatilityOf(function))
            .With("proparallel", function => function.Definition?.Parallel ?? 's')
            .With("pronargs", function => function.Arguments.Length)
            .With("pronargdefaults", function => function.DefaultCount)
            .With("prorettype", function => function.Result)
            .With("proargtypes", function => SystemRowBuilder.Vector(function.Arguments))
            .With("proallargtypes", function => Modes(function) is null
                ? null
                : function.Arguments.Concat(Outputs(function).Select(column => column.Type)))
            .With("proargmodes", Modes)
            .With("proargnames", function => ArgumentNames(function))
            .With("proargdefaults", function => function.Definition is { } definition && function.DefaultCount > 0
                ? string.Join(", ", definition.Arguments.Where(argument => argument.DefaultSql is not null)
                    .Select(argument => argument.DefaultSql))
                : null)
            .With("prosqlbody", function => function.Definition is { } definition ? FunctionTexts.Body(definition) : null)
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
                _ => [(12, "internal", false), (13, "c", false), (14, "sql", true), (13563, "plpgsql", true)])
            .With("oid", language => language.Oid)
            .With("lanname", language => language.Name)
            .WithAll("lanowner", Roles.OwnerOid)
            .With("lanispl", language => language.Name == "plpgsql")
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

    /// <summary>All, and those that users made.</summary>
    internal static IEnumerable<FunctionEntry> AllIn(ViewContext context) => All.Concat(
        context.Catalog.Functions.OrderBy(function => function.Oid)
            .Select(function => function.AsEntry(context.SchemaName(function.SchemaOid))));

    internal static FunctionEntry? Find(ViewContext context, uint oid) => context.Catalog.Find(oid) is FunctionDefinition made
        ? made.AsEntry(context.SchemaName(made.SchemaOid))
        : FunctionRegistry.FindFunction(oid) ?? All.FirstOrDefault(function => function.Oid == oid);

    /// <summary>Per parameter and column: i, o, b for both, v for a variadic one, t for a column; null where all are i.</summary>
    private static IEnumerable<string>? Modes(FunctionEntry function)
    {
        if (function.OutColumns.IsEmpty && function.Definition?.Arguments.Any(argument => argument.IsVariadic) != true)
            return null;
        IEnumerable<string> inputs = function.Definition is { } definition
            ? definition.Arguments.Select(argument => argument.IsVariadic ? "v" : argument.IsInOut ? "b" : "i")
            : Enumerable.Repeat("i", function.Arguments.Length);
        return inputs.Concat(Outputs(function).Select(_ => function.Definition?.ReturnsTable == true ? "t" : "o"));
    }

    private static IEnumerable<(string Name, uint Type)> Outputs(FunctionEntry function) => function.Definition is { } definition
        ? definition.Columns.Where(column => !column.IsInOut).Select(column => (column.Name, column.Type.Oid))
        : function.OutColumns;

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
        return named.Concat(Outputs(function).Select(column => column.Name));
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
