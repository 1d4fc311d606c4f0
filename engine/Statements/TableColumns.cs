using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Statements;

/// <summary>Columns of a table by name.</summary>
internal static class TableColumns
{
    internal static ColumnEntry? Find(TableEntry table, string name) =>
        table.Columns.FirstOrDefault(column => column is { IsDropped: false, IsHidden: false } && column.Name == name);

    /// <exception cref="SqlException">42703: there is none.</exception>
    internal static ColumnEntry Get(TableEntry table, string name) => Find(table, name)
        ?? throw new SqlException(
            SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{table.Name}\" does not exist");

    internal static TableEntry With(TableEntry table, ColumnEntry column) =>
        table with { Columns = table.Columns.SetItem(table.PlaceOf(column.Number) - 1, column) };
}
