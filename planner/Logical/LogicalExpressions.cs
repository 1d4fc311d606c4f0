using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Logical;

/// <summary>
/// A subquery in an expression, before physical planning. Columns that it uses and does not make are outer
/// references.
/// </summary>
/// <param name="Columns">The columns of the query's select list.</param>
/// <param name="Test">Of Any and All: over the columns and the row outside.</param>
internal sealed record SubqueryExpression(
    SqlType Type, SubplanKind Kind, LogicalPlan Plan, ImmutableArray<ColumnExpression> Columns, ScalarExpression? Test)
    : ScalarExpression(Type);

/// <summary>A call of a function written in SQL whose body stands in its place. Gone when binding is done.</summary>
/// <remarks>Until then the call is known by its arguments: to what level it belongs and whether it is grouped by, even where the body
/// has no use for one.</remarks>
/// <param name="Value">The body, over the arguments or the columns that stand for them.</param>
internal sealed record InlinedCall(
    SqlType Type, FunctionEntry Function, ValueList<ScalarExpression> Arguments, ScalarExpression Value) : ScalarExpression(Type)
{
    /// <summary>What stands for the arguments in the body; empty where they are in it themselves.</summary>
    internal ImmutableArray<ColumnExpression> Columns { get; init; } = [];

    /// <summary>How large the body is with the arguments in it, as far as it is known.</summary>
    internal long Nodes { get; init; } = 1;

    /// <summary>PostgreSQL would call the function, rather than put its body here: it knows no more of it than what it was declared to be.</summary>
    internal bool IsKept { get; init; }

    /// <summary>The body with the arguments in it.</summary>
    internal ScalarExpression Placed
    {
        get
        {
            if (Columns.IsEmpty)
                return Value;
            Dictionary<int, ScalarExpression> given = [];
            for (int i = 0; i < Columns.Length; i++)
                given.Add(Columns[i].ColumnId, Arguments[i]);
            return ExpressionTree.Rewrite(
                Value, node => node is ColumnExpression column ? given.GetValueOrDefault(column.ColumnId) : null);
        }
    }

    public bool Equals(InlinedCall? other) =>
        other is not null && Function.Oid == other.Function.Oid && Type == other.Type && Arguments.Equals(other.Arguments);

    public override int GetHashCode() => HashCode.Combine(Function.Oid, Arguments);

    /// <summary>The expression with bodies in the place of all calls.</summary>
    internal static ScalarExpression Expand(ScalarExpression expression) =>
        ExpressionTree.Rewrite(expression, static node => node is InlinedCall call ? Expand(call.Placed) : null);
}

/// <summary>A string constant (or null) whose type is yet to be found. Gone when binding is done.</summary>
/// <param name="Value">Null for SQL NULL.</param>
internal sealed record UnknownLiteral(string? Value, int Position) : ScalarExpression(SqlType.Unknown)
{
    internal LiteralNumber Number { get; init; }
}

/// <summary>A parameter before its type is known. Gone when binding is done.</summary>
internal sealed record UnknownParameter(int Index, int Position) : ScalarExpression(SqlType.Unknown);
