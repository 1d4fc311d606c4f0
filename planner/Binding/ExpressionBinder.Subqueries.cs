using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Definitions;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Subqueries as values and tests.</summary>
internal sealed partial class ExpressionBinder
{
    private ScalarExpression BindSubquery(Expression expression)
    {
        RefuseSubquery(expression.Position);
        return _state.Barred(RecursionBar.Subquery, () => BindAllowedSubquery(expression));
    }

    private ScalarExpression BindAllowedSubquery(Expression expression)
    {
        switch (expression)
        {
            case ExistsExpression exists:
            {
                BoundQuery query = BindQuery(exists.Query);
                return new SubqueryExpression(SqlType.Bool, SubplanKind.Exists, query.Plan, [], null);
            }
            case ScalarQueryExpression scalar:
            {
                BoundQuery query = BindQuery(scalar.Query);
                RequireOneColumn(query, scalar.Position);
                ColumnExpression column = query.Columns[0].Column;
                return new SubqueryExpression(column.Type, SubplanKind.Scalar, query.Plan, [column], null);
            }
            case ArrayQueryExpression array:
            {
                BoundQuery query = BindQuery(array.Query);
                RequireOneColumn(query, array.Position);
                ColumnExpression column = query.Columns[0].Column;
                uint type = TypeFacts.IsTrueArray(column.Type.Oid) ? column.Type.Oid
                    : BuiltinTypes.ArrayOf(column.Type.Oid);
                if (type == 0)
                {
                    throw new SqlException(SqlState.UndefinedObject,
                        $"could not find array type for data type {TypeFacts.Name(column.Type.Oid)}", array.Position);
                }
                return new SubqueryExpression(new SqlType(type), SubplanKind.Array, query.Plan, [column], null);
            }
            default:
                return BindQuantifiedQuery((QuantifiedQueryExpression)expression);
        }
    }

    private SubqueryExpression BindQuantifiedQuery(QuantifiedQueryExpression quantified)
    {
        ScalarExpression[] operands = quantified.Operand is RowExpression row
            ? [.. row.Items.Select(Bind)]
            : [Bind(quantified.Operand)];
        BoundQuery query = BindQuery(quantified.Query);
        int position = PositionOf(quantified.Operator, quantified.Position);
        if (query.Columns.Length < operands.Length)
            throw new SqlException(SqlState.SyntaxError, "subquery has too few columns", position);
        if (query.Columns.Length > operands.Length)
            throw new SqlException(SqlState.SyntaxError, "subquery has too many columns", position);
        ImmutableArray<ColumnExpression> columns = [.. query.Columns.Select(column => column.Column)];
        ScalarExpression test = BuildRowComparison(quantified.Operator, operands, columns, position);
        if (test.Type.Oid != TypeOid.Bool)
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                $"operator {quantified.Operator.Symbol} must return type boolean, "
                + $"not type {TypeFacts.Name(test.Type.Oid)}",
                position);
        }
        SubplanKind kind = quantified.IsAll ? SubplanKind.All : SubplanKind.Any;
        return new SubqueryExpression(SqlType.Bool, kind, query.Plan, columns, test);
    }

    /// <summary>(a, b) = (SELECT x, y …): each column is a scalar subquery of its own.</summary>
    private ScalarExpression BindRowQueryComparison(OperatorName name, RowExpression left, QueryExpression syntax,
        int position)
    {
        RefuseSubquery(position);
        ScalarExpression[] lefts = [.. left.Items.Select(Bind)];
        ImmutableArray<ScalarExpression> rights = BindRowQuery(syntax, lefts.Length, position);
        ScalarExpression test = BuildRowComparison(name, lefts, rights, position);
        if (_state.Forms is { } forms && rights is [SubqueryExpression { Plan: var plan }, ..])
            forms.RowQueries.Add(test, (name, [.. lefts], forms.Queries[plan]));
        return test;
    }

    /// <summary>The columns of a query that gives one row, each as a value.</summary>
    internal ImmutableArray<ScalarExpression> BindRowQuery(QueryExpression syntax, int count, int position)
    {
        BoundQuery query = BindQuery(syntax);
        if (query.Columns.Length < count)
            throw new SqlException(SqlState.SyntaxError, "subquery has too few columns", position);
        if (query.Columns.Length > count)
            throw new SqlException(SqlState.SyntaxError, "subquery has too many columns", position);
        return [.. query.Columns.Select(column => (ScalarExpression)new SubqueryExpression(
            column.Column.Type, SubplanKind.Scalar, query.Plan, [column.Column], null))];
    }

    private BoundQuery BindQuery(QueryExpression syntax)
    {
        BoundQuery query = new QueryBinder(_state).BindSubquery(syntax, _scope);
        if (query.Form is { } form)
            _state.Forms?.Queries.Add(query.Plan, form);
        return query;
    }

    private static void RequireOneColumn(BoundQuery query, int position)
    {
        if (query.Columns.Length != 1)
            throw new SqlException(SqlState.SyntaxError, "subquery must return only one column", position);
    }

    private void RefuseSubquery(int position)
    {
        string? place = _scope.Place switch
        {
            ExpressionPlace.Check => "check constraint",
            ExpressionPlace.Default => "DEFAULT expression",
            ExpressionPlace.Generated => "column generation expression",
            ExpressionPlace.CopyWhere => "COPY FROM WHERE condition",
            ExpressionPlace.Execute => "EXECUTE parameter",
            _ => null,
        };
        if (place is not null)
            throw new SqlException(SqlState.FeatureNotSupported, $"cannot use subquery in {place}", position);
    }
}
