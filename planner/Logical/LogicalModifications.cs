using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Logical;

/// <summary>A data change. Its columns are those of RETURNING.</summary>
internal abstract record LogicalModification(TableEntry Table) : LogicalPlan
{
    public ImmutableArray<ProjectItem> Returning { get; init; } = [];

    public override ImmutableArray<ColumnExpression> Output => [.. Returning.Select(item => item.Column)];
}

/// <summary>Inserts rows that give every live column in order.</summary>
/// <param name="NewRow">The columns that checks, generated columns and RETURNING use for the stored row.</param>
internal sealed record LogicalInsert(TableEntry Table, SetInput Source, ImmutableArray<ColumnExpression> NewRow)
    : LogicalModification(Table)
{
    /// <summary>Stands for the row's id in RETURNING; null where nothing is returned.</summary>
    public ColumnExpression? RowId { get; init; }

    public ImmutableArray<GeneratedColumn> Generated { get; init; } = [];

    public ImmutableArray<RowCheck> Checks { get; init; } = [];

    public LogicalConflict? OnConflict { get; init; }
}

/// <param name="Existing">The columns that stand for the row in the table.</param>
/// <param name="Excluded">The columns that stand for the row proposed.</param>
internal sealed record LogicalConflict(
    ImmutableArray<uint> Indexes, ImmutableArray<ColumnExpression> Existing, ImmutableArray<ColumnExpression> Excluded)
{
    public ImmutableArray<ScalarExpression> Assignments { get; init; } = [];

    public ScalarExpression? Where { get; init; }

    /// <summary>What the existing row must meet to be seen through the views that the statement changes.</summary>
    public ImmutableArray<RowCheck> Visibility { get; init; } = [];
}

/// <summary>Updates the rows that the input finds.</summary>
/// <param name="Values">The new value of every live column, over the input's columns.</param>
/// <param name="NewRow">The columns that checks, generated columns and RETURNING use for the stored row.</param>
internal sealed record LogicalUpdate(
    TableEntry Table, LogicalPlan Input, ColumnExpression RowId, ImmutableArray<ScalarExpression> Values,
    ImmutableArray<ColumnExpression> NewRow) : LogicalModification(Table)
{
    public ImmutableArray<int> Assigned { get; init; } = [];

    public ImmutableArray<GeneratedColumn> Generated { get; init; } = [];

    public ImmutableArray<RowCheck> Checks { get; init; } = [];
}

/// <summary>Changes the rows that the input finds, and inserts for those for which it finds none.</summary>
/// <param name="RowId">Null where the input found no row of the table.</param>
/// <param name="NewRow">The columns that checks and generated columns use for the stored row.</param>
internal sealed record LogicalMerge(
    TableEntry Table, LogicalPlan Input, ColumnExpression RowId, ImmutableArray<ColumnExpression> NewRow) : LogicalModification(Table)
{
    /// <summary>The first one that fits a row is what becomes of it.</summary>
    public ImmutableArray<MergeAction> Actions { get; init; } = [];

    public ImmutableArray<RowCheck> Checks { get; init; } = [];
}

internal sealed record LogicalDelete(TableEntry Table, LogicalPlan Input, ColumnExpression RowId)
    : LogicalModification(Table);
