using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;
using VecSQL.Planner.Rules;

namespace VecSQL.Planner.Binding;

/// <summary>An expression that is the body of a function, and what it does with the columns that stand for its arguments.</summary>
internal sealed class InlinedBody
{
    /// <summary>A larger expression is refused: functions that use an argument twice, given calls of each other, double it with each call.</summary>
    private const long NodesMax = 50_000;

    private readonly ImmutableArray<ColumnExpression> _columns;
    private readonly Dictionary<int, int> _uses;
    private bool _hasNonstrict;
    private long _nodes;

    internal InlinedBody(ScalarExpression value, ImmutableArray<ColumnExpression> columns)
    {
        (Value, _columns) = (value, columns);
        _uses = columns.ToDictionary(static column => column.ColumnId, static _ => 0);
        ExpressionTree.Descend(value, Note);
    }

    internal ScalarExpression Value { get; }

    /// <summary>Whether it has a query in it.</summary>
    internal bool Reads { get; private set; }

    /// <summary>Whether it is null by itself where any argument is.</summary>
    internal bool IsStrict => !_hasNonstrict && _uses.Values.All(static uses => uses > 0);

    /// <summary>A call of it.</summary>
    /// <exception cref="SqlException">0A000: a volatile argument is used more than once; 54001: it is too large.</exception>
    internal InlinedCall Call(SqlType result, FunctionEntry function, ImmutableArray<ScalarExpression> arguments)
    {
        long nodes = _nodes;
        for (int i = 0; i < _columns.Length; i++)
        {
            int uses = _uses[_columns[i].ColumnId];
            if (uses > 1 && PredicatePushDown.IsVolatile(arguments[i])) // what is computed anew for each use must be used once
            {
                throw new SqlException(SqlState.FeatureNotSupported,
                    "a volatile argument that a function uses more than once is not supported");
            }
            nodes += uses * NodesOf(arguments[i]);
        }
        return nodes <= NodesMax
            ? new InlinedCall(result, function, Coercion.List(arguments), Value) { Columns = _columns, Nodes = nodes }
            : throw new SqlException(SqlState.StatementTooComplex, "calls of functions within each other make too large an expression");
    }

    private static long NodesOf(ScalarExpression expression)
    {
        long nodes = 0;
        ExpressionTree.Descend(expression, node =>
        {
            nodes += node is InlinedCall call ? call.Nodes : 1;
            return node is not InlinedCall;
        });
        return nodes;
    }

    private bool Note(ScalarExpression node)
    {
        _nodes++;
        switch (node)
        {
            case ColumnExpression column:
                Use(column.ColumnId, 1);
                return false;
            case SubqueryExpression subquery:
                foreach (int id in ColumnSet.UsedBy(subquery))
                    Use(id, 2); // once a row, as far as can be told
                _hasNonstrict = Reads = true;
                return false;
            case InlinedCall call:
                ExpressionTree.Descend(call.Placed, Note);
                return false;
            case CallExpression call:
                _hasNonstrict |= !call.Function.IsStrict;
                return true;
            default:
                _hasNonstrict |= node is not (ConstantExpression or RelabelExpression or TextCastExpression or ArrayCastExpression or NotOperation);
                return true;
        }
    }

    private void Use(int column, int times)
    {
        if (_uses.TryGetValue(column, out int uses))
            _uses[column] = uses + times;
    }
}
