using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>REINDEX: builds vector indexes anew, and looks again at what unique ones promise.</summary>
/// <remarks>
/// Nobody has to wait meanwhile, with or without CONCURRENTLY: searches use the old file of a segment until the new one takes its
/// place. Other indexes have no files of their own that could be built.
/// </remarks>
internal static class ReindexCommand
{
    internal static async ValueTask RunAsync(
        SessionState session, MaintenanceStatement statement, bool isInScript, CancellationToken cancellation)
    {
        string kind = "";
        bool isConcurrent = false, isVerbose = false;
        foreach (Option option in statement.Options)
        {
            switch (option.Name)
            {
                case "index" or "table" or "schema" or "database" or "system" when option.Value is null:
                    kind = option.Name;
                    break;
                case "concurrently":
                    isConcurrent = IsOn(option);
                    break;
                case "verbose":
                    isVerbose = IsOn(option);
                    break;
                case "tablespace":
                    throw StatementDispatch.Unsupported("REINDEX (TABLESPACE …)");
                default:
                    throw new SqlException(SqlState.SyntaxError, $"unrecognized REINDEX option \"{option.Name}\"")
                    { Position = option.Position };
            }
        }
        if (isConcurrent)
            session.Transaction.RefuseBlock("REINDEX CONCURRENTLY", isInScript);
        if (kind is "schema" or "database" or "system")
            session.Transaction.RefuseBlock($"REINDEX {kind.ToUpperInvariant()}", isInScript);
        session.Transaction.Storage.BeginStatement();
        foreach ((TableEntry table, IndexEntry index) in Find(session, kind, statement.Tables[0], isConcurrent))
        {
            await RebuildAsync(session, table, index, isConcurrent ? "REINDEX CONCURRENTLY" : "REINDEX", cancellation);
            if (isVerbose)
                session.Notices.Send(new SqlNotice("INFO", SqlState.SuccessfulCompletion, $"index \"{index.Name}\" was reindexed"));
        }
    }

    private static async ValueTask RebuildAsync(
        SessionState session, TableEntry table, IndexEntry index, string command, CancellationToken cancellation)
    {
        if (VectorOperatorClass.IsVectorMethod(index.Method))
            IndexOptions.CheckBuild(index.Options);
        await IndexCommands.BuildAsync(session, table, index, command, isAnew: true, cancellation);
    }

    private static (TableEntry Table, IndexEntry Index)[] Find(
        SessionState session, string kind, QualifiedName name, bool isConcurrent)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        switch (kind)
        {
            case "index":
                return [FindIndex(session, catalog, name)];
            case "table":
                TableEntry table = FindTable(session, catalog, name);
                if (table.Indexes.IsEmpty)
                {
                    session.Notices.Notice(isConcurrent
                        ? $"table \"{table.Name}\" has no indexes that can be reindexed concurrently"
                        : $"table \"{table.Name}\" has no indexes to reindex");
                }
                return IndexesOf(table);
            case "schema":
                uint schema = session.Names.GetSchema(catalog, name.Name).Oid;
                return All(catalog, table => table.SchemaOid == schema);
            case "system" when isConcurrent:
                throw new SqlException(SqlState.FeatureNotSupported, "cannot reindex system catalogs concurrently");
            default:
                if (name.Name != session.DatabaseName)
                    throw new SqlException(SqlState.FeatureNotSupported, "can only reindex the currently open database");
                return kind == "system" ? [] : All(catalog, static _ => true);
        }
    }

    private static (TableEntry Table, IndexEntry Index) FindIndex(SessionState session, CatalogSnapshot catalog, QualifiedName name)
    {
        if (session.Names.FindIndex(catalog, name) is { } found)
            return found;
        throw session.Names.FindRelation(catalog, name) is null
            ? session.Names.Undefined(catalog, name)
            : new SqlException(SqlState.WrongObjectType, $"\"{name.Name}\" is not an index");
    }

    private static TableEntry FindTable(SessionState session, CatalogSnapshot catalog, QualifiedName name)
    {
        if (session.Names.FindRelation(catalog, name) is TableEntry { Kind: TableKind.Table } table)
            return table;
        bool isOther = session.Names.FindIndex(catalog, name) is not null || session.Names.FindRelation(catalog, name) is not null;
        throw isOther
            ? new SqlException(SqlState.WrongObjectType, $"\"{name.Name}\" is not a table or materialized view")
            : session.Names.Undefined(catalog, name);
    }

    private static (TableEntry Table, IndexEntry Index)[] All(CatalogSnapshot catalog, Func<TableEntry, bool> isMeant) =>
        [.. catalog.Tables.Where(table => table.Kind == TableKind.Table && isMeant(table)).OrderBy(table => table.Oid).SelectMany(IndexesOf)];

    private static (TableEntry Table, IndexEntry Index)[] IndexesOf(TableEntry table) =>
        [.. table.Indexes.Select(index => (table, index))];

    private static bool IsOn(Option option) => Definitions.OptionText(option.Value) is null or "true" or "on" or "1";
}
