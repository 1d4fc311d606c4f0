using VecSQL.Catalog.Objects;
using VecSQL.Storage;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>vecsql.tables and vecsql.segments: how tables lie in storage.</summary>
internal static class StorageFamily
{
    internal static readonly RowSource[] Sources =
    [
        new RowSource<(TableEntry Table, TableSize Size)>("vecsql.tables", Sizes)
            .With("schema_name", (context, found) => context.SchemaName(found.Table.SchemaOid))
            .With("table_name", found => found.Table.Name)
            .With("rows", found => found.Size.RowCount)
            .With("segments", found => found.Size.Segments.Count)
            .With("size_bytes", found => found.Size.DeltaBytes + found.Size.Segments.Sum(segment => segment.Info.SizeBytes))
            .With("delta_bytes", found => found.Size.DeltaBytes),

        new RowSource<(TableEntry Table, TableSegment Segment)>("vecsql.segments", Segments)
            .With("schema_name", (context, found) => context.SchemaName(found.Table.SchemaOid))
            .With("table_name", found => found.Table.Name)
            .With("segment", found => found.Segment.Info.Id.ToString())
            .With("rows", found => (long)found.Segment.Info.RowCount)
            .With("deleted_rows", found => (long)found.Segment.DeletedCount)
            .With("arrow_bytes", found => found.Segment.Info.ArrowBytes)
            .With("sidecar_bytes", found => found.Segment.Info.SidecarBytes),
    ];

    private static IEnumerable<(TableEntry Table, TableSize Size)> Sizes(ViewContext context) =>
        from table in context.Catalog.Tables
        where table.Kind == TableKind.Table
        orderby table.Oid
        select (table, context.Session.Database.Storage.SizeOf(table.Id));

    private static IEnumerable<(TableEntry Table, TableSegment Segment)> Segments(ViewContext context) =>
        from found in Sizes(context)
        from segment in found.Size.Segments
        select (found.Table, segment);
}
