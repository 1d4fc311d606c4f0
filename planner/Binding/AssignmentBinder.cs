using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds the assignments of SET: one column, several from a row, several from a query.</summary>
/// <param name="current">A column's value before, which an assignment to a part of it changes.</param>
internal sealed class AssignmentBinder(
    BindingState state, QueryScope scope, TableExpressions expressions, Func<int, ScalarExpression> current)
{
    private readonly ExpressionBinder _binder = new(state, scope);

    /// <summary>For each live column its new value, or null where it is not assigned.</summary>
    internal ScalarExpression?[] Bind(IReadOnlyList<Assignment> assignments)
    {
        var values = new ScalarExpression?[expressions.Live.Length];
        foreach (Assignment assignment in assignments)
        {
            if (assignment.Columns.Count == 1 && !assignment.IsRow)
            {
                Set(values, assignment.Columns[0], assignment.Value, assignment.Position);
                continue;
            }
            switch (assignment.Value)
            {
                case RowExpression row when row.Items.Any(static item => item is StarExpression):
                    SetFromStars(values, assignment, row);
                    break;
                case RowExpression row when row.Items.Count == assignment.Columns.Count:
                    for (int i = 0; i < row.Items.Count; i++)
                        Set(values, assignment.Columns[i], row.Items[i], assignment.Position);
                    break;
                case ScalarQueryExpression query:
                    SetFromQuery(values, assignment, query);
                    break;
                case RowExpression row:
                    throw new SqlException(SqlState.SyntaxError,
                        "number of columns does not match number of values", row.Position);
                default:
                    throw new SqlException(SqlState.FeatureNotSupported,
                        "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression",
                        ExpressionBinder.Start(assignment.Value));
            }
        }
        expressions.Defer(values, current, _binder);
        return values;
    }

    /// <summary>(a, b) = ROW(t.*): each column of t is a value.</summary>
    private void SetFromStars(ScalarExpression?[] values, Assignment assignment, RowExpression row)
    {
        List<(Expression Syntax, ScalarExpression? Value)> items = [];
        foreach (Expression item in row.Items)
        {
            if (item is StarExpression star)
                items.AddRange(_binder.ExpandStar(star).Select(column => (item, (ScalarExpression?)column.Value)));
            else
                items.Add((item, null));
        }
        if (items.Count != assignment.Columns.Count)
            throw new SqlException(SqlState.SyntaxError, "number of columns does not match number of values", row.Position);
        for (int i = 0; i < items.Count; i++)
        {
            if (items[i].Value is { } value)
                Put(values, assignment.Columns[i], value, row.Position, assignment.Position);
            else
                Set(values, assignment.Columns[i], items[i].Syntax, assignment.Position);
        }
    }

    private void SetFromQuery(ScalarExpression?[] values, Assignment assignment, ScalarQueryExpression query)
    {
        ImmutableArray<ScalarExpression> columns = scope.At(ExpressionPlace.Update, () =>
        {
            try
            {
                return _binder.BindRowQuery(query.Query, assignment.Columns.Count, query.Position);
            }
            catch (SqlException error) when (error.Message.StartsWith("subquery has too", StringComparison.Ordinal))
            {
                throw new SqlException(SqlState.SyntaxError,
                    "number of columns does not match number of values", query.Position);
            }
        });
        for (int i = 0; i < columns.Length; i++)
            Put(values, assignment.Columns[i], columns[i], query.Position, assignment.Position);
    }

    private void Set(ScalarExpression?[] values, TargetColumn target, Expression syntax, int position)
    {
        int index = expressions.FindAssigned(target.Name, position);
        if (syntax is DefaultExpression)
        {
            if (!target.Subscripts.IsEmpty)
                throw TableExpressions.PartIsDefault(position);
            // A generated column follows from the others, so that asking for its default changes nothing.
            if (!expressions.Live[index].IsGenerated)
                PutBound(values, target, expressions.DefaultOfUpdate(expressions.Live[index]));
            return;
        }
        ScalarExpression value = scope.At(ExpressionPlace.Update, () => _binder.Bind(syntax));
        Put(values, target, value, ExpressionBinder.Start(syntax), position);
    }

    private void Put(
        ScalarExpression?[] values, TargetColumn target, ScalarExpression value, int valuePosition, int position)
    {
        int index = expressions.FindAssigned(target.Name, position);
        ColumnEntry column = expressions.Live[index];
        bool isGenerated = column.IsGenerated && !expressions.IsFilled(column)
            && !(state.Context.FillsDeferred && expressions.IsDeferred(column));
        if (isGenerated || column.Identity == IdentityKind.Always)
        {
            throw new SqlException(SqlState.GeneratedAlways, $"column \"{target.Name}\" can only be updated to DEFAULT")
            {
                Detail = column.IsGenerated
                    ? $"Column \"{target.Name}\" is a generated column."
                    : $"Column \"{target.Name}\" is an identity column defined as GENERATED ALWAYS.",
            };
        }
        ScalarExpression whole = values[index] is SubscriptAssignment before ? before : current(index);
        PutBound(values, target, target.Subscripts.IsEmpty
            ? TableExpressions.Assign(_binder, value, column, valuePosition)
            : scope.At(ExpressionPlace.Update, () => _binder.AssignPart(whole, target, value, valuePosition)));
    }

    private void PutBound(ScalarExpression?[] values, TargetColumn target, ScalarExpression value)
    {
        int index = expressions.FindAssigned(target.Name, target.Position);
        // Parts of one column may be assigned to one after the other.
        if (values[index] is not null && !(values[index] is SubscriptAssignment && value is SubscriptAssignment))
        {
            throw new SqlException(SqlState.SyntaxError,
                $"multiple assignments to same column \"{expressions.Live[index].Name}\"");
        }
        values[index] = value;
    }
}
