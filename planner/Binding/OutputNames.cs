using VecSQL.Parser.Syntax;

namespace VecSQL.Planner.Binding;

/// <summary>Names select-list items that have no alias, as PostgreSQL does.</summary>
internal static class OutputNames
{
    internal static string Of(Expression expression) => Find(expression).Name ?? "?column?";

    /// <summary>The name, and whether it is a weak one that an outer cast or CASE replaces by its own.</summary>
    private static (string? Name, bool IsWeak) Find(Expression expression)
    {
        switch (expression)
        {
            case ColumnReference column:
                return (column.Name.Name, false);
            case FieldExpression { Field: not "*" } field:
                return (field.Field, false);
            case SubscriptExpression subscript:
                return Find(subscript.Operand);
            case CollateExpression collate:
                return Find(collate.Operand);
            case FunctionCall call:
                return (call.Name.Name, false);
            case CastExpression cast:
                (string? inner, bool isWeak) = Find(cast.Operand);
                return inner is null || isWeak ? (cast.Type.Name.Name, true) : (inner, false);
            case CaseExpression choice:
                (string? otherwise, bool isElseWeak) = choice.Else is null ? (null, true) : Find(choice.Else);
                return otherwise is null || isElseWeak ? ("case", true) : (otherwise, false);
            case ScalarQueryExpression { Query.Body: SelectBody { Items: [var first, ..] } }:
                return first.Alias is { } alias ? (alias, false) : (NameOrNull(first.Expression), false);
            case ScalarQueryExpression { Query.Body: ValuesBody }:
                return ("column1", false);
            default:
                return (Keyword(expression), false);
        }
    }

    private static string? NameOrNull(Expression expression) => Find(expression).Name;

    private static string? Keyword(Expression expression) => expression switch
    {
        ExistsExpression => "exists",
        ArrayExpression or ArrayQueryExpression => "array",
        RowExpression { IsExplicit: true } or RowExpression => "row",
        CoalesceExpression => "coalesce",
        NullIfExpression => "nullif",
        MinMaxExpression minMax => minMax.IsGreatest ? "greatest" : "least",
        GroupingExpression => "grouping",
        KeywordValueExpression keyword => keyword.Keyword,
        _ => null,
    };
}
