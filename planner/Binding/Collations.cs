using VecSQL.Catalog.Types;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Which collation expressions have by what is written in them, where that is not the default one.</summary>
/// <remarks>All collations sort alike here; which one an expression has only tells whether PostgreSQL takes the statement.</remarks>
internal sealed class Collations
{
    private readonly Dictionary<ScalarExpression, string> _written = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<int, string> _columns = [];

    /// <summary>The expression with a collation that is written behind it.</summary>
    internal ScalarExpression Write(ScalarExpression operand, string name)
    {
        ScalarExpression collated = operand with { TextPosition = operand.TextPosition, Form = operand.Form };
        _written.Add(collated, name);
        return collated;
    }

    /// <summary>Notes that a column has the values of an expression.</summary>
    internal void Note(ColumnExpression column, ScalarExpression value) => Note(column, [value]);

    /// <summary>Notes that a column is computed of expressions.</summary>
    internal void Note(ColumnExpression column, IEnumerable<ScalarExpression> values)
    {
        if (BuiltinTypes.IsCollatable(column.Type.Oid) && values.Select(Of).FirstOrDefault(static name => name is not null) is { } found)
            _columns[column.ColumnId] = found;
    }

    /// <summary>The collation; null for the default one, and for values that have none.</summary>
    internal string? Of(ScalarExpression expression)
    {
        if (!BuiltinTypes.IsCollatable(expression.Type.Oid))
            return null;
        if (_written.TryGetValue(expression, out string? name))
            return name == "default" ? null : name;
        string? ofType = expression.Type.Oid == TypeOid.Name ? "C" : null, found = null;
        switch (expression)
        {
            case ColumnExpression column:
                return _columns.GetValueOrDefault(column.ColumnId) ?? ofType;
            case SubqueryExpression subquery:
                return Of(subquery.Columns[0]);
            default:
                bool hasCollated = false;
                ExpressionTree.VisitChildren(expression, child =>
                {
                    hasCollated |= BuiltinTypes.IsCollatable(child.Type.Oid);
                    found ??= Of(child);
                });
                return hasCollated ? found : ofType;
        }
    }
}
