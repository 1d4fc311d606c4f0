using System.Runtime.CompilerServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>Which objects need which others: views their tables, defaults their sequences.</summary>
internal static class Dependencies
{
    private static readonly ConditionalWeakTable<TableEntry, ViewUse> ViewUses = [];

    /// <summary>Views over the relation, one level up.</summary>
    internal static IEnumerable<TableEntry> ViewsOn(SessionState session, CatalogSnapshot catalog, CatalogObject relation) =>
        catalog.Tables.Where(view => view.Kind == TableKind.View && Uses(session, catalog, view, relation)).OrderBy(view => view.Oid);

    /// <summary>What a view reads, one level down, with the columns of it that it mentions.</summary>
    internal static IEnumerable<(CatalogObject Relation, IEnumerable<ColumnEntry> Columns)> ReadBy(
        SessionState session, CatalogSnapshot catalog, TableEntry view)
    {
        if (UseOf(view) is not { } use)
            return [];
        return use.Tables.Select(name => session.Names.FindRelation(catalog, name, view.ViewSearchPath)).OfType<CatalogObject>()
            .DistinctBy(static relation => relation.Oid).OrderBy(static relation => relation.Oid)
            .Select(relation => (relation, ((relation as TableEntry)?.LiveColumns ?? []).Where(
                column => relation is TableEntry table && use.Mentions(table, column.Name))));
    }

    /// <summary>Views that mention the column (or all columns) of the table.</summary>
    internal static IEnumerable<TableEntry> ViewsOn(
        SessionState session, CatalogSnapshot catalog, TableEntry table, string column) =>
        ViewsOn(session, catalog, table).Where(view =>
            UseOf(view) is { } use && use.Mentions(table, column));

    /// <summary>Columns whose default draws from the sequence, other than the column that owns it as identity.</summary>
    internal static IEnumerable<(TableEntry Table, ColumnEntry Column)> DefaultsOn(
        CatalogSnapshot catalog, SequenceEntry sequence) =>
        from table in catalog.Tables
        from column in table.LiveColumns
        where column.SequenceOid == sequence.Oid
        orderby table.Oid, column.Number
        select (table, column);

    /// <summary>Generated columns computed from the column.</summary>
    internal static IEnumerable<ColumnEntry> GeneratedFrom(TableEntry table, ColumnEntry column) =>
        table.LiveColumns.Where(entry => entry is { IsGenerated: true, DefaultSql: not null }
            && StoredExpressions.ColumnsOf(SqlParser.ParseExpression(entry.DefaultSql)).Contains(column.Name));

    /// <summary>Checks that mention the column.</summary>
    internal static IEnumerable<CheckEntry> ChecksOn(TableEntry table, ColumnEntry column) =>
        table.Checks.Where(
            check => StoredExpressions.ColumnsOf(SqlParser.ParseExpression(check.Sql)).Contains(column.Name));

    internal static IEnumerable<SequenceEntry> OwnedSequences(CatalogSnapshot catalog, TableEntry table) =>
        catalog.Sequences.Where(sequence => sequence.OwnerTable == table.Oid).OrderBy(sequence => sequence.Oid);

    internal static bool NamesSchema(TableEntry view, string schema) =>
        UseOf(view)?.Tables.Any(name => name.Schema == schema) == true;

    private static bool Uses(SessionState session, CatalogSnapshot catalog, TableEntry view, CatalogObject relation)
    {
        if (UseOf(view) is not { } use || !use.Tables.Any(name => name.Name == relation.Name))
            return false;
        return use.Tables.Any(name => session.Names.FindRelation(catalog, name, view.ViewSearchPath)?.Oid == relation.Oid);
    }

    private static ViewUse? UseOf(TableEntry view) =>
        view.ViewSql is null ? null : ViewUses.GetValue(view, static entry => new ViewUse(entry.ViewSql ?? ""));

    /// <summary>What a view's query mentions.</summary>
    private sealed class ViewUse
    {
        private readonly NamedTable[] _renamed;
        private readonly HashSet<(string? Qualifier, string Name)> _columns;
        private readonly ILookup<string, string> _aliases;
        private readonly bool _hasStar;

        internal ViewUse(string sql)
        {
            object[] nodes = [.. SqlParser.Parse(sql).SelectMany(SyntaxWalk.All)];
            HashSet<string> local = [.. nodes.OfType<CommonTable>().Select(table => table.Name)];
            Tables =
            [
                .. nodes.OfType<NamedTable>().Select(table => table.Name)
                    .Where(name => name.Schema is not null || !local.Contains(name.Name)),
            ];
            Tables = [.. Tables, .. nodes.OfType<CastExpression>().Select(TableOf).OfType<QualifiedName>()];
            _columns = [.. nodes.OfType<ColumnReference>().Select(static column =>
                (column.Name.Parts is [.., var qualifier, _] ? qualifier : null, column.Name.Name)),
                .. nodes.OfType<JoinedTable>().SelectMany(static join => join.Using.Select(static name => ((string?)null, name)))];
            _aliases = nodes.OfType<NamedTable>().ToLookup(
                static table => table.Alias?.Name ?? table.Name.Name, static table => table.Name.Name);
            _renamed = [.. nodes.OfType<NamedTable>().Where(static table => table.Alias is { Columns.IsEmpty: false })];
            _hasStar = nodes.OfType<StarExpression>().Any();
        }

        /// <summary>Whether it may read the column, by its name or by the one that an alias gives it.</summary>
        internal bool Mentions(TableEntry table, string column)
        {
            if (_hasStar || IsRead(table, column))
                return true;
            int index = table.LiveColumns.TakeWhile(entry => entry.Name != column).Count();
            return _renamed.Any(named => named.Name.Name == table.Name && named.Alias?.Columns is { } names
                && index < names.Count && IsRead(table, names[index]));
        }

        /// <summary>It has a column of that name which may be the table's: no other table is named before it.</summary>
        private bool IsRead(TableEntry table, string column) => _columns.Contains((null, column)) || _columns.Any(read =>
            read.Name == column && read.Qualifier is { } qualifier
            && (!_aliases.Contains(qualifier) || _aliases[qualifier].Contains(table.Name)));

        /// <summary>'t'::regclass stands for the table.</summary>
        private static QualifiedName? TableOf(CastExpression cast) =>
            cast is { Type.Name.Name: "regclass", Operand: StringLiteral text } && !uint.TryParse(text.Value, out _)
                && NameText.TryParse(text.Value, out QualifiedName? name)
                ? name
                : null;

        internal QualifiedName[] Tables { get; }
    }
}
