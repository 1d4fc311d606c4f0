using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Definitions;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>A column of a query's result.</summary>
internal sealed record OutputColumn(string Name, ColumnExpression Column);

/// <summary>A query bound to the end. Its plan may make further columns that sorting needed.</summary>
internal sealed record BoundQuery(LogicalPlan Plan, ImmutableArray<OutputColumn> Columns)
{
    /// <summary>Locks that the query around asks for, and takes itself: of rows whose ids the plan hands up.</summary>
    internal ImmutableArray<LogicalRowLock> Locks { get; init; } = [];

    /// <summary>The query as written, where binding notes that.</summary>
    internal QueryForm? Form { get; init; }

    internal SetInput AsInput() => new(Plan, [.. Columns.Select(column => column.Column)]);
}

/// <summary>A query whose names are bound and whose untyped columns still take a type from around it.</summary>
internal abstract class QueryBuilder
{
    internal abstract int ColumnCount { get; }

    internal abstract string ColumnName(int index);

    internal abstract SqlType ColumnType(int index);

    internal abstract int ColumnPosition(int index);

    /// <summary>Gives an untyped column its type.</summary>
    internal abstract void Resolve(int index, SqlType type);

    /// <summary>The bound query; what is still untyped is text.</summary>
    internal abstract BoundQuery Finish();
}
