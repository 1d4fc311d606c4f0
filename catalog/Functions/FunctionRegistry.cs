using System.Collections.Frozen;
using System.Collections.Immutable;
using VecSQL.Catalog.Functions.Families;

namespace VecSQL.Catalog.Functions;

/// <summary>
/// All built-in functions, operators, casts and aggregates: pg_proc, pg_operator, pg_cast and pg_aggregate.
/// </summary>
/// <remarks>Immutable; made when first used. Names are matched exactly; schemas are the caller's to compare.</remarks>
public static class FunctionRegistry
{
    // One line a family, so that families can be added side by side.
    private static readonly FunctionFamily[] Families =
    [
        IntegerFamily.Tables,
        FloatFamily.Tables,
        BooleanFamily.Tables,
        TextComparisonFamily.Tables,
        NumericFamily.Tables,
        MathFamily.Tables,
        TextConversionFamily.Tables,
        TextFamily.Tables,
        LikeFamily.Tables,
        RegexFamily.Tables,
        BinaryStringFamily.Tables,
        VectorFamily.Tables,
        HalfVectorFamily.Tables,
        SparseVectorFamily.Tables,
        SphereFamily.Tables,
        MaxSimFamily.Tables,
        CitusFamily.Tables,
        EmbedFamily.Tables,
        TextSearchFamily.Tables,
        LexemeFamily.Tables,
        FormattingFamily.Tables,
        JsonFamily.Tables,
        AggregateFamily.Tables,
        DateFamily.Tables,
        TimeFamily.Tables,
        ArrayFamily.Tables,
        UuidFamily.Tables,
        EnumFamily.Tables,
        SystemFamily.Tables,
        CatalogInformationFamily.Tables,
        TemplateFamily.Tables,
        ServerFamily.Tables,
        SetFamily.Tables,
        WindowFamily.Tables,
        CoercionFamily.Tables,
    ];

    private static readonly ImmutableArray<FunctionEntry> AllFunctions =
        [.. Families.SelectMany(family => family.Functions)];

    private static readonly FrozenDictionary<uint, FunctionEntry> FunctionByOid =
        AllFunctions.ToFrozenDictionary(function => function.Oid);

    private static readonly FrozenDictionary<string, ImmutableArray<FunctionEntry>> FunctionsByName = AllFunctions
        .GroupBy(function => function.Name)
        .ToFrozenDictionary(group => group.Key, ImmutableArray.ToImmutableArray, StringComparer.Ordinal);

    private static readonly FrozenDictionary<uint, AggregateEntry> AggregateByFunction = Families
        .SelectMany(family => family.Aggregates).ToFrozenDictionary(aggregate => aggregate.Function);

    private static readonly ImmutableArray<OperatorEntry> AllOperators = [.. Families
        .SelectMany(family => family.Operators)
        .Select(op => op with { Result = FunctionByOid[op.Function].Result })];

    private static readonly FrozenDictionary<uint, OperatorEntry> OperatorByOid =
        AllOperators.ToFrozenDictionary(op => op.Oid);

    private static readonly FrozenDictionary<string, ImmutableArray<OperatorEntry>> OperatorsByName = AllOperators
        .GroupBy(op => op.Name)
        .ToFrozenDictionary(group => group.Key, ImmutableArray.ToImmutableArray, StringComparer.Ordinal);

    private static readonly FrozenDictionary<(string, uint, uint), OperatorEntry> OperatorBySignature =
        AllOperators.ToFrozenDictionary(op => (op.Name, op.Left, op.Right));

    private static readonly FrozenDictionary<uint, OperatorEntry> OperatorByFunction =
        AllOperators.GroupBy(op => op.Function).ToFrozenDictionary(group => group.Key, group => group.First());

    private static readonly FrozenDictionary<(uint, uint), CastEntry> CastByTypes = Families
        .SelectMany(family => family.Casts).ToFrozenDictionary(cast => (cast.Source, cast.Target));

    public static ImmutableArray<FunctionEntry> Functions => AllFunctions;

    /// <summary>The functions that the engine's introspection answers.</summary>
    public static IEnumerable<FunctionEntry> CatalogInformation => CatalogInformationFamily.Functions;

    public static ImmutableArray<OperatorEntry> Operators => AllOperators;

    public static IEnumerable<CastEntry> Casts => CastByTypes.Values;

    public static IEnumerable<AggregateEntry> Aggregates => AggregateByFunction.Values;

    /// <summary>All functions of the name, whatever their arguments; empty where there is none.</summary>
    public static ImmutableArray<FunctionEntry> FindFunctions(string name) =>
        FunctionsByName.TryGetValue(name, out ImmutableArray<FunctionEntry> found) ? found : [];

    /// <summary>The function whose code has the name, which must be one function's.</summary>
    public static FunctionEntry FindImplementation(string name) => AllFunctions.Single(function => function.Implementation == name);

    public static FunctionEntry? FindFunction(uint oid) => FunctionByOid.GetValueOrDefault(oid);

    /// <summary>What pg_aggregate says of the function; null where it is no aggregate.</summary>
    public static AggregateEntry? FindAggregate(uint functionOid) => AggregateByFunction.GetValueOrDefault(functionOid);

    /// <summary>All operators of the name, prefix ones too; empty where there is none.</summary>
    public static ImmutableArray<OperatorEntry> FindOperators(string name) =>
        OperatorsByName.TryGetValue(name, out ImmutableArray<OperatorEntry> found) ? found : [];

    public static OperatorEntry? FindOperator(uint oid) => OperatorByOid.GetValueOrDefault(oid);

    /// <summary>The operator with exactly these operand types; 0 on the left for a prefix operator.</summary>
    public static OperatorEntry? FindOperator(string name, uint left, uint right) =>
        OperatorBySignature.GetValueOrDefault((name, left, right));

    /// <summary>The operator that the function computes; null where the function is no operator's.</summary>
    public static OperatorEntry? FindOperatorOf(uint functionOid) => OperatorByFunction.GetValueOrDefault(functionOid);

    /// <summary>The cast from one type to another; a length coercion where they are the same.</summary>
    public static CastEntry? FindCast(uint source, uint target) => CastByTypes.GetValueOrDefault((source, target));
}
