using System.Collections.Immutable;
using VecSQL.Catalog.Objects;

namespace VecSQL.Planner.Physical;

/// <summary>A check on a new row before it is stored.</summary>
/// <param name="Condition">Over the table's live columns in order; false fails with 23514, null passes.</param>
public sealed record RowCheck(string Name, ScalarExpression Condition)
{
    /// <summary>The condition of a view WITH CHECK OPTION, which fails with 44000, rather than one of the table's.</summary>
    public bool IsOfView { get; init; }
}

/// <summary>Inserts the input's rows.</summary>
/// <remarks>
/// The input gives every live column of the table in order, defaults filled in, converted to the column's type;
/// generated columns
/// are computed by <see cref="Generated"/>. NOT NULL and checks are tested on the finished row, then the unique keys.
/// Output: the RETURNING columns, computed over the stored row (live columns in order); none where there is no
/// RETURNING.
/// </remarks>
public sealed record InsertPlan(TableId Table, PhysicalPlan Input) : PhysicalPlan
{
    /// <summary>
    /// Stored generated columns, in order of the table: over the live columns (the generated ones being null
    /// there).
    /// </summary>
    public ImmutableArray<GeneratedColumn> Generated { get; init; } = [];

    public ImmutableArray<RowCheck> Checks { get; init; } = [];

    public ConflictPlan? OnConflict { get; init; }

    /// <summary>Over the live columns, and the row's id behind them.</summary>
    public ImmutableArray<ScalarExpression> Returning { get; init; } = [];
}

/// <param name="Ordinal">Position among the live columns.</param>
public sealed record GeneratedColumn(int Ordinal, ScalarExpression Value);

/// <summary>ON CONFLICT.</summary>
/// <param name="Indexes">The unique indexes that arbitrate; empty for all.</param>
public sealed record ConflictPlan(ImmutableArray<uint> Indexes)
{
    /// <summary>
    /// DO UPDATE: the new value of each live column, over existing columns then excluded (proposed) columns; empty
    /// for DO NOTHING.
    /// </summary>
    public ImmutableArray<ScalarExpression> Assignments { get; init; } = [];

    /// <summary>DO UPDATE … WHERE, over existing then excluded columns.</summary>
    public ScalarExpression? Where { get; init; }

    /// <summary>
    /// Through views: what the existing row must meet to be seen in each of them, over existing then excluded columns; false fails with
    /// 55000.
    /// </summary>
    public ImmutableArray<RowCheck> Visibility { get; init; } = [];

    public ImmutableArray<GeneratedColumn> Generated { get; init; } = [];
}

/// <summary>
/// Updates rows. The input gives the row id first, then the new value of every live column, then whatever RETURNING
/// needs.
/// </summary>
/// <remarks>A row that the input gives twice is updated once, as in PostgreSQL. Output: RETURNING over the input's
/// columns,
/// in which the live columns (after the row id) are the stored ones.</remarks>
public sealed record UpdatePlan(TableId Table, PhysicalPlan Input) : PhysicalPlan
{
    /// <summary>Which live columns the statement assigns (by position): unique keys not touched need no test.</summary>
    public ImmutableArray<int> Assigned { get; init; } = [];

    public ImmutableArray<GeneratedColumn> Generated { get; init; } = [];

    public ImmutableArray<RowCheck> Checks { get; init; } = [];

    public ImmutableArray<ScalarExpression> Returning { get; init; } = [];
}

/// <summary>What becomes of some rows of MERGE.</summary>
/// <param name="Condition">Over the input's columns; null for all.</param>
/// <param name="Values">The new value of every live column over the input's columns, for an update or an insertion.</param>
/// <param name="Generated">Over the live columns.</param>
public sealed record MergeAction(
    MergeActionKind Kind, bool IsMatched, ScalarExpression? Condition, ImmutableArray<ScalarExpression> Values,
    ImmutableArray<GeneratedColumn> Generated);

public enum MergeActionKind : byte { Nothing, Insert, Update, Delete }

/// <summary>Changes rows and inserts others, as the first action that fits each row of the input says.</summary>
/// <remarks>The input gives first the id of the table's row, null where there is none. A row that is to be changed twice is an error.</remarks>
public sealed record MergePlan(TableId Table, PhysicalPlan Input) : PhysicalPlan
{
    public ImmutableArray<MergeAction> Actions { get; init; } = [];

    public ImmutableArray<RowCheck> Checks { get; init; } = [];
}

/// <summary>
/// Deletes rows. The input gives the row id first, then what RETURNING needs; Returning is over the input's
/// columns.
/// </summary>
public sealed record DeletePlan(TableId Table, PhysicalPlan Input) : PhysicalPlan
{
    public ImmutableArray<ScalarExpression> Returning { get; init; } = [];
}
