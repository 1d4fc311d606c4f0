using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Definitions;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>Checks expressions before they are stored, and gives their canonical text.</summary>
internal static class StoredExpressions
{
    /// <summary>A DEFAULT: no columns, no subqueries, of the column's type.</summary>
    /// <returns>Null where it is NULL, which is no default.</returns>
    internal static string? Default(Expression value, ColumnEntry column, PlannerContext context)
    {
        RefuseKinds(value, "DEFAULT expressions", "DEFAULT expression", allowsColumns: false);
        try
        {
            if (QueryPlanner.BindConstant(value, column.Type, context) is ConstantExpression { IsNull: true })
                return null;
        }
        catch (SqlException error) when (error.State == SqlState.DatatypeMismatch || error.State == SqlState.CannotCoerce)
        {
            ScalarExpression bound = QueryPlanner.BindConstant(value, null, context);
            throw new SqlException(SqlState.DatatypeMismatch,
                $"column \"{column.Name}\" is of type {BuiltinTypes.FormatType(column.Type)} but default expression is of type " +
                BuiltinTypes.FormatType(bound.Type), hint: "You will need to rewrite or cast the expression.");
        }
        return TextOf(value, null, column.Type, context);
    }

    /// <summary>The text that is kept: every conversion is in it.</summary>
    private static string TextOf(Expression expression, TableEntry? table, SqlType? type, PlannerContext context) =>
        DefinitionText.Expression(expression, table, type, context, DefinitionLayout.Stored);

    /// <summary>CHECK (condition) over the table's columns.</summary>
    internal static string Check(Expression condition, TableEntry table, PlannerContext context)
    {
        RefuseKinds(condition, "check constraints", "check constraint", allowsColumns: true);
        ScalarExpression bound = QueryPlanner.BindOverTable(condition, table, null, context);
        if (bound.Type.Oid is not (TypeOid.Bool or TypeOid.Unknown))
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                $"argument of CHECK must be type boolean, not type {BuiltinTypes.FormatType(bound.Type)}")
            { Position = condition.Position };
        }
        QueryPlanner.BindOverTable(condition, table, SqlType.Bool, context);
        return TextOf(condition, table, SqlType.Bool, context);
    }

    /// <summary>GENERATED ALWAYS AS (value) STORED: immutable, and over columns that are not generated themselves.</summary>
    /// <returns>The text that is kept, and the model that the values are made by, where that is known.</returns>
    internal static (string Sql, ModelUse? Model) Generated(Expression value, ColumnEntry column, TableEntry table, PlannerContext context)
    {
        RefuseKinds(value, "column generation expressions", "column generation expression", allowsColumns: true);
        foreach (ColumnReference reference in SyntaxWalk.All(value).OfType<ColumnReference>())
        {
            ColumnEntry? used = table.LiveColumns.FirstOrDefault(entry => entry.Name == reference.Name.Name);
            if (used is { IsGenerated: true } || used?.Number == column.Number)
            {
                throw new SqlException(SqlState.InvalidObjectDefinition,
                    $"cannot use generated column \"{reference.Name.Name}\" in column generation expression")
                {
                    Position = reference.Position,
                    Detail = "A generated column cannot reference another generated column.",
                };
            }
        }
        StoredValue bound = QueryPlanner.BindStored(value, table, column.Type, context);
        if (!bound.IsImmutable)
            throw new SqlException(SqlState.InvalidObjectDefinition, "generation expression is not immutable");
        return (TextOf(value, table, column.Type, context), bound.Model);
    }

    /// <summary>An expression to index by: over the table's columns, immutable.</summary>
    internal static (string Sql, SqlType Type) IndexKey(Expression value, TableEntry table, PlannerContext context)
    {
        RefuseKinds(value, "index expressions", "index expression", allowsColumns: true);
        (ScalarExpression bound, bool isImmutable, _) = QueryPlanner.BindStored(value, table, null, context);
        if (!isImmutable)
            throw new SqlException(SqlState.InvalidObjectDefinition, "functions in index expression must be marked IMMUTABLE");
        return (TextOf(value, table, null, context), bound.Type);
    }

    /// <summary>Which rows an index is to have.</summary>
    internal static string IndexPredicate(Expression condition, TableEntry table, PlannerContext context)
    {
        RefuseKinds(condition, "index predicates", "index predicate", allowsColumns: true);
        (ScalarExpression bound, bool isImmutable, _) = QueryPlanner.BindStored(condition, table, null, context);
        if (bound.Type.Oid is not (TypeOid.Bool or TypeOid.Unknown))
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                $"argument of WHERE must be type boolean, not type {BuiltinTypes.FormatType(bound.Type)}")
            { Position = condition.Position };
        }
        if (!isImmutable)
            throw new SqlException(SqlState.InvalidObjectDefinition, "functions in index predicate must be marked IMMUTABLE");
        return TextOf(condition, table, SqlType.Bool, context);
    }

    /// <summary>The names of columns that an expression mentions.</summary>
    internal static IReadOnlyCollection<string> ColumnsOf(Expression expression) =>
        SyntaxWalk.All(expression).OfType<ColumnReference>().Select(reference => reference.Name.Name).ToHashSet();

    internal static bool IsConstant(ScalarExpression expression) => !SyntaxWalk.All(expression).Any(node =>
        node is NextValueExpression || (node is CallExpression call && call.Function.Volatility == Volatility.Volatile));

    /// <summary>Refuses what no stored expression may be made of.</summary>
    internal static void RefuseKinds(Expression expression, string plural, string singular, bool allowsColumns)
    {
        foreach (object node in SyntaxWalk.All(expression))
        {
            switch (node)
            {
                case QueryExpression query:
                    throw new SqlException(SqlState.FeatureNotSupported, $"cannot use subquery in {singular}")
                    { Position = query.Position };
                case FunctionCall { Over: not null } window:
                    throw new SqlException(SqlState.WindowingError, $"window functions are not allowed in {plural}")
                    { Position = window.Position };
                case FunctionCall call when IsAggregate(call):
                    throw new SqlException(SqlState.GroupingError, $"aggregate functions are not allowed in {plural}")
                    { Position = call.Position };
                case FunctionCall call when ReturnsSet(call):
                    throw new SqlException(
                        SqlState.FeatureNotSupported, $"set-returning functions are not allowed in {plural}")
                    { Position = call.Position };
                case ColumnReference column when !allowsColumns:
                    throw new SqlException(
                        SqlState.FeatureNotSupported, $"cannot use column reference in {singular}") { Position = column.Position };
            }
        }
    }

    private static bool IsAggregate(FunctionCall call) =>
        FunctionRegistry.FindFunctions(call.Name.Name) is { Length: > 0 } found
        && found.All(function => function.Kind == FunctionKind.Aggregate);

    private static bool ReturnsSet(FunctionCall call) =>
        FunctionRegistry.FindFunctions(call.Name.Name) is { Length: > 0 } found && found.All(function => function.ReturnsSet);
}
