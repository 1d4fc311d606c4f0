using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;

namespace VecSQL.Engine.Statements;

/// <summary>What uses a type that a user made.</summary>
internal static class TypeDependents
{
    /// <summary>Tables and views that use the type in any way.</summary>
    internal static IEnumerable<TableEntry> Relations(CatalogSnapshot catalog, UserTypeEntry type) => catalog.Tables
        .Where(table => table.LiveColumns.Any(column => IsOf(type, column) || CatalogMark.Mentions(column.DefaultSql, type.Oid))
            || CatalogMark.Mentions(table.ViewSql, type.Oid)
            || table.Checks.Any(check => CatalogMark.Mentions(check.Sql, type.Oid))
            || table.Indexes.Any(index => Uses(type, index)))
        .OrderBy(table => table.Oid);

    /// <summary>Columns of the type or of arrays of it, and those computed with it, which go with it.</summary>
    internal static IEnumerable<ColumnEntry> Columns(TableEntry table, UserTypeEntry type) => table.LiveColumns.Where(column =>
        IsOf(type, column) || (column.IsGenerated && CatalogMark.Mentions(column.DefaultSql, type.Oid)));

    /// <summary>Columns of other types whose defaults mention the type.</summary>
    internal static IEnumerable<ColumnEntry> Defaults(TableEntry table, UserTypeEntry type) => table.LiveColumns.Where(column =>
        !IsOf(type, column) && !column.IsGenerated && CatalogMark.Mentions(column.DefaultSql, type.Oid));

    internal static bool IsOf(UserTypeEntry type, ColumnEntry column) =>
        column.Type.Oid == type.Oid || column.Type.Oid == BuiltinTypes.ArrayOf(type.Oid);

    internal static bool Uses(UserTypeEntry type, IndexEntry index) => CatalogMark.Mentions(index.Predicate, type.Oid)
        || index.Expressions.Any(expression => CatalogMark.Mentions(expression, type.Oid));
}
