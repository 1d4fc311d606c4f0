using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>VACUUM (compaction), ANALYZE, CHECKPOINT and CLUSTER.</summary>
internal static class MaintenanceCommands
{
    internal static CommandWork Open(SessionState session, MaintenanceStatement statement, bool isInScript) => new(async cancellation =>
    {
        string tag = statement.Verb.ToUpperInvariant();
        switch (statement.Verb)
        {
            case "vacuum":
                session.Transaction.RefuseBlock(tag, isInScript);
                await CompactAsync(session, statement, cancellation);
                if (statement.Options.Any(option => option.Name == "analyze" && Definitions.OptionText(option.Value) is null or "true" or "on" or "1"))
                    await AnalyzeAsync(session, statement, cancellation);
                break;
            case "checkpoint":
                await session.Database.Storage.CheckpointAsync(cancellation);
                break;
            case "analyze":
                await AnalyzeAsync(session, statement, cancellation);
                break;
            case "reindex":
                await ReindexCommand.RunAsync(session, statement, isInScript, cancellation);
                break;
            case "cluster" when statement.Tables.IsEmpty:
                break;
            default:
                throw StatementDispatch.Unsupported(tag);
        }
        return tag;
    });

    private static async ValueTask CompactAsync(
        SessionState session, MaintenanceStatement statement, CancellationToken cancellation)
    {
        TableEntry[] tables = [.. Find(session, statement)];
        foreach (TableEntry table in tables)
            await session.Database.Storage.CompactAsync(table.Id, cancellation);
    }

    private static ValueTask AnalyzeAsync(
        SessionState session, MaintenanceStatement statement, CancellationToken cancellation) =>
        AnalyzeCommand.RunAsync(session, Find(session, statement), areNamed: !statement.Tables.IsEmpty, cancellation);

    private static IEnumerable<TableEntry> Find(SessionState session, MaintenanceStatement statement)
    {
        CatalogSnapshot catalog = session.Catalog;
        if (statement.Tables.IsEmpty)
            return catalog.Tables.Where(table => table.Kind == TableKind.Table && !table.IsTemporary).ToArray();
        var tables = new List<TableEntry>();
        foreach (QualifiedName name in statement.Tables)
        {
            TableEntry table = session.Names.GetTable(catalog, name);
            if (table.Kind == TableKind.Table)
                tables.Add(table);
            else if (table.Kind == TableKind.View)
            {
                session.Notices.Warn(SqlState.Warning,
                    $"skipping \"{table.Name}\" --- cannot {statement.Verb} non-tables or special system tables");
            }
        }
        return tables;
    }
}
