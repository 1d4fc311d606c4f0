using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Definitions;

/// <summary>An item of FROM as it was understood.</summary>
internal abstract record FromForm;

/// <summary>One by a name of its own.</summary>
/// <param name="Item">How columns refer to it.</param>
internal abstract record NamedForm(TableAlias? Alias, NamespaceItem Item) : FromForm;

internal sealed record TableForm(TableEntry Table, TableAlias? Alias, NamespaceItem Item) : NamedForm(Alias, Item)
{
    internal bool IsOnly { get; init; }

    /// <summary>The number of the last column that was known: those behind it have been added since.</summary>
    internal short LastColumn { get; init; } = short.MaxValue;

    internal IEnumerable<ColumnEntry> KnownColumns => Table.LiveColumns.Where(column => Table.PlaceOf(column.Number) <= LastColumn);

    internal TableSample? Sample { get; init; }

    internal ScalarExpression? Percent { get; init; }

    internal ScalarExpression? Seed { get; init; }
}

/// <summary>A reference to a WITH query.</summary>
internal sealed record CommonReferenceForm(string Name, TableAlias? Alias, NamespaceItem Item) : NamedForm(Alias, Item);

internal sealed record DerivedForm(QueryForm Query, TableAlias? Alias, NamespaceItem Item, bool IsLateral)
    : NamedForm(Alias, Item);

/// <param name="Calls">Of each function of the syntax; several for unnest(a, b).</param>
internal sealed record FunctionForm(
    FunctionTable Syntax, ImmutableArray<ScalarExpression> Calls, NamespaceItem Item) : NamedForm(Syntax.Alias, Item);

/// <param name="Names">What USING, or NATURAL without being told, merges.</param>
/// <param name="Columns">What it shows, before its alias gives other names.</param>
/// <param name="Item">The join by its alias; null where it has none.</param>
internal sealed record JoinForm(
    JoinedTable Syntax, FromForm Left, FromForm Right, ScalarExpression? Condition, IReadOnlyList<string> Names,
    ImmutableArray<NamespaceColumn> Columns, NamespaceItem? Item) : FromForm;
