using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds the assignments of SET: one column, several from a row, several from a query.</summary>
internal sealed class AssignmentBinder(
    BindingState state, QueryScope scope, TableExpressions expressions)
{
    private readonly ExpressionBinder _binder = new(state, scope);

    /// <summary>For each live column its new value, or null where it is not assigned.</summary>
    internal ScalarExpression?[] Bind(IReadOnlyList<Assignment> assignments)
    {
        var values = new ScalarExpression?[expressions.Live.Length];
        foreach (Assignment assignment in assignments)
        {
            if (!assignment.Subscripts.IsEmpty)
            {
                throw new SqlException(SqlState.FeatureNotSupported,
                    "assigning to an element of an array is not supported", assignment.Position);
            }
            if (assignment.Columns.Count == 1 && !assignment.IsRow)
            {
                Set(values, assignment.Columns[0], assignment.Value, assignment.Position);
                continue;
            }
            switch (assignment.Value)
            {
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
                case var single when assignment.Columns.Count == 1:
                    Set(values, assignment.Columns[0], single, assignment.Position);
                    break;
                default:
                    throw new SqlException(SqlState.FeatureNotSupported,
                        "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression",
                        ExpressionBinder.Start(assignment.Value));
            }
        }
        return values;
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

    private void Set(ScalarExpression?[] values, string name, Expression syntax, int position)
    {
        int index = expressions.Find(name, position);
        if (syntax is DefaultExpression)
        {
            PutBound(values, index, expressions.Default(expressions.Live[index]));
            return;
        }
        ScalarExpression value = scope.At(ExpressionPlace.Update, () => _binder.Bind(syntax));
        Put(values, name, value, ExpressionBinder.Start(syntax), position);
    }

    private void Put(ScalarExpression?[] values, string name, ScalarExpression value, int valuePosition, int position)
    {
        int index = expressions.Find(name, position);
        ColumnEntry column = expressions.Live[index];
        if (column.IsGenerated || column.Identity == IdentityKind.Always)
        {
            throw new SqlException(SqlState.GeneratedAlways, $"column \"{name}\" can only be updated to DEFAULT")
            {
                Detail = column.IsGenerated
                    ? $"Column \"{name}\" is a generated column."
                    : $"Column \"{name}\" is an identity column defined as GENERATED ALWAYS.",
            };
        }
        PutBound(values, index, TableExpressions.Assign(_binder, value, column, valuePosition));
    }

    private void PutBound(ScalarExpression?[] values, int index, ScalarExpression value)
    {
        if (values[index] is not null)
        {
            throw new SqlException(SqlState.SyntaxError,
                $"multiple assignments to same column \"{expressions.Live[index].Name}\"");
        }
        values[index] = value;
    }
}
