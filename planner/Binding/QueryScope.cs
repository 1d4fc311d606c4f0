using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>
/// Where in a query an expression stands: decides what it may contain, and how messages call the place.
/// </summary>
internal enum ExpressionPlace : byte
{
    Select, Where, Having, JoinOn, FromFunction, Filter, GroupBy, OrderBy, DistinctOn, Limit, Offset, Returning,
        Values, Insert,
    Update, Check, Default, Generated, CopyWhere, Execute, WindowPartition, WindowOrder, WindowFrame,
}

/// <summary>A name of a column in scope, and the value it stands for.</summary>
internal sealed record NamespaceColumn(string Name, ScalarExpression Value);

/// <summary>An item of FROM by name, as far as it can be referred to.</summary>
internal sealed class NamespaceItem
{
    /// <summary>The alias or table name; null for a join without alias.</summary>
    internal string? Name { get; init; }

    /// <summary>Set where the item is a table without an alias, so that schema.table.column finds it.</summary>
    internal string? SchemaName { get; init; }

    internal required ImmutableArray<NamespaceColumn> Columns { get; init; }

    /// <summary>The stored table, for system columns and functional dependency; null otherwise.</summary>
    internal TableEntry? Table { get; init; }

    internal ColumnExpression? RowId { get; init; }

    /// <summary>tableoid.</summary>
    internal ColumnExpression? TableOid { get; init; }

    /// <summary>
    /// The only column is a function's value, so that the item's name as a value means it rather than a row.
    /// </summary>
    internal bool IsScalarFunction { get; init; }

    internal bool IsJoin { get; init; }

    /// <summary>An outer join may fill it with nulls.</summary>
    internal bool IsNullable { get; set; }

    internal bool IsTableVisible { get; set; } = true;

    internal bool AreColumnsVisible { get; set; } = true;

    /// <summary>Only LATERAL items may refer to it: it stands before them in the same FROM.</summary>
    internal bool IsLateralOnly { get; set; }

    /// <summary>False where the join between forbids LATERAL references: RIGHT and FULL.</summary>
    internal bool IsLateralAllowed { get; set; } = true;
}

/// <summary>A WITH query that names in scope may refer to.</summary>
internal sealed class CommonTableBinding
{
    internal required string Name { get; init; }

    internal required int Id { get; init; }

    internal ImmutableArray<(string Name, SqlType Type)> Columns { get; set; } = [];

    /// <summary>Bound inside its own recursive term: a reference reads the work table.</summary>
    internal bool IsRecursing { get; set; }

    /// <summary>How often the recursive term has referred to it.</summary>
    internal int SelfReferences { get; set; }

    internal bool ReturnsRows { get; set; } = true;

    internal ImmutableArray<OutputColumn> Source { get; set; } = [];
}

internal sealed class WindowGroup
{
    internal required ImmutableArray<ScalarExpression> PartitionBy { get; init; }

    internal required ImmutableArray<SortKey> OrderBy { get; init; }

    internal List<WindowItem> Calls { get; } = [];
}

/// <summary>A query level: the names it can see, and what its expressions have asked for so far.</summary>
internal sealed class QueryScope(QueryScope? parent)
{
    internal QueryScope? Parent { get; } = parent;

    internal int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    /// <summary>What can be referred to now.</summary>
    internal List<NamespaceItem> Items { get; set; } = [];

    /// <summary>All of this level, hidden ones too, for hints.</summary>
    internal List<NamespaceItem> AllItems { get; } = [];

    internal List<CommonTableBinding> CommonTables { get; } = [];

    internal bool IsLateralActive { get; set; }

    internal ExpressionPlace Place { get; set; } = ExpressionPlace.Select;

    internal List<AggregateItem> Aggregates { get; } = [];

    internal HashSet<int> AggregateColumns { get; } = [];

    internal List<(ColumnExpression Column, ImmutableArray<ScalarExpression> Arguments,
        ImmutableArray<int> Positions)> Groupings { get; } = [];

    internal List<WindowGroup> Windows { get; } = [];

    internal HashSet<int> WindowColumns { get; } = [];

    internal Dictionary<string, BoundWindow> NamedWindows { get; } = [];

    /// <summary>
    /// Set-returning calls of the select list, in levels: a call's arguments may use those of lower levels.
    /// </summary>
    internal List<List<ProjectItem>> SetCalls { get; } = [];

    internal Dictionary<int, int> SetCallLevels { get; } = [];

    /// <summary>A common table of that name, here or further out.</summary>
    internal CommonTableBinding? FindCommonTable(string name)
    {
        for (QueryScope? scope = this; scope is not null; scope = scope.Parent)
        {
            for (int i = scope.CommonTables.Count - 1; i >= 0; i--)
            {
                if (scope.CommonTables[i].Name == name)
                    return scope.CommonTables[i];
            }
        }
        return null;
    }

    /// <summary>Runs with expressions taken to stand at that place.</summary>
    internal T At<T>(ExpressionPlace place, Func<T> bind)
    {
        ExpressionPlace before = Place;
        Place = place;
        try
        {
            return bind();
        }
        finally
        {
            Place = before;
        }
    }
}

/// <summary>A window that OVER or WINDOW defines.</summary>
internal sealed record BoundWindow(
    ImmutableArray<ScalarExpression> PartitionBy, ImmutableArray<SortKey> OrderBy, WindowFrame? Frame);
