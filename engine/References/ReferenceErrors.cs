using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Statements;

namespace VecSQL.Engine.References;

/// <summary>Violations of foreign keys, in PostgreSQL's words.</summary>
internal static class ReferenceErrors
{
    /// <summary>A row refers to a key that is not there.</summary>
    /// <param name="values">The row's key, in the constraint's order.</param>
    internal static SqlException Missing(
        SessionState session, TableEntry table, ForeignKeyEntry key, TableEntry referenced, ColumnBatch values, int row) =>
        Of(session, table, key, $"insert or update on table \"{table.Name}\" violates foreign key constraint \"{key.Name}\"",
            $"Key {Text(session, table, key.Columns, values, row)} is not present in table \"{referenced.Name}\".");

    /// <summary>A key that goes, or changes, has rows that refer to it.</summary>
    /// <param name="values">The key as it was, in the constraint's order.</param>
    internal static SqlException StillReferenced(
        SessionState session, TableEntry table, ForeignKeyEntry key, TableEntry referenced, ColumnBatch values, int row) =>
        Of(session, table, key, $"update or delete on table \"{referenced.Name}\" violates foreign key constraint " +
            $"\"{key.Name}\" on table \"{table.Name}\"",
            $"Key {Text(session, referenced, key.ReferencedColumns, values, row)} is still referenced from table \"{table.Name}\".");

    /// <summary>MATCH FULL: a row's key is null in some columns only.</summary>
    internal static SqlException Mixed(SessionState session, TableEntry table, ForeignKeyEntry key) =>
        Of(session, table, key, $"insert or update on table \"{table.Name}\" violates foreign key constraint \"{key.Name}\"",
            "MATCH FULL does not allow mixing of null and nonnull key values.");

    private static SqlException Of(SessionState session, TableEntry table, ForeignKeyEntry key, string message, string detail) =>
        new(SqlState.ForeignKeyViolation, message)
        {
            Detail = detail,
            SchemaName = TableValidation.SchemaName(session, table),
            TableName = table.Name,
            ConstraintName = key.Name,
        };

    private static string Text(SessionState session, TableEntry table, IReadOnlyList<short> columns, ColumnBatch values, int row)
    {
        string names = string.Join(", ", columns.Select(number => table.Column(number).Name));
        string texts = string.Join(", ", columns.Select((number, i) =>
            TextRows.Text(values.Columns[i], row, table.Column(number).Type, session.Format) ?? "null"));
        return $"({names})=({texts})";
    }
}
