using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Collections;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;

namespace VecSQL.Planner.Binding.Views;

/// <summary>One view on the way from the one that a statement changes to the table whose rows it shows.</summary>
/// <param name="Relation">What it selects from: a table, or the next view.</param>
/// <param name="Columns">For each of its columns the name of the relation's column that it is; null for what it computes.</param>
internal sealed record ViewLayer(TableEntry View, SelectBody Body, NamedTable From, TableEntry Relation, ImmutableArray<string?> Columns)
{
    /// <summary>WITH CHECK OPTION: new rows meet the conditions of this view, and where cascaded of those below.</summary>
    internal string? CheckOption => View.Options.FirstOrDefault(static option => option.Key == "check_option").Value;

    /// <summary>The query of a view; null where it is nothing else.</summary>
    internal static QueryExpression? QueryOf(TableEntry view) =>
        SqlParser.Parse(view.ViewSql ?? "")[0] is QueryStatement query ? query.Query : null;

    /// <summary>Why rows cannot be changed through a view of this query, in PostgreSQL's words; null where they may be.</summary>
    internal static string? ProblemOf(QueryExpression query)
    {
        if (query.Body is not SelectBody body)
            return query.Body is SetOperationBody ? Containing("UNION, INTERSECT, or EXCEPT") : NotSingle;
        if (body.IsDistinct || !body.DistinctOn.IsEmpty)
            return Containing("DISTINCT");
        if (!body.GroupBy.IsEmpty)
            return Containing("GROUP BY");
        if (body.Having is not null)
            return Containing("HAVING");
        if (query.With is not null)
            return Containing("WITH");
        if (query.Limit is not null || query.Offset is not null)
            return Containing("LIMIT or OFFSET");
        return body.From is [NamedTable { Sample: null }] ? null : NotSingle;
    }

    internal const string NotSingle = "Views that do not select from a single table or view are not automatically updatable.";

    /// <summary>Those of the relation's columns that the select list names, under what the relation is called in FROM.</summary>
    internal static ImmutableArray<string?> ColumnsOf(SelectBody body, NamedTable from, TableEntry relation)
    {
        string[] names = [.. relation.LiveColumns.Select((column, i) => NameOf(from.Alias, column, i))];
        string[] own = [.. relation.LiveColumns.Select(column => column.Name)];
        var columns = ImmutableArray.CreateBuilder<string?>();
        foreach (SelectItem item in body.Items)
        {
            if (item.Expression is StarExpression)
            {
                columns.AddRange(own);
                continue;
            }
            int at = item.Expression is ColumnReference reference ? Array.IndexOf(names, reference.Name.Name) : -1;
            columns.Add(at >= 0 ? own[at] : null);
        }
        return columns.ToImmutable();
    }

    /// <summary>A column's name in FROM, where an alias may give it another.</summary>
    internal static string NameOf(TableAlias? alias, ColumnEntry column, int ordinal) =>
        alias is { Columns: { } given } && ordinal < given.Count ? given[ordinal] : column.Name;

    private static string Containing(string what) => $"Views containing {what} are not automatically updatable.";
}
