using System.Collections.Immutable;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Definitions;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>ORDER BY and LIMIT over a finished result: of set operations and VALUES.</summary>
internal static class OutputOrder
{
    internal static BoundQuery Apply(
        BindingState state, QueryScope scope, QueryExpression query, BoundQuery bound, bool isSetOperation)
    {
        if (!query.Locking.IsEmpty)
        {
            string spelled = SelectBuilder.Spell(query.Locking[0].Strength);
            throw new SqlException(SqlState.FeatureNotSupported, isSetOperation
                ? $"{spelled} is not allowed with UNION/INTERSECT/EXCEPT"
                : $"{spelled} cannot be applied to VALUES");
        }
        List<NamespaceItem> outside = scope.Items;
        scope.Items = [new NamespaceItem
        {
            Name = query.Body is ValuesBody ? "*VALUES*" : null,
            Columns = [.. bound.Columns.Select(column => new NamespaceColumn(column.Name, column.Column))],
        }];
        foreach (OutputColumn column in bound.Columns)
            state.Own(column.Column, scope);
        var binder = new ExpressionBinder(state, scope);
        var keys = ImmutableArray.CreateBuilder<SortKey>();
        ImmutableArray<ColumnExpression> output = [.. bound.Columns.Select(static column => column.Column)];
        foreach (OrderItem item in query.OrderBy)
        {
            ScalarExpression key = FindOrdinal(item.Expression, bound)
                ?? FindName(item.Expression, bound)
                ?? (isSetOperation ? throw Unsupported(item) : scope.At(ExpressionPlace.OrderBy,
                    () => binder.BindSettled(item.Expression)));
            keys.Add(ExpressionBinder.MakeSortKey(key, item));
        }
        QueryLimit limit = QueryLimit.Bind(query, state, scope);
        scope.Items = outside;
        LogicalPlan plan = keys.Count == 0 ? bound.Plan : new LogicalSort(bound.Plan, keys.ToImmutable());
        return bound with
        {
            Plan = limit.Apply(plan, keys.ToImmutable()),
            Form = bound.Form is { } form ? FormOf(form, keys, limit, output) : null,
        };
    }

    private static QueryForm FormOf(
        QueryForm form, IEnumerable<SortKey> keys, QueryLimit limit, ImmutableArray<ColumnExpression> output)
    {
        ImmutableArray<OrderForm> order = [.. keys.Select(key =>
        {
            int ordinal = key.Key is ColumnExpression column ? output.IndexOf(column) + 1 : 0;
            return form.Body is SelectForm select && ordinal > 0
                ? new OrderForm(key with { Key = select.Targets[ordinal - 1].Value }, Ordinal: 0)
                : new OrderForm(key, ordinal);
        })];
        return form with
        {
            Order = order.IsEmpty ? form.Order : order,
            Limit = limit.IsNone ? form.Limit : limit,
        };
    }

    private static ColumnExpression? FindName(Expression syntax, BoundQuery bound)
    {
        if (syntax is not ColumnReference { Name.Parts: [var name] })
            return null;
        OutputColumn[] named = [.. bound.Columns.Where(column => column.Name == name)];
        if (named.Length > 1)
            throw new SqlException(SqlState.AmbiguousColumn, $"ORDER BY \"{name}\" is ambiguous", syntax.Position);
        return named.Length == 0 ? null : named[0].Column;
    }

    private static ColumnExpression? FindOrdinal(Expression syntax, BoundQuery bound)
    {
        if (syntax is NumericLiteral or StringLiteral or NullLiteral)
            throw new SqlException(SqlState.SyntaxError, "non-integer constant in ORDER BY", syntax.Position);
        if (syntax is not IntegerLiteral literal)
            return null;
        if (int.TryParse(literal.Text, out int ordinal) && ordinal >= 1 && ordinal <= bound.Columns.Length)
            return bound.Columns[ordinal - 1].Column;
        throw new SqlException(SqlState.InvalidColumnReference,
            $"ORDER BY position {literal.Text} is not in select list", syntax.Position);
    }

    private static SqlException Unsupported(OrderItem item)
    {
        if (item.Expression is ColumnReference { Name.Parts: [var name] })
            return new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" does not exist",
                item.Expression.Position);
        return new SqlException(SqlState.FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
            ExpressionBinder.Start(item.Expression),
            "Add the expression/function to every SELECT, or move the UNION into a FROM clause.")
        {
            Detail = "Only result column names can be used, not expressions or functions.",
        };
    }
}
