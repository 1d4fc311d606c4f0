using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;

namespace VecSQL.Planner.Physical;

/// <summary>
/// A step of a query: what the executor runs. Immutable, shared by executions, free of parameter values.
/// </summary>
public abstract record PhysicalPlan
{
    /// <summary>The types of the columns it puts out.</summary>
    public required ImmutableArray<SqlType> Output { get; init; }

    /// <summary>The planner's guess at how many rows come out.</summary>
    public double EstimatedRows { get; init; }

    /// <summary>The planner's guess at the cost of all rows, in units of PostgreSQL's seq_page_cost = 1.</summary>
    public double EstimatedCost { get; init; }
}

/// <summary>
/// Rows of expressions that read no input. One row of no columns is what a SELECT without FROM starts from.
/// </summary>
public sealed record ValuesPlan(ImmutableArray<ImmutableArray<ScalarExpression>> Rows) : PhysicalPlan;

/// <summary>No rows: what a condition that is never true leaves of whatever it stood on.</summary>
/// <param name="Names">What its columns are called.</param>
public sealed record EmptyPlan(ImmutableArray<string> Names) : PhysicalPlan;

/// <summary>Reads a table: the columns asked for, then the row id (int8) where <see cref="WithRowId"/>.</summary>
/// <remarks>
/// Output ordinals follow <paramref name="Columns"/>. Columns that only the filter needs are among them.
/// </remarks>
/// <param name="Columns">Column numbers (attnum). Number 0 stands for tableoid.</param>
public sealed record TableScanPlan(TableId Table, string Alias, ImmutableArray<short> Columns) : PhysicalPlan
{
    public bool WithRowId { get; init; }

    /// <summary>Over the output columns; null for all rows.</summary>
    public ScalarExpression? Filter { get; init; }

    /// <summary>
    /// Parts of the filter of the form column op value, for skipping zones; the filter still holds them.
    /// </summary>
    public ImmutableArray<ZonePredicate> Zones { get; init; } = [];
}

/// <summary>column op value, where value reads no input (constants, parameters, outer values).</summary>
/// <param name="Operator">=, &lt;, &lt;=, &gt;, &gt;=.</param>
public sealed record ZonePredicate(short Column, string Operator, ScalarExpression Value);

/// <summary>column op value, where values read no input; with = any of the values.</summary>
/// <param name="Operator">=, &lt;, &lt;=, &gt;, &gt;=.</param>
public sealed record FilterCondition(
    short Column, SqlType Type, string Operator, ImmutableArray<ScalarExpression> Values)
{
    /// <summary>The value is an array, of whose elements any will do.</summary>
    public bool IsArray { get; init; }

    /// <summary>With =: none of the values will do.</summary>
    public bool IsNegated { get; init; }

    /// <summary>Rows without a value pass, too.</summary>
    public bool WithNulls { get; init; }

    /// <summary>Of the values, or of the array's elements: the column's, or another integer's.</summary>
    public SqlType ValueType { get; init; } = Type;
}

/// <summary>Fetches the rows whose unique key equals one of the keys. Output as <see cref="TableScanPlan"/>.</summary>
/// <param name="Keys">Key values in index column order and of the columns' types; they read no input. A null matches
/// nothing.</param>
public sealed record KeyLookupPlan(
    TableId Table, string Alias, uint IndexOid, ImmutableArray<short> Columns,
    ImmutableArray<ImmutableArray<ScalarExpression>> Keys) : PhysicalPlan
{
    public bool WithRowId { get; init; }

    public ScalarExpression? Filter { get; init; }
}

/// <summary>Fetches rows by their ids. Output as <see cref="TableScanPlan"/>.</summary>
/// <param name="Rows">An array of tid that reads no input: each row once, nulls and rows that are not there not at all.</param>
public sealed record RowLookupPlan(TableId Table, string Alias, ImmutableArray<short> Columns, ScalarExpression Rows) : PhysicalPlan
{
    public bool WithRowId { get; init; }

    public ScalarExpression? Filter { get; init; }
}

/// <summary>
/// The k rows of a table nearest to a vector: filter, distance and top-k in one pass over the vector column.
/// </summary>
/// <remarks>
/// Output: the columns, then the row id where asked for, then the distance (float8, as the operator gives it). Rows
/// with a null vector come last, unless <see cref="NullsFirst"/>; before them a distance that is not a number, unless
/// <see cref="NaNIsNearest"/>. Ties go by primary key, those of null vectors by row id. Further sort keys are not handled here: the planner puts a
/// top-n above, with <see cref="WithTies"/>.
/// </remarks>
public sealed record VectorTopKPlan(
    TableId Table, string Alias, short VectorColumn, VectorMetric Metric, ScalarExpression Query,
    ScalarExpression Limit, ScalarExpression? Offset, ImmutableArray<short> Columns) : PhysicalPlan
{
    public bool WithRowId { get; init; }

    /// <summary>Where the query sorts what falls with the distance, such as a similarity, and the greatest first: NaN, above all
    /// numbers, is first then.</summary>
    public bool NaNIsNearest { get; init; }

    /// <summary>Rows without a vector come before all others.</summary>
    public bool NullsFirst { get; init; }

    /// <summary>Gives beside the rows within the limit all that tie with the last of them, and those that OFFSET passes over: what is
    /// above orders by more keys, and counts.</summary>
    public bool WithTies { get; init; }

    /// <summary>With ties, what these are equal in: over the distance as only input. Null for the distance itself.</summary>
    public ScalarExpression? TieKey { get; init; }

    /// <summary>A condition over the distance as only input: true up to some distance and for none beyond. Rows that it is not true of,
    /// those without a vector among them, are left out.</summary>
    public ScalarExpression? Within { get; init; }

    /// <summary>The same from the other side: a condition that is true from some distance on.</summary>
    public ScalarExpression? Beyond { get; init; }

    /// <summary>Over the columns of <see cref="FilterColumns"/>.</summary>
    public ScalarExpression? Filter { get; init; }

    public ImmutableArray<short> FilterColumns { get; init; } = [];

    public ImmutableArray<ZonePredicate> Zones { get; init; } = [];

    /// <summary>Parts of the filter that an index's search may ask of keys; the filter still holds them.</summary>
    public ImmutableArray<FilterCondition> Conditions { get; init; } = [];

    /// <summary>Whether the conditions are all of the filter.</summary>
    public bool IsFilteredByConditions { get; init; }

    /// <summary>The vector index that may find the rows; 0 to look at all of them.</summary>
    public uint Index { get; init; }
}

/// <summary>The rows of a table whose text matches a query, by a full-text index. Output as <see cref="TableScanPlan"/>.</summary>
/// <param name="Query">A text that reads no input; null matches nothing.</param>
public sealed record TextMatchPlan(
    TableId Table, string Alias, uint Index, short TextColumn, ScalarExpression Query, ImmutableArray<short> Columns) : PhysicalPlan
{
    public bool WithRowId { get; init; }

    /// <summary>Over the output columns: what is asked of the rows beside the match; null for nothing.</summary>
    public ScalarExpression? Filter { get; init; }
}

/// <summary>The rows of a table whose text scores highest for a query, by a full-text index.</summary>
/// <remarks>
/// Output: the columns, then the row id where asked for, then the score (float8). Rows that do not match score 0; ties go by primary key,
/// or by row id where there is none. A null query makes every score null.
/// </remarks>
public sealed record TextTopKPlan(
    TableId Table, string Alias, uint Index, short TextColumn, ScalarExpression Query, ScalarExpression Limit, ScalarExpression? Offset,
    ImmutableArray<short> Columns) : PhysicalPlan
{
    public bool WithRowId { get; init; }

    /// <summary>Gives beside the rows within the limit all that tie with the last of them, and those that OFFSET passes over.</summary>
    public bool WithTies { get; init; }

    /// <summary>Rows that do not match are not wanted.</summary>
    public bool MatchesOnly { get; init; }

    /// <summary>Over the columns of <see cref="FilterColumns"/>.</summary>
    public ScalarExpression? Filter { get; init; }

    public ImmutableArray<short> FilterColumns { get; init; } = [];
}

/// <summary>
/// What a distance operator measures: &lt;-&gt;, &lt;#&gt;, &lt;=&gt;, &lt;+&gt;, &lt;~&gt;, &lt;%&gt;.
/// </summary>
public enum VectorMetric : byte { L2, NegativeInnerProduct, Cosine, L1, Hamming, Jaccard, MaxSim }

/// <summary>Reads a system view, whose rows the engine computes. Column numbers as in a table scan.</summary>
public sealed record SystemScanPlan(TableId Table, string Alias, ImmutableArray<short> Columns) : PhysicalPlan
{
    public ScalarExpression? Filter { get; init; }

    /// <summary>
    /// Equalities of the filter that a view may use to compute fewer rows; the filter still holds them.
    /// </summary>
    public ImmutableArray<ZonePredicate> Zones { get; init; } = [];
}

/// <summary>
/// Set-returning functions in FROM, side by side, the shorter ones padded with nulls; then the ordinality (int8).
/// </summary>
public sealed record FunctionScanPlan(ImmutableArray<FunctionSource> Functions, bool WithOrdinality) : PhysicalPlan;

/// <param name="Call">A call whose function returns a set, or any expression, which gives one row. It reads no
/// input.</param>
/// <param name="Columns">Types of the columns it gives: one, or a record's fields.</param>
public sealed record FunctionSource(ScalarExpression Call, ImmutableArray<SqlType> Columns)
{
    /// <summary>The call gives records, whose fields are the columns that the query has defined.</summary>
    public bool IsDefined { get; init; }
}

public sealed record FilterPlan(PhysicalPlan Input, ScalarExpression Predicate) : PhysicalPlan;

/// <summary>All of the input's rows, or none of them and the input is never run: as a condition says that reads nothing of it.</summary>
public sealed record GatePlan(PhysicalPlan Input, ScalarExpression Condition) : PhysicalPlan;

/// <summary>Keeps the rows whose keys a join above has on its other side, which it has read before; all rows where it cannot say.</summary>
/// <param name="Id">The join's <see cref="HashJoinPlan.KeyFilter"/>.</param>
public sealed record KeyFilterPlan(PhysicalPlan Input, ImmutableArray<ScalarExpression> Keys, int Id) : PhysicalPlan;

public sealed record ProjectPlan(PhysicalPlan Input, ImmutableArray<ScalarExpression> Expressions) : PhysicalPlan;

/// <summary>
/// A projection in which top-level calls of set-returning functions multiply rows, as PostgreSQL's ProjectSet.
/// </summary>
public sealed record ProjectSetPlan(PhysicalPlan Input, ImmutableArray<ScalarExpression> Expressions) : PhysicalPlan;

/// <summary>Output: left columns, then right columns; only left ones for Semi and Anti.</summary>
public enum PhysicalJoinKind : byte { Inner, Left, Right, Full, Semi, Anti, /* NOT IN: */ NullAwareAnti }

/// <summary>Joins by equal keys; the right input is built into the table.</summary>
/// <param name="Kept">Which of the left columns and then the right ones it gives: what only keys and conditions read is not carried on.</param>
/// <param name="Residual">Over left columns then right columns, for pairs with equal keys; null for none.</param>
/// <param name="KeyTypes">The common type of each pair of keys.</param>
public sealed record HashJoinPlan(
    PhysicalJoinKind Kind, PhysicalPlan Left, PhysicalPlan Right,
    ImmutableArray<ScalarExpression> LeftKeys, ImmutableArray<ScalarExpression> RightKeys,
    ImmutableArray<SqlType> KeyTypes, ScalarExpression? Residual, ImmutableArray<int> Kept) : PhysicalPlan
{
    /// <summary>The left rows are few: they are read first, and right rows without a left row's keys are not built in.</summary>
    public bool SiftsRight { get; init; }

    /// <summary>The filter, somewhere in the left plan, that is told the keys of the right one; 0 for none.</summary>
    public int KeyFilter { get; init; }
}

/// <summary>
/// Joins by any condition; the right input is kept in memory (or spilled) and read for each left batch.
/// </summary>
public sealed record NestedLoopJoinPlan(
    PhysicalJoinKind Kind, PhysicalPlan Left, PhysicalPlan Right, ScalarExpression? Condition) : PhysicalPlan;

/// <summary>
/// For each left row runs the right plan with outer values from that row: LATERAL, and index lookups per row.
/// </summary>
/// <remarks>Kinds: Inner, Left, Semi, Anti.</remarks>
/// <param name="Kept">Which of the left columns and then the right ones it gives: what only the right plan reads is not repeated for each
/// of its rows.</param>
public sealed record ApplyPlan(
    PhysicalJoinKind Kind, PhysicalPlan Left, PhysicalPlan Right, ImmutableArray<OuterValue> OuterValues,
    ScalarExpression? Condition, ImmutableArray<int> Kept) : PhysicalPlan;

/// <summary>
/// Groups and aggregates. Output: the group keys, then the aggregates, then one int4 per GROUPING call.
/// </summary>
/// <param name="GroupingSets">Which keys each set has, by index into the keys; one set of all keys for a plain GROUP
/// BY. An empty
/// set gives one row even of no input.</param>
/// <param name="Groupings">For each GROUPING(…): the indexes of its keys.</param>
public sealed record AggregatePlan(
    PhysicalPlan Input, ImmutableArray<ScalarExpression> Keys, ImmutableArray<ImmutableArray<int>> GroupingSets,
    ImmutableArray<AggregateCall> Aggregates, ImmutableArray<ImmutableArray<int>> Groupings) : PhysicalPlan;

/// <param name="Arguments">Over the input; for count(*) none. Those of ordered-set aggregates are the sorted
/// ones.</param>
/// <param name="DirectArguments">Of ordered-set aggregates, evaluated once a group.</param>
public sealed record AggregateCall(
    SqlType Type, FunctionEntry Function, ImmutableArray<ScalarExpression> Arguments,
    ImmutableArray<ScalarExpression> DirectArguments, bool IsDistinct, ImmutableArray<SortKey> OrderBy,
    ScalarExpression? Filter);

/// <param name="Key">Over the input of the plan that sorts.</param>
public sealed record SortKey(ScalarExpression Key, bool IsDescending, bool NullsFirst);

public sealed record SortPlan(PhysicalPlan Input, ImmutableArray<SortKey> Keys) : PhysicalPlan;

/// <summary>
/// Sort and limit in one, in memory for the rows kept. Limit and offset read no input; a null limit is no limit.
/// </summary>
public sealed record TopNPlan(
    PhysicalPlan Input, ImmutableArray<SortKey> Keys, ScalarExpression Limit, ScalarExpression? Offset) : PhysicalPlan;

/// <summary>
/// The first rows in an order by distance of what is joined with a table, or left of it by conditions: tried with the nearest rows of
/// the table, of which more are taken until enough are in the result.
/// </summary>
/// <param name="Attempt">Holds a search for as many rows as the slot says. Its output is sorted and limited.</param>
/// <param name="Fallback">The same rows without that search.</param>
/// <param name="Share">How many of the nearest rows are in the result, about: 1 for all.</param>
public sealed record DeepeningPlan(
    TopNPlan Attempt, TopNPlan Fallback, int DepthSlot, TableId Table, double Share, ScalarExpression Limit, ScalarExpression? Offset)
    : PhysicalPlan;

/// <param name="Ties">WITH TIES: the keys the input is sorted by; empty otherwise.</param>
public sealed record LimitPlan(
    PhysicalPlan Input, ScalarExpression? Limit, ScalarExpression? Offset, ImmutableArray<SortKey> Ties) : PhysicalPlan;

/// <summary>Removes equal rows (nulls are equal), in no order.</summary>
public sealed record DistinctPlan(PhysicalPlan Input) : PhysicalPlan;

/// <summary>Keeps the first row of each run of rows with equal keys: DISTINCT ON over a sorted input.</summary>
public sealed record DistinctOnPlan(PhysicalPlan Input, ImmutableArray<ScalarExpression> Keys) : PhysicalPlan;

/// <summary>
/// Window functions that share a partition and an order. Output: the input's columns, then one per call.
/// </summary>
public sealed record WindowPlan(
    PhysicalPlan Input, ImmutableArray<ScalarExpression> PartitionBy, ImmutableArray<SortKey> OrderBy,
    ImmutableArray<WindowCall> Calls) : PhysicalPlan;

public sealed record WindowCall(
    SqlType Type, FunctionEntry Function, ImmutableArray<ScalarExpression> Arguments, ScalarExpression? Filter,
    WindowFramePlan Frame);

/// <summary>The rows around the current one that a window function sees. Offsets read no input.</summary>
/// <param name="OffsetArithmetic">For RANGE with offsets: how to move the sort key; null where it moves as a plain
/// number.</param>
public sealed record WindowFramePlan(
    WindowFrameUnit Unit, WindowFrameBound StartKind, ScalarExpression? StartOffset,
    WindowFrameBound EndKind, ScalarExpression? EndOffset, WindowFrameExclusion Exclusion,
        RangeArithmetic? OffsetArithmetic);

/// <param name="Add">key + offset.</param>
/// <param name="Subtract">key − offset.</param>
public sealed record RangeArithmetic(FunctionEntry Add, FunctionEntry Subtract);

public enum WindowFrameUnit : byte { Rows, Range, Groups }

public enum WindowFrameBound : byte { UnboundedPreceding, Preceding, CurrentRow, Following, UnboundedFollowing }

public enum WindowFrameExclusion : byte { NoOthers, CurrentRow, Group, Ties }

/// <summary>UNION ALL: the inputs one after the other.</summary>
public sealed record AppendPlan(ImmutableArray<PhysicalPlan> Inputs) : PhysicalPlan;

/// <summary>INTERSECT and EXCEPT, with or without ALL. (UNION is distinct over append.)</summary>
public sealed record SetOperationPlan(
    bool IsIntersect, bool IsAll, PhysicalPlan Left, PhysicalPlan Right) : PhysicalPlan;

/// <summary>
/// WITH RECURSIVE: the seed's rows, then the step's over the rows of the round before, until none come.
/// </summary>
/// <param name="WorkTable">The id that <see cref="WorkTableScanPlan"/> names.</param>
public sealed record RecursiveUnionPlan(
    PhysicalPlan Seed, PhysicalPlan Step, int WorkTable, bool IsAll) : PhysicalPlan;

public sealed record WorkTableScanPlan(int WorkTable) : PhysicalPlan;

/// <summary>
/// Computes shared subqueries when first read (data-modifying ones always, to the end), then the body.
/// </summary>
public sealed record WithPlan(ImmutableArray<CommonTablePlan> Tables, PhysicalPlan Body) : PhysicalPlan;

public sealed record CommonTablePlan(int Id, string Name, PhysicalPlan Plan, bool IsModifying);

public sealed record CommonTableScanPlan(int Id, string Name) : PhysicalPlan;

/// <summary>Locks rows for update or share as they pass; the input's last columns are row ids, one per table.</summary>
public sealed record LockRowsPlan(PhysicalPlan Input, ImmutableArray<RowLock> Locks) : PhysicalPlan;

/// <param name="RowIdOrdinal">Where the table's row id is in the input; null row ids (outer joins) are passed
/// over.</param>
public sealed record RowLock(TableId Table, int RowIdOrdinal, RowLockMode Mode, RowLockWait Wait);

public enum RowLockMode : byte { KeyShare, Share, NoKeyUpdate, Update }

public enum RowLockWait : byte { Block, NoWait, SkipLocked }
