using System.Text.RegularExpressions;

namespace VecSQL.Differential.Tests.Generation;

/// <param name="OrderedBy">Positions of the columns that its rows are ordered by.</param>
internal sealed record Query(SqlPart Part, IReadOnlyList<Column> Columns, int RowsMax, IReadOnlyList<int> OrderedBy);

/// <summary>SELECT in all its forms, and what combines them.</summary>
/// <remarks>Whatever would be chance is not made: LIMIT goes with an order by every column, in forms where equal values are the same text.</remarks>
internal sealed partial class SelectGenerator
{
    private readonly Dice _dice;
    private readonly ExpressionGenerator _expressions;
    private readonly WindowGenerator _windows;

    public SelectGenerator(Dice dice, Schema schema, bool hasVectors)
    {
        _dice = dice;
        _expressions = new ExpressionGenerator(dice, Subquery, schema.Routines, hasVectors);
        _windows = new WindowGenerator(dice, _expressions);
        Sources = new FromGenerator(dice, schema, _expressions, this);
    }

    public FromGenerator Sources { get; }

    public ExpressionGenerator Expressions => _expressions;

    /// <summary>A query with nothing of chance in it.</summary>
    /// <param name="wanted">The columns' types; null for any.</param>
    /// <param name="limits">Ends with ORDER BY and LIMIT.</param>
    public Query Query(Scope? outer, IReadOnlyList<SqlKind>? wanted, int depth, bool limits)
    {
        if (depth > 1 && _dice.Percent(12))
            return Combined(outer, wanted, depth, limits);
        IReadOnlyList<SqlKind> kinds = wanted ?? [.. Enumerable.Range(0, _dice.Between(1, 4)).Select(_ => _expressions.AnyKind())];
        bool distinct = wanted is null && _dice.Percent(12);
        bool keyed = limits || distinct;
        From from = Sources.From(outer, depth);
        SqlPart where = _dice.Percent(55) ? SqlPart.Clause(" WHERE ", _expressions.Any(from.Scope, SqlKind.Bool, 3).Part) : SqlPart.Nothing;
        bool grouped = _dice.Percent(25);
        (Scope scope, SqlPart group, SqlPart having, IReadOnlyList<string> keys) = grouped
            ? Grouped(from, depth)
            : (from.Scope, SqlPart.Nothing, SqlPart.Nothing, from.Identity);
        SqlPart windows = SqlPart.Nothing;
        if (_dice.Percent(20))
            (scope, windows) = _windows.Over(@from with { Scope = scope, Identity = keys });
        List<SqlPart> items = [];
        List<Column> columns = [];
        foreach (SqlKind kind in kinds)
        {
            Expression item = _expressions.Any(scope, kind, wanted is null ? 3 : 2);
            if (keyed || (grouped && kind.HasEqualForms && wanted is null))
                item = ExpressionGenerator.Keyed(item);
            string name = $"c{columns.Count + 1}";
            columns.Add(new Column(name, item.Kind, item.Bound));
            items.Add(SqlPart.Of(item.Part, $" AS {name}"));
        }
        bool series = !keyed && !grouped && wanted is null && windows == SqlPart.Nothing && _dice.Percent(4);
        if (series)
        {
            columns.Add(new Column("s", SqlKind.Int4, 1000));
            items.Add(_dice.Percent(50)
                ? $"generate_series({_dice.Between(-1, 1)}, {_dice.Between(0, 3)}) AS s"
                : SqlPart.Of("unnest(", _expressions.Any(scope, SqlKind.Integers, 2).Part, ") AS s"));
        }
        Order order = Order.None;
        string on = "";
        if (distinct && _dice.Percent(40))
        {
            // Ordered by all columns, those of ON first; the order of those among themselves is free.
            int first = _dice.Between(1, columns.Count);
            on = $"DISTINCT ON ({string.Join(", ", Enumerable.Range(1, first).Reverse())}) ";
            order = Total(columns);
        }
        else if (distinct)
        {
            on = "DISTINCT ";
        }
        if (limits)
            order = Total(columns);
        SqlPart limit = limits ? Limit() : SqlPart.Nothing;
        SqlPart list = SqlPart.List(items);
        return new Query(SqlPart.Of("SELECT ", on, wanted is null ? list : SqlPart.Of(Commas(items)), " FROM ", from.Part,
            where, group, having, windows, order.Part, limit), columns,
            grouped && group == SqlPart.Nothing ? 1 : from.RowsMax * (series ? 4 : 1), order.Positions);
    }

    /// <summary>The query of a whole statement: with an order of its own where it can have one.</summary>
    public Query Outermost(int depth)
    {
        Query query = Query(outer: null, wanted: null, depth, _dice.Percent(25));
        if (query.OrderedBy.Count > 0 || _dice.Percent(50))
            return query;
        int[] sortable = [.. Enumerable.Range(0, query.Columns.Count)
            .Where(i => query.Columns[i].Kind is { IsSortable: true, HasEqualForms: false })];
        if (sortable.Length == 0)
            return query;
        IReadOnlyList<int> positions = _dice.Some(sortable, 3);
        SqlPart keys = SqlPart.Of(string.Join(", ", positions.Select(position => $"{Name(position)}{Direction()}")));
        return query with { Part = SqlPart.Of(query.Part, " ORDER BY ", keys), OrderedBy = positions };
    }

    /// <summary>A subquery in an expression; a scalar one has at most one row.</summary>
    public SqlPart Subquery(Scope scope, IReadOnlyList<SqlKind> wanted, bool scalar)
    {
        if (!scalar)
            return Query(scope, wanted, 1, limits: false).Part;
        SqlKind kind = wanted[0];
        if (kind.HasEqualForms || !kind.IsSortable || _dice.Percent(25))
            return SqlPart.Of("SELECT ", _expressions.Any(Scope.Over([], scope), kind, 2).Part);
        if (_dice.Percent(40) && Sources.From(scope, 1) is { } from && _expressions.Aggregate(from.Scope, kind, 1) is { } aggregate
            && IsOf(from, aggregate))
        {
            SqlPart where = SqlPart.Clause(" WHERE ", _expressions.Any(from.Scope, SqlKind.Bool, 2).Part);
            return SqlPart.Of("SELECT ", aggregate.Part, " FROM ", from.Part, where);
        }
        return SqlPart.Of(Query(scope with { }, wanted, 1, limits: false).Part, " ORDER BY 1", _dice.Pick("", " DESC"), " LIMIT 1");
    }

    /// <summary>The aggregate is over columns of the query itself, and not over those around it only, which would make it one of theirs.</summary>
    private static bool IsOf(From from, Expression aggregate)
    {
        string text = aggregate.Part.ToString();
        return from.Relations.Any(relation => text.Contains($"{relation.Alias}.", StringComparison.Ordinal)) || !ColumnName().IsMatch(text);
    }

    private Query Combined(Scope? outer, IReadOnlyList<SqlKind>? wanted, int depth, bool limits)
    {
        // Which of two equal rows is kept is chance: types whose equal values differ as text stay out.
        SqlKind[] kinds = wanted is not null ? [.. wanted]
            : [.. Enumerable.Range(0, _dice.Between(1, 3)).Select(_ => _expressions.SortableKind())
                .Select(kind => kind.HasEqualForms ? SqlKind.Text : kind)];
        bool all = kinds.Any(kind => kind.HasEqualForms || !kind.IsSortable);
        Query left = Query(outer, kinds, depth - 1, limits: false);
        Query right = Query(outer, kinds, depth - 1, limits: false);
        string word = all ? "UNION ALL" : _dice.Pick("UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL", "UNION");
        Order order = limits && !all ? Total(left.Columns) : Order.None;
        SqlPart limit = limits && !all ? Limit() : SqlPart.Nothing;
        SqlPart part = SqlPart.Of("(", left.Part, $") {word} (", right.Part, ")", order.Part, limit);
        return new Query(part, left.Columns, left.RowsMax + right.RowsMax, order.Positions);
    }

    /// <returns>The keys tell its rows apart; none where there are grouping sets, or more than keys to group by.</returns>
    private (Scope Scope, SqlPart Group, SqlPart Having, IReadOnlyList<string> Keys) Grouped(From from, int depth)
    {
        List<Expression> keys = [];
        for (int count = _dice.Between(0, 3); count > 0; count--)
        {
            SqlKind kind = _expressions.SortableKind();
            // PostgreSQL flattens AND and OR, so that a condition is not known again within a longer one.
            Expression key = kind == SqlKind.Bool || _dice.Percent(60) ? _expressions.Leaf(from.Scope, kind, kind.BoundMax) : _expressions.Any(from.Scope, kind, 2);
            key = ExpressionGenerator.Keyed(key);
            // A key without a column would be a constant, and a subquery cannot be matched again, be it that of a function.
            string text = key.Part.ToString();
            if (ColumnName().IsMatch(text) && !HasQuery(text) && keys.All(other => other.Part.ToString() != text))
                keys.Add(key);
        }
        List<Expression> leaves = [.. keys];
        for (int count = _dice.Between(1, 3); count > 0; count--)
        {
            if (_expressions.Aggregate(from.Scope, _expressions.AnyKind(), Math.Min(depth, 2)) is { } aggregate && IsOf(from, aggregate))
                leaves.Add(aggregate);
        }
        leaves.Add(new Expression(Scope.Sorted("count(*)", SqlKind.Int8), SqlKind.Int8, 1e6));
        string[] texts = [.. keys.Select(key => key.Part.ToString())];
        // A key that PostgreSQL can compute while it plans stays where its set has none of it.
        bool sets = texts.Length > 1 && keys.TrueForAll(key => key.IsColumn) && _dice.Percent(60);
        if (sets)
            leaves.Add(new Expression(Scope.Sorted($"grouping({_dice.Pick<string>(texts)})", SqlKind.Int4), SqlKind.Int4, 1));
        string all = string.Join(", ", texts);
        string clause = texts.Length == 0 ? "" : !sets ? $" GROUP BY {_dice.Pick("", "", "", "DISTINCT ")}{all}" : $" GROUP BY {Sets(texts, all)}";
        Scope scope = Scope.Over([], from.Scope.Outer) with { Leaves = leaves, IsGrouped = true };
        SqlPart having = _dice.Percent(20) ? SqlPart.Clause(" HAVING ", _expressions.Any(scope, SqlKind.Bool, 2).Part) : SqlPart.Nothing;
        return (scope, clause, having, sets ? [] : texts);
    }

    private string Sets(string[] texts, string all)
    {
        string first = texts[0], last = texts[^1];
        return _dice.Below(9) switch
        {
            0 => $"ROLLUP ({all})",
            1 => $"CUBE ({all})",
            2 => $"GROUPING SETS (({all}), ({first}), ())",
            3 => $"{first}, ROLLUP ({string.Join(", ", texts[1..])})",
            4 => $"GROUPING SETS ({first}, ROLLUP ({all}))",
            5 => $"DISTINCT ROLLUP ({all}), CUBE ({last}, {first})",
            6 => $"ROLLUP (({all}), {first})",
            7 => $"GROUPING SETS (GROUPING SETS (({last}), ()), CUBE ({first}), ())",
            _ => $"CUBE ({first}), GROUPING SETS (({last}), ({all}))",
        };
    }

    /// <summary>The expression has a query in it, be it that of a function.</summary>
    public static bool HasQuery(string expression) => Queries().IsMatch(expression);

    private Order Total(IReadOnlyList<Column> columns) => new(
        SqlPart.Of($" ORDER BY {string.Join(", ", columns.Select((_, i) => $"{Name(i)}{Direction()}"))}"), [.. Enumerable.Range(0, columns.Count)]);

    private SqlPart Limit() => _dice.Below(7) switch
    {
        5 => SqlPart.Clause($" LIMIT {_dice.Pick("ALL", "NULL", "(1 + 2)", "'3'", "2.4")}"),
        6 => SqlPart.Clause($" OFFSET {_dice.Between(0, 2)} ROWS FETCH NEXT ({_dice.Between(0, 3)} + 1) ROWS ONLY"),
        0 => SqlPart.Clause($" OFFSET {_dice.Between(0, 4)}"),
        1 => SqlPart.Clause($" FETCH FIRST {_dice.Between(1, 5)} ROWS {_dice.Pick("ONLY", "WITH TIES")}"),
        2 => SqlPart.Clause($" LIMIT {_dice.Between(0, 9)} OFFSET {_dice.Between(0, 4)}"),
        _ => SqlPart.Clause($" LIMIT {_dice.Between(0, 12)}"),
    };

    /// <summary>A column of the result, by its position or its name.</summary>
    private string Name(int position) => _dice.Percent(70) ? $"{position + 1}" : $"c{position + 1}";

    private string Direction() => _dice.Pick("", "", " DESC", " NULLS FIRST", " DESC NULLS LAST", " ASC");

    /// <summary>Items whose number is fixed: no list that a reducer may shorten.</summary>
    private static List<SqlPart> Commas(List<SqlPart> items) =>
        [.. items.SelectMany((item, i) => i == 0 ? new[] { item } : [", ", item])];

    [GeneratedRegex(@"SELECT|VALUES|\bf[0-9]+\(")]
    private static partial Regex Queries();

    [GeneratedRegex(@"\br[0-9]+\.")]
    private static partial Regex ColumnName();

    private readonly record struct Order(SqlPart Part, IReadOnlyList<int> Positions)
    {
        public static Order None { get; } = new(SqlPart.Nothing, []);
    }
}
