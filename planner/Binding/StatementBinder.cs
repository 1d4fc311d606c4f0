using System.Collections.Immutable;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>A statement bound to the end.</summary>
internal sealed record BoundStatement(LogicalPlan Plan, StatementKind Kind, ImmutableArray<OutputColumn> Columns);

/// <summary>Binds a query or data change with everything in it.</summary>
internal static class StatementBinder
{
    internal static BoundStatement Bind(BindingState state, Statement statement)
    {
        if (statement is QueryStatement query)
        {
            BoundQuery bound = new QueryBinder(state).BindTop(query.Query);
            return Finish(new BoundStatement(bound.Plan, StatementKind.Select, bound.Columns), state);
        }
        StatementKind kind = statement switch
        {
            InsertStatement => StatementKind.Insert,
            UpdateStatement => StatementKind.Update,
            DeleteStatement => StatementKind.Delete,
            MergeStatement => StatementKind.Merge,
            _ => throw new SqlException(SqlState.FeatureNotSupported, "only queries and data changes can be planned"),
        };
        (LogicalPlan plan, ImmutableArray<OutputColumn> columns) =
            ModificationBinder.Bind(state, statement, outer: null, isTop: true);
        return Finish(new BoundStatement(plan, kind, columns), state);
    }

    private static BoundStatement Finish(BoundStatement bound, BindingState state) => bound with
    {
        Plan = PlanTree.MapAllExpressions(bound.Plan, expression => Finish(expression, state)),
    };

    /// <summary>Refuses what is left without a type; puts the bodies of functions in the place of their calls.</summary>
    internal static ScalarExpression Finish(ScalarExpression expression, BindingState state) =>
        ExpressionTree.Rewrite(expression, node =>
        node switch
        {
            InlinedCall call => Finish(call.Placed, state),
            UnknownParameter parameter => throw BindingState.Indeterminate(parameter.Index, parameter.Position),
            UnknownLiteral literal => state.Read(literal, Catalog.Types.SqlType.Text),
            _ => null,
        });
}
