using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Engine.References;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Printing;

namespace VecSQL.Engine.Statements;

/// <summary>Tests whether the rows of a table meet a constraint that is to be added.</summary>
/// <remarks>The table is locked, so that no row comes between the test and the constraint.</remarks>
internal static class TableValidation
{
    /// <exception cref="SqlException">23502: a row has a null.</exception>
    internal static async ValueTask RequireNotNullAsync(
        SessionState session, TableEntry table, ColumnEntry column, CancellationToken cancellation)
    {
        string sql = $"SELECT 1 FROM {Name(session, table)} WHERE {Quote(column.Name)} IS NULL LIMIT 1";
        if (await InternalQuery.FirstAsync(session, sql, cancellation) is null)
            return;
        throw new SqlException(
            SqlState.NotNullViolation, $"column \"{column.Name}\" of relation \"{table.Name}\" contains null values")
        {
            SchemaName = SchemaName(session, table),
            TableName = table.Name,
            ColumnName = column.Name,
        };
    }

    /// <exception cref="SqlException">23514: a row fails the check.</exception>
    internal static async ValueTask RequireCheckAsync(
        SessionState session, TableEntry table, CheckEntry check, CancellationToken cancellation)
    {
        string sql = $"SELECT 1 FROM {Name(session, table)} WHERE NOT ({check.Sql}) LIMIT 1";
        if (await InternalQuery.FirstAsync(session, sql, cancellation) is null)
            return;
        throw new SqlException(SqlState.CheckViolation,
            $"check constraint \"{check.Name}\" of relation \"{table.Name}\" is violated by some row")
        {
            SchemaName = SchemaName(session, table),
            TableName = table.Name,
            ConstraintName = check.Name,
        };
    }

    /// <exception cref="SqlException">23505: two rows have equal keys.</exception>
    internal static async ValueTask RequireUniqueAsync(
        SessionState session, TableEntry table, IndexEntry index, CancellationToken cancellation)
    {
        ColumnEntry[] columns = [.. index.Columns.Select(number => table.Column(number))];
        string[] keys = [.. columns.Select((_, key) => IndexColumns.KeySql(table, index, key))];
        string list = string.Join(", ", keys);
        IEnumerable<string> conditions = index.NullsNotDistinct ? [] : keys.Select(key => key + " IS NOT NULL");
        if (index.Predicate is { } predicate)
            conditions = conditions.Append($"({predicate})");
        string where = conditions.Any() ? " WHERE " + string.Join(" AND ", conditions) : "";
        string sql = $"SELECT {list} FROM {Name(session, table)}{where} GROUP BY {list} HAVING count(*) > 1 LIMIT 1";
        if (await InternalQuery.FirstAsync(session, sql, cancellation) is not { } row)
            return;
        throw new SqlException(SqlState.UniqueViolation, $"could not create unique index \"{index.Name}\"")
        {
            Detail = $"Key ({list})=({KeyText(session, columns, row)}) is duplicated.",
            SchemaName = SchemaName(session, table),
            TableName = table.Name,
            ConstraintName = index.Name,
        };
    }

    /// <exception cref="SqlException">23503: a row refers to a key that is not there.</exception>
    internal static async ValueTask RequireReferencesAsync(
        SessionState session, TableEntry table, ForeignKeyEntry key, CancellationToken cancellation)
    {
        if (!Definitions.Catalog(session).TryFindTable(new TableId(key.ReferencedTable), out TableEntry? referenced))
            return;
        string[] columns = [.. key.Columns.Select(number => "c." + Quote(table.Column(number).Name))];
        string[] targets = [.. key.ReferencedColumns.Select(number => "r." + Quote(referenced.Column(number).Name))];
        string from = $"FROM {Name(session, table)} c";
        if (key.MatchesFull && columns.Length > 1)
        {
            string any = string.Join(" OR ", columns.Select(column => column + " IS NULL"));
            string some = string.Join(" OR ", columns.Select(column => column + " IS NOT NULL"));
            string mixed = $"SELECT 1 {from} WHERE ({any}) AND ({some}) LIMIT 1";
            if (await InternalQuery.FirstAsync(session, mixed, cancellation) is not null)
                throw ReferenceErrors.Mixed(session, table, key);
        }
        string present = string.Join(" AND ", columns.Select(column => column + " IS NOT NULL"));
        string equal = string.Join(" AND ", targets.Zip(columns, (target, column) => $"{target} = {column}"));
        string sql = $"SELECT {string.Join(", ", columns)} {from} WHERE {present} " +
            $"AND NOT EXISTS (SELECT FROM {Name(session, referenced)} r WHERE {equal}) LIMIT 1";
        if (await InternalQuery.FirstAsync(session, sql, cancellation) is { } row)
            throw ReferenceErrors.Missing(session, table, key, referenced, row, 0);
    }

    /// <summary>The table's name as it stands in SQL, whatever the search path.</summary>
    internal static string Name(SessionState session, TableEntry table) =>
        $"{Quote(SchemaName(session, table))}.{Quote(table.Name)}";

    internal static string SchemaName(SessionState session, TableEntry table) =>
        Definitions.Catalog(session).Find(table.SchemaOid)?.Name ?? "";

    internal static string Quote(string name) => SqlPrinter.QuoteIdentifier(name);

    private static string KeyText(SessionState session, ColumnEntry[] columns, ColumnBatch row) => string.Join(", ",
        columns.Select((column, i) => TextRows.Text(row.Columns[i], 0, column.Type, session.Format) ?? "null"));
}
