using System.Collections.Immutable;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Planner.Definitions;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>pg_tables, pg_views, pg_indexes, pg_sequences: catalogs made readable.</summary>
internal static class ListingFamily
{
    internal static readonly RowSource[] Sources =
    [
        new RowSource<Relation>("pg_tables", context => Relations.All(context).Where(relation => relation.Kind == 'r'))
            .With("schemaname", (context, relation) => context.SchemaName(relation.SchemaOid))
            .With("tablename", relation => relation.Name)
            .With("tableowner", (context, _) => context.OwnerName)
            .With("hasindexes", relation => relation.Table?.Indexes.Length > 0)
            .WithAll("hasrules", false)
            .WithAll("hastriggers", false)
            .WithAll("rowsecurity", false),

        new RowSource<Relation>("pg_views", context => Relations.All(context).Where(relation => relation.Kind == 'v'))
            .With("schemaname", (context, relation) => context.SchemaName(relation.SchemaOid))
            .With("viewname", relation => relation.Name)
            .With("viewowner", (context, _) => context.OwnerName)
            .With("definition", (context, relation) => relation.Table is { } view ? Deparser.View(context, view, DefinitionLayout.Lines) : null),

        new RowSource<Relation>("pg_indexes", context => Relations.User(context).Where(relation => relation.Kind == 'i'))
            .With("schemaname", (context, relation) => context.SchemaName(relation.SchemaOid))
            .With("tablename", relation => relation.Table?.Name)
            .With("indexname", relation => relation.Name)
            .With("indexdef", (context, relation) => relation is { Table: { } table, Index: { } index }
                ? Deparser.Index(context, table, index)
                : null),

        new RowSource<SequenceEntry>("pg_sequences", context => context.Catalog.Sequences.OrderBy(sequence => sequence.Oid))
            .With("schemaname", (context, sequence) => context.SchemaName(sequence.SchemaOid))
            .With("sequencename", sequence => sequence.Name)
            .With("sequenceowner", (context, _) => context.OwnerName)
            .With("data_type", sequence => sequence.Type.Oid)
            .With("start_value", sequence => sequence.Start)
            .With("min_value", sequence => sequence.MinValue)
            .With("max_value", sequence => sequence.MaxValue)
            .With("increment_by", sequence => sequence.Increment)
            .With("cycle", sequence => sequence.Cycles)
            .With("cache_size", sequence => sequence.Cache)
            .With("last_value", (context, sequence) => LastValue(context, sequence)),

        new RowSource<(TableEntry Table, ColumnEntry Column, ColumnStatistics Found)>("pg_stats", Statistics)
            .With("schemaname", (context, row) => context.SchemaName(row.Table.SchemaOid))
            .With("tablename", row => row.Table.Name)
            .With("attname", row => row.Column.Name)
            .WithAll("inherited", false)
            .With("null_frac", row => row.Found.NullShare)
            .With("avg_width", row => row.Found.AverageWidth)
            .With("n_distinct", row => row.Found.Distinct)
            .With("most_common_vals", row => Values(row.Found.CommonValues))
            .With("most_common_freqs", row => row.Found.CommonShares.IsEmpty ? null : row.Found.CommonShares)
            .With("histogram_bounds", row => Values(row.Found.Bounds)),
    ];

    /// <summary>What <c>SELECT * FROM sequence</c> gives.</summary>
    internal static RowSource PositionOf(SequenceEntry sequence) => new RowSource<SequenceEntry>(sequence.Name, _ => [sequence])
        .With("last_value", (context, entry) => context.Session.Database.Storage.SequencePosition(entry).LastValue)
        .With("is_called", (context, entry) => context.Session.Database.Storage.SequencePosition(entry).IsCalled);

    private static IEnumerable<(TableEntry Table, ColumnEntry Column, ColumnStatistics Found)> Statistics(ViewContext context) =>
        from table in context.Catalog.Tables
        orderby table.Oid
        from column in table.LiveColumns
        where column.Statistics is not null
        select (table, column, column.Statistics);

    /// <summary>Values as an array of their type is written.</summary>
    private static string? Values(ImmutableArray<string> values) => values.IsEmpty ? null : TypeFormats.ArrayText(values);

    private static long? LastValue(ViewContext context, SequenceEntry sequence)
    {
        (long value, bool isCalled) = context.Session.Database.Storage.SequencePosition(sequence);
        return isCalled ? value : null;
    }
}
