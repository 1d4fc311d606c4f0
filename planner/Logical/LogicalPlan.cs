using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Logical;

/// <summary>A step of a query by meaning: rows of columns that have statement-wide ids. Immutable.</summary>
/// <remarks>
/// A column keeps its id through filters, joins, sorts and wherever a projection only passes it on, so that rules can
/// move
/// expressions without renaming. A column that is used and not produced below is an outer reference: a subquery or a
/// LATERAL item
/// reads it from the row around it.
/// </remarks>
internal abstract record LogicalPlan
{
    public abstract ImmutableArray<ColumnExpression> Output { get; }
}

internal sealed record LogicalValues(
    ImmutableArray<ColumnExpression> Columns, ImmutableArray<ImmutableArray<ScalarExpression>> Rows) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Columns;

    /// <summary>One row without columns: what a SELECT without FROM reads.</summary>
    public static LogicalValues OneRow { get; } = new([], [[]]);

    /// <summary>No row of these columns.</summary>
    public static LogicalValues None(ImmutableArray<ColumnExpression> columns) => new(columns, []);
}

/// <summary>Reads a table or a system view.</summary>
/// <param name="Columns">Column number 0 is tableoid.</param>
internal sealed record LogicalScan(TableEntry Table, string Alias, ImmutableArray<ScanColumn> Columns) : LogicalPlan
{
    /// <summary>The row id; null where nobody asks for it.</summary>
    public ColumnExpression? RowId { get; init; }

    public ScalarExpression? Filter { get; init; }

    /// <summary>What the rows of the table's partial indexes meet.</summary>
    public ImmutableArray<IndexPredicate> Predicates { get; init; } = [];

    public override ImmutableArray<ColumnExpression> Output => RowId is null
        ? [.. Columns.Select(column => column.Column)]
        : [.. Columns.Select(column => column.Column), RowId];
}

internal sealed record IndexPredicate(uint IndexOid, ScalarExpression Condition);

/// <param name="Number">attnum; or one that stands for no stored column: <see cref="TableOid"/>, <see cref="Version"/>.</param>
internal sealed record ScanColumn(short Number, ColumnExpression Column)
{
    internal const short TableOid = 0, Version = -1;
}

internal sealed record LogicalFunctionScan(
    ImmutableArray<LogicalFunctionSource> Functions, ColumnExpression? Ordinality) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Ordinality is null
        ? [.. Functions.SelectMany(function => function.Columns)]
        : [.. Functions.SelectMany(function => function.Columns), Ordinality];
}

internal sealed record LogicalFunctionSource(ScalarExpression Call, ImmutableArray<ColumnExpression> Columns)
{
    /// <summary>The call gives records, whose fields are the columns that the query has defined.</summary>
    public bool IsDefined { get; init; }
}

internal sealed record LogicalFilter(LogicalPlan Input, ScalarExpression Predicate) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Input.Output;
}

/// <summary>A column and what computes it. A column that is its own value is passed on.</summary>
internal sealed record ProjectItem(ColumnExpression Column, ScalarExpression Value)
{
    public bool IsPassed => Value is ColumnExpression same && same.ColumnId == Column.ColumnId;
}

internal sealed record LogicalProject(LogicalPlan Input, ImmutableArray<ProjectItem> Items) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => [.. Items.Select(item => item.Column)];
}

/// <summary>Set-returning calls beside the input's columns; each multiplies the rows.</summary>
internal sealed record LogicalProjectSet(LogicalPlan Input, ImmutableArray<ProjectItem> Calls) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => [.. Input.Output, .. Calls.Select(item => item.Column)];
}

/// <summary>A join; where the right side uses columns of the left one, it is lateral.</summary>
internal sealed record LogicalJoin(
    PhysicalJoinKind Kind, LogicalPlan Left, LogicalPlan Right, ScalarExpression? Condition) : LogicalPlan
{
    public bool KeepsLeftOnly =>
        Kind is PhysicalJoinKind.Semi or PhysicalJoinKind.Anti or PhysicalJoinKind.NullAwareAnti;

    /// <summary>The columns that are read above; null where that is not known yet.</summary>
    public HashSet<int>? Required { get; init; }

    public override ImmutableArray<ColumnExpression> Output =>
        KeepsLeftOnly ? Left.Output : [.. Left.Output, .. Right.Output];
}

internal sealed record AggregateItem(ColumnExpression Column, AggregateCall Call);

/// <param name="Keys">The indexes of the group keys that GROUPING(…) names.</param>
internal sealed record GroupingItem(ColumnExpression Column, ImmutableArray<int> Keys);

internal sealed record LogicalAggregate(
    LogicalPlan Input, ImmutableArray<ProjectItem> Keys, ImmutableArray<ImmutableArray<int>> GroupingSets,
    ImmutableArray<AggregateItem> Aggregates, ImmutableArray<GroupingItem> Groupings) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output =>
    [
        .. Keys.Select(key => key.Column), .. Aggregates.Select(item => item.Column),
        .. Groupings.Select(item => item.Column),
    ];

    /// <summary>One set of all keys: a plain GROUP BY.</summary>
    public bool IsPlain => GroupingSets.Length == 1 && GroupingSets[0].Length == Keys.Length;
}

internal sealed record WindowItem(ColumnExpression Column, WindowCall Call);

internal sealed record LogicalWindow(
    LogicalPlan Input, ImmutableArray<ScalarExpression> PartitionBy, ImmutableArray<SortKey> OrderBy,
    ImmutableArray<WindowItem> Calls) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => [.. Input.Output, .. Calls.Select(item => item.Column)];
}

internal sealed record LogicalSort(LogicalPlan Input, ImmutableArray<SortKey> Keys) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Input.Output;
}

internal sealed record LogicalLimit(
    LogicalPlan Input, ScalarExpression? Limit, ScalarExpression? Offset, ImmutableArray<SortKey> Ties) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Input.Output;
}

/// <summary>The first rows of an input in the order of the keys, where that input holds a search for the nearest
/// <paramref name="Depth"/> rows of a table: for few first, then for more, until enough of them are in the result.</summary>
/// <param name="Depth">An outer reference within the input, which this node gives.</param>
/// <param name="Fallback">The same rows without that search, for when too few of the nearest are in the result.</param>
/// <param name="Share">How many of the nearest rows are in the result, about.</param>
internal sealed record LogicalDeepening(
    LogicalPlan Input, LogicalPlan Fallback, ImmutableArray<SortKey> Keys, ScalarExpression Limit, ScalarExpression? Offset,
    ColumnExpression Depth, TableId Table, double Share) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output =>
        [.. Input.Output.Where(column => Fallback.Output.Any(other => other.ColumnId == column.ColumnId))];
}

/// <summary>Removes rows that are equal in the columns given; puts out only these.</summary>
internal sealed record LogicalDistinct(LogicalPlan Input, ImmutableArray<ColumnExpression> Columns) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Columns;
}

internal sealed record LogicalDistinctOn(LogicalPlan Input, ImmutableArray<ScalarExpression> Keys) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Input.Output;
}

/// <summary>An input of a set operation: its columns by position.</summary>
internal sealed record SetInput(LogicalPlan Plan, ImmutableArray<ColumnExpression> Columns);

internal sealed record LogicalAppend(
    ImmutableArray<ColumnExpression> Columns, ImmutableArray<SetInput> Inputs) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Columns;
}

internal sealed record LogicalSetOperation(
    ImmutableArray<ColumnExpression> Columns, bool IsIntersect, bool IsAll, SetInput Left, SetInput Right) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Columns;
}

internal sealed record LogicalRecursiveUnion(
    ImmutableArray<ColumnExpression> Columns, SetInput Seed, SetInput Step, int WorkTable, bool IsAll) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Columns;
}

internal sealed record LogicalWorkTableScan(ImmutableArray<ColumnExpression> Columns, int WorkTable) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Columns;
}

/// <param name="IsMaterialized">AS [NOT] MATERIALIZED; null where not said.</param>
internal sealed record LogicalCommonTable(int Id, string Name, SetInput Query, bool IsModifying,
    bool? IsMaterialized = null);

internal sealed record LogicalWith(ImmutableArray<LogicalCommonTable> Tables, LogicalPlan Body) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Body.Output;
}

/// <summary>Reads a common table; each reference has columns of its own, in the order of the table's.</summary>
internal sealed record LogicalCommonScan(ImmutableArray<ColumnExpression> Columns, int Id, string Name) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Columns;
}

internal sealed record LogicalRowLock(TableId Table, ColumnExpression RowId, RowLockMode Mode, RowLockWait Wait);

internal sealed record LogicalLock(LogicalPlan Input, ImmutableArray<LogicalRowLock> Locks) : LogicalPlan
{
    public override ImmutableArray<ColumnExpression> Output => Input.Output;
}
