using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Statements;
using VecSQL.Storage;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>vecsql.tables, vecsql.segments and vecsql.shards: how tables lie in storage.</summary>
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

        new RowSource<TableShard>("vecsql.shards", Shards)
            .With("schema_name", (context, found) => context.SchemaName(found.Table.SchemaOid))
            .With("table_name", found => found.Table.Name)
            .With("shard", found => (long)found.Shard.Value)
            .With("shard_method", found => found.Group is null || found.Table.Placement is { KeyColumns.IsEmpty: true } ? null : ShardPlacement.NameOf(found.Group.Method))
            .With("shard_key", found => ShardPlacement.KeyText(found.Table))
            .With("slots", found => found.Slots)
            .With("start_key", found => found.Bounds.Start)
            .With("end_key", found => found.Bounds.End)
            .With("replicas", found => found.Group?.Replicas)
            .With("replication", found => found.Group?.Replication?.Name())
            .With("leader", found => found.Leader)
            .With("nodes", found => found.Nodes)
            .With("rows", found => found.Size?.RowCount)
            .With("segments", found => found.Size?.Segments.Count)
            .With("size_bytes", found => found.SizeBytes)
            .With("delta_bytes", found => found.Size?.DeltaBytes),
    ];

    /// <summary>A table's part in a shard.</summary>
    /// <param name="Group">Null where the table is whole.</param>
    /// <param name="Size">Null where nobody serves the shard now.</param>
    /// <param name="Replicas">By node; none where the node is alone.</param>
    internal sealed record TableShard(TableEntry Table, ShardGroupEntry? Group, ShardId Shard, TableSize? Size, IEnumerable<ReplicaDescription> Replicas)
    {
        /// <summary>The node with the primary; null where there is none.</summary>
        internal string? Leader => Replicas.FirstOrDefault(static replica => replica.Role == "primary")?.NodeName;

        internal IEnumerable<string> Nodes => Replicas.Select(static replica => replica.NodeName);

        /// <summary>How many of the group's slots of keys are the shard's.</summary>
        internal int? Slots => Table.Placement is { KeyColumns.IsEmpty: true } || Group is not { Method: ShardMethod.Hash } ? null
            : Group.Slots.Count(slot => Group.Shards[slot] == Shard);

        /// <summary>The first key of a range, and the first one behind it; null where it has no such end, or is no range.</summary>
        internal (string? Start, string? End) Bounds => Group?.Shards.IndexOf(Shard) is { } place && Group is { Method: ShardMethod.Range, Bounds: var bounds }
            ? (place > 0 ? bounds[place - 1].Text : null, place < bounds.Length ? bounds[place].Text : null) : default;

        internal long? SizeBytes => Size is null ? null : Size.DeltaBytes + Size.Segments.Sum(static segment => segment.Info.SizeBytes);
    }

    internal static IEnumerable<TableShard> ShardsOf(SessionState session, IEnumerable<TableEntry> tables)
    {
        ILookup<long, ReplicaDescription> replicas = session.Database.Cluster.Describe().Replicas.ToLookup(static replica => replica.Shard);
        return from table in tables
               from part in session.Database.Storage.ShardsOf(table.Id)
               select new TableShard(table, table.Placement is { } placement ? session.Catalog.Find(placement.GroupOid) as ShardGroupEntry : null,
                   part.Shard, part.Size, replicas[part.Shard.Value]);
    }

    private static IEnumerable<TableShard> Shards(ViewContext context) => ShardsOf(
        context.Session, context.Catalog.Tables.Where(static table => table.Kind == TableKind.Table).OrderBy(static table => table.Oid));

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
