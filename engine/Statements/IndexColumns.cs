using VecSQL.Catalog.Objects;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;

namespace VecSQL.Engine.Statements;

/// <summary>What indexes keep in a table beside its own columns, and which of these they are about.</summary>
internal static class IndexColumns
{
    /// <summary>The table without some of its indexes, and without the hidden columns that were theirs.</summary>
    internal static TableEntry Without(TableEntry table, Func<IndexEntry, bool> isGone)
    {
        IndexEntry[] gone = [.. table.Indexes.Where(isGone)];
        IEnumerable<short> numbers = gone.SelectMany(static index => index.Columns.Append(index.PredicateColumn));
        foreach (short number in numbers.Where(number => number > 0 && table.Column(number) is { IsHidden: true, ShadowOf: 0 }).ToArray())
            table = TableColumns.With(table, Dropped(table.Column(number)));
        return table with { Indexes = table.Indexes.RemoveAll(index => gone.Contains(index)) };
    }

    /// <summary>What stays of a column, so that numbers never move.</summary>
    internal static ColumnEntry Dropped(ColumnEntry column) =>
        new(column.Number, $"........pg.dropped.{column.Number}........", column.Type) { IsDropped = true };

    /// <summary>Whether the index is about the column: by itself, in an expression, or in the predicate.</summary>
    internal static bool Mentions(IndexEntry index, ColumnEntry column) =>
        index.Columns.Contains(column.Number) || index.Include.Contains(column.Number) || MentionsInSql(index, column);

    internal static bool MentionsInSql(IndexEntry index, ColumnEntry column) =>
        index.Expressions.Append(index.Predicate ?? "").Any(sql =>
            sql.Length > 0 && StoredExpressions.ColumnsOf(SqlParser.ParseExpression(sql)).Contains(column.Name));

    /// <summary>The table's own column that a key is, though the index may keep it apart; 0 for an expression.</summary>
    internal static short OwnColumn(TableEntry table, IndexEntry index, int key) => index.ExpressionOf(key) is not { } sql
        ? index.Columns[key]
        : table.LiveColumns.FirstOrDefault(column => SqlPrinter.QuoteIdentifier(column.Name) == sql)?.Number ?? 0;

    /// <summary>A key as it stands in SQL.</summary>
    internal static string KeySql(TableEntry table, IndexEntry index, int key) =>
        index.ExpressionOf(key) ?? SqlPrinter.QuoteIdentifier(table.Column(index.Columns[key]).Name);

    /// <summary>What a hidden column is generated from: over columns that are not generated themselves.</summary>
    internal static string Spelled(TableEntry table, string sql, PlannerContext context)
    {
        Dictionary<string, string> generations = table.LiveColumns
            .Where(static column => column is { IsGenerated: true, DefaultSql: not null })
            .ToDictionary(static column => column.Name, static column => $"({column.DefaultSql})");
        return generations.Count == 0
            ? sql
            : ColumnRename.Spelled(SqlParser.ParseExpression(sql), table, null, context, generations);
    }

    /// <summary>Texts as an index's definition has them: a call as it is, all else in parentheses.</summary>
    internal static string Enclosed(Expression expression, string sql) =>
        expression is FunctionCall or CoalesceExpression or MinMaxExpression or NullIfExpression ? sql : $"({sql})";

    /// <summary>A name for a column of an index that none has yet, as PostgreSQL makes them: expr, expr1 …</summary>
    internal static string Free(string name, List<string> taken)
    {
        string candidate = name;
        for (int i = 1; taken.Contains(candidate); i++)
            candidate = $"{name}{i}";
        return candidate;
    }
}
