using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>TRUNCATE.</summary>
internal static class TruncateCommand
{
    internal static async ValueTask RunAsync(
        SessionState session, TruncateStatement statement, CancellationToken cancellation)
    {
        var tables = new List<TableEntry>();
        foreach (QualifiedName name in statement.Tables)
        {
            TableEntry found = session.Names.GetTable(Definitions.Catalog(session), name);
            Definitions.RefuseSystem(found);
            if (found.Kind != TableKind.Table)
                throw new SqlException(SqlState.WrongObjectType, $"\"{name.Name}\" is not a table");
            if (!tables.Any(table => table.Oid == found.Oid))
                tables.Add(await Definitions.LockTableAsync(session, found, TableLockMode.AccessExclusive, cancellation));
        }
        if (statement.Cascade)
            await AddReferrersAsync(session, tables, cancellation);
        else
            RefuseReferenced(session, tables);
        foreach (TableEntry table in tables)
            session.References.RefusePending(table, "TRUNCATE");
        foreach (TableEntry table in tables)
        {
            await session.Transaction.Storage.TruncateAsync(table.Id, cancellation);
            if (!statement.RestartIdentity)
                continue;
            CatalogSnapshot catalog = Definitions.Catalog(session);
            foreach (SequenceEntry sequence in Dependencies.OwnedSequences(catalog, table))
                SequenceCommands.Restart(session, sequence, sequence.Start);
        }
    }

    /// <summary>Adds the tables whose rows refer to those of the tables, and so on.</summary>
    private static async ValueTask AddReferrersAsync(
        SessionState session, List<TableEntry> tables, CancellationToken cancellation)
    {
        while (true)
        {
            CatalogSnapshot catalog = Definitions.Catalog(session);
            TableEntry[] referrers =
            [
                .. tables.SelectMany(table => catalog.ForeignKeysTo(table.Id)).Select(found => found.Table)
                    .Where(found => !tables.Any(table => table.Oid == found.Oid)).DistinctBy(found => found.Oid).OrderBy(found => found.Oid),
            ];
            if (referrers.Length == 0)
                return;
            foreach (TableEntry found in referrers)
            {
                session.Notices.Notice($"truncate cascades to table \"{found.Name}\"");
                tables.Add(await Definitions.LockTableAsync(session, found, TableLockMode.AccessExclusive, cancellation));
            }
        }
    }

    private static void RefuseReferenced(SessionState session, List<TableEntry> tables)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        foreach (TableEntry table in tables)
        {
            foreach ((TableEntry referrer, _) in catalog.ForeignKeysTo(table.Id))
            {
                if (tables.Any(other => other.Oid == referrer.Oid))
                    continue;
                throw new SqlException(
                    SqlState.FeatureNotSupported, "cannot truncate a table referenced in a foreign key constraint",
                    hint: $"Truncate table \"{referrer.Name}\" at the same time, or use TRUNCATE ... CASCADE.")
                {
                    Detail = $"Table \"{referrer.Name}\" references \"{table.Name}\".",
                };
            }
        }
    }
}
