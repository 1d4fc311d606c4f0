using System.Collections.Immutable;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Definitions;

/// <summary>What binding notes for those who want a statement's text again: what plans no longer tell.</summary>
/// <remarks>Nodes are told apart by identity; columns by their ids, of which every name in a FROM has its own while this is kept.</remarks>
internal sealed class FormRecord
{
    /// <summary>Calls of embed() are to say which version of the model they mean: what a table keeps does not change with the model.</summary>
    internal bool PinsModels { get; init; }

    /// <summary>The item of FROM that a column is of, and the place in it.</summary>
    internal Dictionary<int, (NamespaceItem Item, int Index)> Columns { get; } = [];

    /// <summary>Columns that stand for no item's: what USING merged of both sides.</summary>
    internal HashSet<int> Merged { get; } = [];

    internal Dictionary<int, AggregateCall> Aggregates { get; } = [];

    internal Dictionary<int, (WindowCall Call, WindowForm Window)> Windows { get; } = [];

    internal Dictionary<int, ScalarExpression> SetCalls { get; } = [];

    internal Dictionary<int, ImmutableArray<ScalarExpression>> Groupings { get; } = [];

    /// <summary>System columns of tables.</summary>
    internal Dictionary<ScalarExpression, (NamespaceItem Item, string Name)> SystemColumns { get; } = new(ReferenceEqualityComparer.Instance);

    internal Dictionary<TableReference, FromForm> From { get; } = new(ReferenceEqualityComparer.Instance);

    internal Dictionary<CommonTable, QueryForm> CommonTables { get; } = new(ReferenceEqualityComparer.Instance);

    internal Dictionary<LogicalPlan, QueryForm> Queries { get; } = new(ReferenceEqualityComparer.Instance);

    internal Dictionary<Expression, ScalarExpression> GroupKeys { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>x of CASE x WHEN.</summary>
    internal Dictionary<ScalarExpression, ScalarExpression> CaseOperands { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Values that are written as a word: CURRENT_DATE.</summary>
    internal Dictionary<ScalarExpression, KeywordValueExpression> Words { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whole rows of items.</summary>
    internal Dictionary<ScalarExpression, NamespaceItem> Rows { get; } = new(ReferenceEqualityComparer.Instance);

    internal Dictionary<ScalarExpression, QualifiedName> Collations { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>The items of IN lists in the type that is common to them, before the operator's conversion.</summary>
    internal Dictionary<ScalarExpression, ImmutableArray<ScalarExpression>> Lists { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>(a, b) = (SELECT …): the row, and the query.</summary>
    internal Dictionary<ScalarExpression, (OperatorName Operator, ImmutableArray<ScalarExpression> Row, QueryForm Query)> RowQueries
    { get; } = new(ReferenceEqualityComparer.Instance);
}
