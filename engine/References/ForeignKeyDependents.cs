using VecSQL.Catalog.Objects;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Statements;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.References;

/// <summary>Foreign keys that need something of the table that they refer to.</summary>
internal static class ForeignKeyDependents
{
    /// <summary>Those that refer by the index; of other tables and of its own.</summary>
    internal static IReadOnlyList<(TableEntry Table, ForeignKeyEntry Key)> OfIndex(
        SessionState session, TableEntry table, IndexEntry index) =>
        [.. Definitions.Catalog(session).ForeignKeysTo(table.Id).Where(found => found.Key.IndexOid == index.Oid)];

    /// <summary>Those of other tables, or of other columns, that refer to the column.</summary>
    internal static IReadOnlyList<(TableEntry Table, ForeignKeyEntry Key)> OfColumn(
        SessionState session, TableEntry table, ColumnEntry column) =>
    [
        .. Definitions.Catalog(session).ForeignKeysTo(table.Id).Where(found => found.Key.ReferencedColumns.Contains(column.Number)
            && !(found.Table.Oid == table.Oid && found.Key.Columns.Contains(column.Number))),
    ];

    internal static string Describe((TableEntry Table, ForeignKeyEntry Key) found) =>
        $"constraint {found.Key.Name} on table {found.Table.Name}";

    /// <summary>Drops the constraints.</summary>
    internal static async ValueTask DropAsync(
        SessionState session, IEnumerable<(TableEntry Table, ForeignKeyEntry Key)> keys, CancellationToken cancellation)
    {
        foreach ((TableEntry found, ForeignKeyEntry key) in keys)
        {
            if (await Definitions.TryLockTableAsync(session, found, TableLockMode.AccessExclusive, cancellation) is { } table)
                Definitions.Put(session, table with { ForeignKeys = table.ForeignKeys.RemoveAll(entry => entry.Oid == key.Oid) });
        }
    }
}
