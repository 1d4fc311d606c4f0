using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;

namespace VecSQL.Engine.Introspection;

/// <summary>Functions' signatures as \df prints them.</summary>
internal static class FunctionTexts
{
    internal static string Arguments(FunctionEntry function) => string.Join(", ",
        function.Arguments.Select((type, i) => Named(function, i) + Type(type))
            .Concat(function.OutColumns.Select(column => $"OUT {column.Name} {Type(column.Type)}")));

    internal static string Result(FunctionEntry function) =>
        (function.ReturnsSet ? "SETOF " : "") + (function.OutColumns.Length > 0 ? "record" : Type(function.Result));

    private static string Named(FunctionEntry function, int index)
    {
        bool isVariadic = function.VariadicElement != 0 && index == function.Arguments.Length - 1;
        string name = index < function.ArgumentNames.Length && function.ArgumentNames[index].Length > 0
            ? function.ArgumentNames[index] + " "
            : "";
        return (isVariadic ? "VARIADIC " : "") + name;
    }

    private static string Type(uint oid) => BuiltinTypes.FormatType(oid, null);
}
