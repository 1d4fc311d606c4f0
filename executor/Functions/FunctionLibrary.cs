using System.Collections.Frozen;
using VecSQL.Catalog.Functions;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Families;

namespace VecSQL.Executor.Functions;

/// <summary>Finds the code of scalar functions by implementation name (pg_proc.prosrc).</summary>
internal static class FunctionLibrary
{
    private static readonly FrozenDictionary<string, FunctionDefinition> Definitions = Collect();

    public static IEnumerable<string> Names => Definitions.Keys;

    /// <exception cref="SqlException">0A000: the function has no implementation.</exception>
    public static VectorFunction Make(FunctionEntry function, CallSite site) =>
        Definitions.TryGetValue(function.Implementation, out FunctionDefinition? definition)
            ? definition.Make(site)
            : throw new SqlException(SqlState.FeatureNotSupported, $"function {function.Name} is not supported");

    public static bool IsTotal(FunctionEntry function) =>
        Definitions.TryGetValue(function.Implementation, out FunctionDefinition? definition) && definition.IsTotal;

    private static FrozenDictionary<string, FunctionDefinition> Collect()
    {
        var table = new FunctionTable();
        IntegerFunctions.Define(table);
        FloatFunctions.Define(table);
        FloatStateFunctions.Define(table);
        BooleanFunctions.Define(table);
        TextComparisons.Define(table);
        NumericFunctions.Define(table);
        MathFunctions.Define(table);
        TextFunctions.Define(table);
        TextConversions.Define(table);
        LikeFunctions.Define(table);
        RegexFunctions.Define(table);
        BinaryStringFunctions.Define(table);
        VectorFunctions.Define(table);
        VectorStateFunctions.Define(table);
        SparseVectorFunctions.Define(table);
        SphereFunctions.Define(table);
        CitusFunctions.Define(table);
        EmbedFunctions.Define(table);
        TextSearchFunctions.Define(table);
        LexemeFunctions.Define(table);
        TextReadingFunctions.Define(table);
        FormattingFunctions.Define(table);
        JsonFunctions.Define(table);
        JsonPathFunctions.Define(table);
        JsonRecordFunctions.Define(table);
        SystemFunctions.Define(table);
        CatalogInformationFunctions.Define(table);
        DateFunctions.Define(table);
        TimeFunctions.Define(table);
        ArrayFunctions.Define(table);
        UuidFunctions.Define(table);
        EnumFunctions.Define(table);
        ServerFunctions.Define(table);
        AdvisoryLockFunctions.Define(table);
        TemplateFunctions.Define(table);
        return table.Definitions.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
