using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Definitions;

namespace VecSQL.Engine.Statements;

/// <summary>The queries of views as they are stored: all that * stands for is in them, and every name by its schema.</summary>
internal static class ViewTexts
{
    /// <param name="context">What the query's names mean.</param>
    /// <param name="reader">What the things are called that they mean; the same unless something gets another name.</param>
    internal static string Of(
        QueryExpression query, IEnumerable<ColumnEntry> columns, PlannerContext context, PlannerContext reader) =>
        DefinitionText.View(query, [.. columns.Where(static column => !column.IsDropped).Select(static column => column.Name)],
            context, reader, DefinitionLayout.Stored);

    /// <summary>Does what gives things other names, and writes the views that read them anew.</summary>
    /// <param name="views">Those that may name them.</param>
    internal static void Rewrite(SessionState session, IEnumerable<TableEntry> views, Action rename)
    {
        TableEntry[] old = [.. views];
        PlannerContext before = Definitions.Context(session);
        rename();
        PlannerContext after = Definitions.Context(session);
        foreach (TableEntry view in old)
        {
            if (SqlParser.Parse(view.ViewSql ?? "")[0] is not QueryStatement query)
                throw new InvariantException($"view {view.Oid} is not a query");
            PlannerContext own = view.ViewSearchPath.IsDefaultOrEmpty ? before : before with { SearchPath = view.ViewSearchPath };
            string sql = Of(query.Query, view.Columns, own, after);
            // The view itself may be what was renamed.
            TableEntry current = Definitions.Catalog(session).TryFindTable(view.Id, out TableEntry? found) ? found : view;
            Definitions.Put(session, current with { ViewSql = sql });
        }
    }
}
