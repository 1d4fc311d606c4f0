using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;

namespace VecSQL.Engine.Statements;

/// <summary>What uses a type, a function or a model that a user made: by columns of the type, and by marks in SQL that is kept.</summary>
internal sealed class MarkDependents
{
    private readonly CatalogObject _used;
    private readonly int? _version;
    private readonly uint _arrayOid;

    /// <param name="version">Of a model: null for all of it.</param>
    internal MarkDependents(CatalogObject used, int? version = null)
    {
        _used = used;
        _version = version;
        _arrayOid = used is UserTypeEntry ? BuiltinTypes.ArrayOf(used.Oid) : 0;
    }

    /// <summary>Tables and views that use it in any way.</summary>
    internal IEnumerable<TableEntry> Relations(CatalogSnapshot catalog) => catalog.Tables
        .Where(table => Own(table).Any(column => IsOf(column) || IsIn(column.DefaultSql) || IsModelled(column)) || IsIn(table.ViewSql)
            || table.Checks.Any(check => IsIn(check.Sql)) || table.Indexes.Any(Uses))
        .OrderBy(table => table.Oid);

    /// <summary>Functions whose signatures or kept bodies use it.</summary>
    internal IEnumerable<FunctionDefinition> Functions(CatalogSnapshot catalog) => catalog.Functions
        .Where(function => IsIn(function.Query) || IsOf(function.Result) || function.Columns.Any(column => IsOf(column.Type))
            || function.Arguments.Any(argument => IsOf(argument.Type) || IsIn(argument.DefaultSql)))
        .OrderBy(function => function.Oid);

    /// <summary>Columns of the type or of arrays of it, and those computed with it, which go with it.</summary>
    internal IEnumerable<ColumnEntry> Columns(TableEntry table) =>
        Own(table).Where(column => IsOf(column) || (column.IsGenerated && IsIn(column.DefaultSql)));

    /// <summary>Columns that users see, and what is to take their places.</summary>
    private static IEnumerable<ColumnEntry> Own(TableEntry table) =>
        table.StoredColumns.Where(static column => !column.IsHidden || column.ShadowOf > 0);

    /// <summary>Other columns whose defaults mention it.</summary>
    internal IEnumerable<ColumnEntry> Defaults(TableEntry table) =>
        table.LiveColumns.Where(column => !IsOf(column) && !column.IsGenerated && IsIn(column.DefaultSql));

    internal bool Uses(IndexEntry index) => IsIn(index.Predicate) || index.Expressions.Any(IsIn);

    /// <summary>Columns that hold vectors of the model and do not compute them.</summary>
    internal IEnumerable<ColumnEntry> Modelled(TableEntry table) =>
        table.LiveColumns.Where(column => IsModelled(column) && !(column.IsGenerated && IsIn(column.DefaultSql)));

    internal bool IsIn(string? sql) => _used switch
    {
        UserTypeEntry => CatalogMark.Mentions(sql, _used.Oid),
        ModelEntry => CatalogMark.MentionsModel(sql, _used.Oid, _version),
        _ => CatalogMark.MentionsFunction(sql, _used.Oid),
    };

    private bool IsModelled(ColumnEntry column) =>
        _used is ModelEntry && column.Model is { } use && use.Model == _used.Oid && (_version is null || use.Version == _version);

    internal bool IsArray(ColumnEntry column) => _arrayOid != 0 && column.Type.Oid == _arrayOid;

    private bool IsOf(ColumnEntry column) => IsOf(column.Type);

    private bool IsOf(SqlType type) => _arrayOid != 0 && (type.Oid == _used.Oid || type.Oid == _arrayOid);
}
