using System.Collections.Immutable;
using VecSQL.Catalog.Types;
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

/// <summary>A string constant (or null) whose type is yet to be found. Gone when binding is done.</summary>
/// <param name="Value">Null for SQL NULL.</param>
internal sealed record UnknownLiteral(string? Value, int Position) : ScalarExpression(SqlType.Unknown)
{
    internal LiteralNumber Number { get; init; }
}

/// <summary>A parameter before its type is known. Gone when binding is done.</summary>
internal sealed record UnknownParameter(int Index, int Position) : ScalarExpression(SqlType.Unknown);
