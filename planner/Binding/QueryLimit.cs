using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>LIMIT and OFFSET, as bigint expressions without columns.</summary>
internal sealed record QueryLimit(ScalarExpression? Limit, ScalarExpression? Offset, bool WithTies)
{
    /// <summary>LIMIT ALL, or NULL.</summary>
    internal bool IsAll { get; private init; }

    internal bool IsNone => Limit is null && Offset is null && !IsAll;

    internal static QueryLimit Bind(QueryExpression query, BindingState state, QueryScope scope)
    {
        ScalarExpression? offset = Count(query.Offset, ExpressionPlace.Offset, state, scope);
        ScalarExpression? limit = Count(query.Limit, ExpressionPlace.Limit, state, scope);
        if (query.WithTies && query.OrderBy.IsEmpty)
            throw new SqlException(SqlState.SyntaxError, "WITH TIES cannot be specified without ORDER BY clause");
        if (query.WithTies && limit is ConstantExpression { IsNull: true })
        {
            throw new SqlException(SqlState.InvalidRowCountInLimitClause,
                "row count cannot be null in FETCH FIRST ... WITH TIES clause");
        }
        bool isAll = limit is ConstantExpression { IsNull: true };
        return new QueryLimit(isAll ? null : limit, offset, query.WithTies) { IsAll = isAll };
    }

    internal LogicalPlan Apply(LogicalPlan plan, ImmutableArray<SortKey> order) =>
        Limit is null && Offset is null ? plan : new LogicalLimit(plan, Limit, Offset, WithTies ? order : []);

    private static ScalarExpression? Count(Expression? syntax, ExpressionPlace place, BindingState state,
        QueryScope scope)
    {
        if (syntax is null)
            return null;
        string name = PlaceNames.Of(place);
        var binder = new ExpressionBinder(state, scope);
        ScalarExpression count = scope.At(place, () => binder.Bind(syntax));
        if (place == ExpressionPlace.Limit)
            count = state.Fix(count); // how many rows are wanted decides how to find them
        if (ColumnSet.UsedBy(count).Any(id => state.OwnerOf(id) == scope))
        {
            throw new SqlException(SqlState.InvalidColumnReference,
                $"argument of {name} must not contain variables", ExpressionBinder.Start(syntax));
        }
        return binder.Coercion.TryConvert(count, SqlType.Int8, CastContext.Assignment, ExpressionBinder.Start(syntax))
            ?? throw new SqlException(SqlState.DatatypeMismatch,
                $"argument of {name} must be type bigint, not type {TypeFacts.Name(count.Type.Oid)}",
                ExpressionBinder.Start(syntax));
    }
}
