namespace VecSQL.Differential.Tests.Generation;

/// <param name="Bound">Numbers: the largest magnitude.</param>
internal sealed record Column(string Name, SqlKind Kind, double Bound);

/// <summary>Something in FROM.</summary>
/// <param name="Key">Columns that tell its rows apart; empty where nothing does.</param>
/// <param name="RowsMax">How many rows it may have.</param>
internal sealed record Relation(string Alias, IReadOnlyList<Column> Columns, IReadOnlyList<string> Key, int RowsMax);

/// <param name="IsColumn">A plain column, which subqueries may refer to as well.</param>
internal sealed record Expression(SqlPart Part, SqlKind Kind, double Bound, bool IsColumn = false);

/// <summary>What an expression may refer to.</summary>
/// <param name="Leaves">Columns, or in a grouped query what it is grouped by and its aggregates.</param>
internal sealed record Scope(IReadOnlyList<Expression> Leaves, Scope? Outer)
{
    /// <summary>Of a grouped query.</summary>
    public bool IsGrouped { get; init; }

    public static Scope Empty { get; } = new([], null);

    public static Scope Over(IEnumerable<Relation> relations, Scope? outer) => new(
        [.. relations.SelectMany(relation => relation.Columns.Select(column => new Expression(
            Sorted($"{relation.Alias}.{column.Name}", column.Kind), column.Kind, column.Bound, IsColumn: true)))],
        outer is null ? null : outer with { Leaves = [.. outer.Leaves.Where(leaf => leaf.IsColumn)] });

    /// <summary>A leaf's text, which stands where its type may.</summary>
    public static SqlPart Sorted(string text, SqlKind kind) =>
        SqlPart.Of(text) with { Sort = kind.Name, Simplest = $"NULL::{kind.Name}" };
}
