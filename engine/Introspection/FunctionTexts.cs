using System.Globalization;
using System.Text;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Parser.Printing;

namespace VecSQL.Engine.Introspection;

/// <summary>Functions' signatures and definitions as \df and \sf print them.</summary>
internal static class FunctionTexts
{
    internal static string Arguments(FunctionEntry function) => Arguments(function, withDefaults: true);

    /// <summary>What tells the function from others of its name.</summary>
    internal static string Identity(FunctionEntry function) => Arguments(function, withDefaults: false);

    internal static string Result(FunctionEntry function)
    {
        if (function is { Definition.ReturnsSet: true, OutColumns.Length: > 0 } && IsTable(function))
            return $"TABLE({string.Join(", ", function.OutColumns.Select(column => $"{Deparser.Quote(column.Name)} {Type(column.Type)}"))})";
        bool isRecord = function.OutColumns.Length > (function.Definition is null ? 0 : 1);
        return (function.ReturnsSet ? "SETOF " : "") + (isRecord ? "record" : Type(function.Result));
    }

    /// <summary>The statement that makes the function.</summary>
    internal static string Definition(FunctionDefinition definition, string schema)
    {
        FunctionEntry function = definition.AsEntry(schema);
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture,
            $"CREATE OR REPLACE FUNCTION {Deparser.Quote(schema)}.{Deparser.Quote(definition.Name)}({Arguments(function)})\n");
        text.Append(CultureInfo.InvariantCulture, $" RETURNS {Result(function)}\n LANGUAGE sql\n");
        string options = Options(definition);
        if (options.Length > 0)
            text.Append(options).Append('\n');
        if (definition.Query is not null)
            return text.Append(Body(definition)).Append('\n').ToString();
        string quote = "$function$";
        while (definition.Source.Contains(quote, StringComparison.Ordinal))
            quote = quote.Insert(quote.Length - 1, "x");
        return text.Append("AS ").Append(quote).Append(definition.Source).Append(quote).Append('\n').ToString();
    }

    /// <summary>RETURN or BEGIN ATOMIC and what follows.</summary>
    internal static string? Body(FunctionDefinition definition)
    {
        if (definition.Query is not { } query)
            return null;
        return definition.IsReturn ? "RETURN " + query["SELECT ".Length..] : $"BEGIN ATOMIC\n {query};\nEND";
    }

    private static string Options(FunctionDefinition definition)
    {
        StringBuilder options = new();
        options.Append(definition.Volatility switch { Volatility.Immutable => " IMMUTABLE", Volatility.Stable => " STABLE", _ => "" });
        options.Append(definition.Parallel switch { 's' => " PARALLEL SAFE", 'r' => " PARALLEL RESTRICTED", _ => "" });
        options.Append(definition.IsStrict ? " STRICT" : "").Append(definition.IsSecurityDefiner ? " SECURITY DEFINER" : "");
        options.Append(definition.IsLeakproof ? " LEAKPROOF" : "");
        if (definition.Cost != 100)
            options.Append(CultureInfo.InvariantCulture, $" COST {definition.Cost}");
        if (definition.Rows is not (0 or 1000))
            options.Append(CultureInfo.InvariantCulture, $" ROWS {definition.Rows}");
        return options.ToString();
    }

    private static string Arguments(FunctionEntry function, bool withDefaults)
    {
        IEnumerable<string> inputs = function.Arguments.Select((type, i) => Named(function, i) + Type(type) + (withDefaults ? Default(function, i) : ""));
        return IsTable(function)
            ? string.Join(", ", inputs)
            : string.Join(", ", inputs.Concat(Outputs(function).Select(column => $"OUT {Deparser.Quote(column.Name)} {Type(column.Type)}")));
    }

    private static IEnumerable<(string Name, uint Type)> Outputs(FunctionEntry function) => function.Definition is { } definition
        ? definition.Columns.Where(column => !column.IsInOut).Select(column => (column.Name, column.Type.Oid))
        : function.OutColumns;

    private static bool IsTable(FunctionEntry function) => function.Definition is { ReturnsTable: true };

    private static string Default(FunctionEntry function, int argument)
    {
        if (function.Definition is { } definition)
            return definition.Arguments[argument].DefaultSql is { } sql ? " DEFAULT " + sql : "";
        int at = argument - (function.Arguments.Length - function.DefaultCount);
        if (at < 0 || at >= function.DefaultValues.Length || function.DefaultValues[at] is not { Length: > 0 } value)
            return "";
        string text = function.Arguments[argument] switch
        {
            TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Bool => value,
            TypeOid.Float8 or TypeOid.Numeric => value.Contains('.', StringComparison.Ordinal) ? value : value + ".0",
            _ => $"{SqlPrinter.QuoteLiteral(value)}::{Type(function.Arguments[argument])}",
        };
        return " DEFAULT " + text;
    }

    private static string Named(FunctionEntry function, int index)
    {
        bool isVariadic = function.VariadicElement != 0 && index == function.Arguments.Length - 1;
        bool isInOut = function.Definition?.Arguments[index].IsInOut == true;
        string name = index < function.ArgumentNames.Length && function.ArgumentNames[index].Length > 0
            ? Deparser.Quote(function.ArgumentNames[index]) + " "
            : "";
        return (isVariadic ? "VARIADIC " : isInOut ? "INOUT " : "") + name;
    }

    private static string Type(uint oid) => BuiltinTypes.FormatType(oid, null);
}
