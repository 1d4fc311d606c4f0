using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;

namespace VecSQL.Engine.Introspection;

/// <summary>All relations there are: tables, views, indexes, sequences, system relations.</summary>
/// <param name="Kind">pg_class.relkind: r, v, i or S.</param>
/// <param name="Table">The table, the index's table, or the system relation; null for a sequence.</param>
internal sealed record Relation(uint Oid, string Name, uint SchemaOid, char Kind, TableEntry? Table)
{
    internal IndexEntry? Index { get; init; }

    internal SequenceEntry? Sequence { get; init; }

    internal bool IsSystem => Table?.Kind == TableKind.System;

    internal bool IsTemporary => Table?.IsTemporary == true;

    internal int ColumnCount => Index?.Columns.Length + Index?.Include.Length ?? Table?.Columns.Length ?? 3;
}

internal static class Relations
{
    /// <summary>The schemas that clients list. The one of VecSQL's own views is not among them: PostgreSQL's clients leave out
    /// what they know to be internal, by name, and would take this one for the user's. Its views are found by their names.</summary>
    internal static IEnumerable<SchemaEntry> Schemas(ViewContext context) => context.Catalog.Schemas
        .Where(schema => schema.Oid != CatalogSnapshot.VecsqlSchemaOid).OrderBy(schema => schema.Oid);

    internal static IEnumerable<Relation> All(ViewContext context) =>
        User(context).Concat(SystemViews.Instance.All.Where(relation => relation.Schema != "vecsql").Select(
            relation => new Relation(
                relation.Table.Oid, relation.Name, relation.Table.SchemaOid, relation.Kind, relation.Table)));

    /// <summary>Relations that users made, in order of their ids.</summary>
    internal static IEnumerable<Relation> User(ViewContext context)
    {
        foreach (CatalogObject entry in context.Catalog.Objects.OrderBy(found => found.Oid))
        {
            if (entry is SequenceEntry sequence)
                yield return new Relation(sequence.Oid, sequence.Name, sequence.SchemaOid, 'S', null) { Sequence = sequence };
            if (entry is not TableEntry table)
                continue;
            yield return new Relation(
                table.Oid, table.Name, table.SchemaOid, table.Kind == TableKind.View ? 'v' : 'r', table);
            foreach (IndexEntry index in table.Indexes.Where(static index => index.Replaces == 0))
                yield return new Relation(index.Oid, index.Name, table.SchemaOid, 'i', table) { Index = index };
        }
    }

    internal static (uint Schema, string Name)? Find(ViewContext context, uint oid) => FindRelation(context, oid) is { } found
        ? (found.SchemaOid, found.Name)
        : null;

    internal static Relation? FindRelation(ViewContext context, uint oid)
    {
        if (SystemViews.Instance.FindRelation(oid) is { } system)
            return new Relation(oid, system.Name, system.Table.SchemaOid, system.Kind, system.Table);
        return context.Catalog.Find(oid) switch
        {
            TableEntry or SequenceEntry or null => User(context).FirstOrDefault(relation => relation.Oid == oid),
            _ => null,
        };
    }

    internal const int MayUpdate = 4, MayInsert = 8, MayDelete = 16; // pg_relation_is_updatable's bits

    /// <summary>Which changes statements may make to the relation's rows.</summary>
    internal static int UpdatesOf(ViewContext context, Relation relation)
    {
        if (relation is { Kind: 'r', IsSystem: false, Index: null })
            return MayUpdate | MayInsert | MayDelete;
        if (relation is not { Kind: 'v', IsSystem: false, Table: { } view } || context.UpdatesOf(view) is not (true, var columns))
            return 0;
        return columns.Contains(true) ? MayUpdate | MayInsert | MayDelete : MayDelete;
    }

    /// <summary>Whether statements may assign to the column.</summary>
    internal static bool IsUpdatable(ViewContext context, Relation relation, ColumnEntry column)
    {
        if (relation is { Kind: 'r', IsSystem: false, Index: null })
            return true;
        return relation is { Kind: 'v', IsSystem: false, Table: { } view } && context.UpdatesOf(view) is (true, var columns)
            && column.Number <= columns.Length && columns[column.Number - 1];
    }

    internal static bool IsVisible(ViewContext context, uint schemaOid, string name)
    {
        foreach (string schemaName in context.SearchPath)
        {
            if (context.Catalog.FindSchema(schemaName) is not { } schema)
                continue;
            bool isThere = context.Catalog.IsNameTaken(schema.Oid, name) || SystemViews.Instance.Find(schemaName, name) is not null;
            if (isThere)
                return schema.Oid == schemaOid;
        }
        return false;
    }

    /// <summary>The id of a column's row in pg_attrdef: made of its table's id and its number, out of the way of other ids.</summary>
    internal static uint DefaultOid(uint tableOid, short number) =>
        0x4000_0000 | ((tableOid << 11) & 0x3FFF_F800) | (uint)(number & 0x7FF);

    /// <summary>The id of a view's rule.</summary>
    internal static uint RuleOid(uint viewOid) => DefaultOid(viewOid, 0);

    internal static string Text(uint oid) => oid.ToString(CultureInfo.InvariantCulture);

    internal static string[]? OptionTexts(IReadOnlyCollection<KeyValuePair<string, string>> options) =>
        options.Count == 0 ? null : [.. options.Select(option => $"{option.Key}={option.Value}")];
}
