using System.Text;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Indexes;

/// <summary>The error about a unique key that is taken, in PostgreSQL's words.</summary>
internal static class UniqueViolation
{
    /// <param name="schema">The table's schema.</param>
    public static SqlException Of(string? schema, TableEntry table, IndexEntry index, KeyBatch keys, int row) =>
        Make(schema, table, index, $"duplicate key value violates unique constraint \"{index.Name}\"",
            $"Key {KeyText(table, index, keys, row)} already exists.", row);

    /// <summary>CREATE UNIQUE INDEX over rows that are not unique.</summary>
    public static SqlException OnCreate(string? schema, TableEntry table, IndexEntry index, KeyBatch keys, int row) =>
        Make(schema, table, index, $"could not create unique index \"{index.Name}\"",
            $"Key {KeyText(table, index, keys, row)} is duplicated.");

    private static SqlException Make(string? schema, TableEntry table, IndexEntry index, string message,
        string detail, int? row = null) =>
        new(SqlState.UniqueViolation, message)
        {
            Detail = detail,
            SchemaName = schema,
            TableName = table.Name,
            ConstraintName = index.Name,
            Row = row,
        };

    private static string KeyText(TableEntry table, IndexEntry index, KeyBatch keys, int row)
    {
        StringBuilder names = new(), values = new();
        for (int i = 0; i < index.Columns.Length; i++)
        {
            ColumnEntry column = table.Column(index.Columns[i]);
            string separator = i == 0 ? "" : ", ";
            names.Append(separator).Append(index.ExpressionOf(i) ?? ValueText.Quoted(column.Name));
            values.Append(separator).Append(ValueText.Of(column.Type, keys.Columns[i], row));
        }
        return $"({names})=({values})";
    }
}
