using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;

namespace VecSQL.Planner.Physical;

/// <summary>A query or data change ready to run, as often as wanted, until the catalog changes.</summary>
public sealed record PlannedStatement
{
    public required PhysicalPlan Plan { get; init; }

    public required StatementKind Kind { get; init; }

    /// <summary>
    /// What the client sees; empty for a data change without RETURNING. Further plan outputs are not sent.
    /// </summary>
    public required ImmutableArray<ResultColumn> Columns { get; init; }

    /// <summary>The types of $1, $2 …, inferred where they were not declared.</summary>
    public required ImmutableArray<SqlType> ParameterTypes { get; init; }

    /// <summary>Tables to lock before running, with what is done to them.</summary>
    public required ImmutableArray<TableUse> Tables { get; init; }

    /// <summary>Object ids of the models that it embeds by, to lock likewise.</summary>
    public ImmutableArray<uint> Models { get; init; } = [];

    public required long CatalogVersion { get; init; }

    /// <summary>Changes nothing: may run in a read-only transaction.</summary>
    public bool IsReadOnly => Kind == StatementKind.Select && !HasModifyingWith && !HasRowLocks;

    /// <summary>Which literals of the text, by number, stand for values: others are positions, types' modifiers and the like.</summary>
    public IReadOnlySet<int> ValueLiterals { get; init; } = new HashSet<int>();

    /// <summary>The ways other than whole scans by which tables are read.</summary>
    public IReadOnlySet<TableAccess> Accesses { get; init; } = new HashSet<TableAccess>();

    /// <summary>The tables that some part of the plan reads.</summary>
    public ImmutableArray<TableId> TablesRead { get; init; } = [];

    /// <summary>Where all of its tables are read and changed, of a plan that was cut; empty where that is not known.</summary>
    public ImmutableArray<ShardSite> Sites { get; init; } = [];

    /// <summary>One part of the plan is run at shards, once, and no other table is read.</summary>
    public bool IsOneFragment { get; init; }

    public bool HasModifyingWith { get; init; }

    public bool HasRowLocks { get; init; }
}

public enum StatementKind : byte { Select, Insert, Update, Delete, Merge }

/// <param name="TableOid">The table the column comes from unchanged; 0 where it is computed.</param>
/// <param name="ColumnNumber">Its number there; 0 where it is computed.</param>
public sealed record ResultColumn(string Name, SqlType Type, uint TableOid = 0, short ColumnNumber = 0);

/// <param name="Kind">The plan node's.</param>
/// <param name="Index">0 where the rows are found without one.</param>
public readonly record struct TableAccess(string Kind, TableId Table, uint Index);

public sealed record TableUse(TableId Table, bool IsModified);
