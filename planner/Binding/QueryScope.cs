using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
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
    MergeWhen,
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

    /// <summary>Null just where an outer join found no row of the item: its row id, or a column made for the purpose.</summary>
    internal ColumnExpression? Presence { get; set; }

    /// <summary>tableoid.</summary>
    internal ColumnExpression? TableOid { get; init; }

    /// <summary>xmin of a system relation, which has no row ids.</summary>
    internal ColumnExpression? SystemVersion { get; init; }

    /// <summary>
    /// The only column is a function's value, so that the item's name as a value means it rather than a row.
    /// </summary>
    internal bool IsScalarFunction { get; init; }

    internal bool IsJoin { get; init; }

    /// <summary>FOR UPDATE locks the rows that it reads.</summary>
    internal bool LocksRows { get; init; }

    /// <summary>Those rows, where the item is a query.</summary>
    internal ImmutableArray<LogicalRowLock> Locks { get; init; } = [];

    /// <summary>What it is called where FOR UPDATE names it and cannot lock its rows; null where it can.</summary>
    internal string? UnlockableAs { get; init; }

    internal bool IsTableVisible { get; set; } = true;

    internal bool AreColumnsVisible { get; set; } = true;

    /// <summary>Only LATERAL items may refer to it: it stands before them in the same FROM.</summary>
    internal bool IsLateralOnly { get; set; }

    /// <summary>False where the join between forbids LATERAL references: RIGHT and FULL.</summary>
    internal bool IsLateralAllowed { get; set; } = true;
}

/// <summary>Where a recursive query may not refer to itself.</summary>
internal enum RecursionBar : byte { None, Modification, Form, NonRecursiveTerm, Subquery, OuterJoin, Intersect, Except }

/// <summary>A WITH query that names in scope may refer to.</summary>
internal sealed class CommonTableBinding
{
    internal required string Name { get; init; }

    internal required int Id { get; init; }

    internal ImmutableArray<(string Name, SqlType Type)> Columns { get; set; } = [];

    /// <summary>The list that it stands in.</summary>
    internal required CommonTableBinder List { get; init; }

    /// <summary>Not bound yet: its list is recursive, so that it may be referred to before its turn comes.</summary>
    internal bool IsPending { get; set; }

    /// <summary>Why a reference from inside itself is refused where binding stands now.</summary>
    internal RecursionBar Bar { get; set; }

    /// <summary>How often the recursive term has referred to it.</summary>
    internal int SelfReferences { get; set; }

    /// <summary>What SEARCH and CYCLE add to the columns; references inside do not see it.</summary>
    internal RecursionMarks? Marks { get; set; }

    /// <summary>The columns of <see cref="Marks"/> in the reference from inside.</summary>
    internal ImmutableArray<ColumnExpression> CarriedMarks { get; set; } = [];

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

    /// <summary>FROM has the reference of a recursive query to itself.</summary>
    internal bool HasSelfReference { get; set; }

    internal ExpressionPlace Place { get; set; } = ExpressionPlace.Select;

    /// <summary>What $1 and those after it are here and in all levels below; default where they are the statement's parameters.</summary>
    internal ImmutableArray<ScalarExpression> Arguments { get; init; }

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

    /// <summary>What $number is where it is an argument of a function; null where it is a parameter of the statement.</summary>
    internal ScalarExpression? Argument(int number, int position)
    {
        for (QueryScope? scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope.Arguments.IsDefault)
                continue;
            return number <= scope.Arguments.Length ? scope.Arguments[number - 1]
                : throw new SqlException(SqlState.UndefinedParameter, $"there is no parameter ${number}", position);
        }
        return null;
    }

    /// <summary>The scope is within the body of a function, and the other outside of it, whose columns come in as arguments only.</summary>
    internal bool IsArgumentOf(QueryScope other)
    {
        QueryScope scope = this;
        for (; scope.Parent is { } parent; scope = parent)
        {
            if (scope == other)
                return false;
        }
        return scope != other && !scope.Arguments.IsDefault;
    }

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
