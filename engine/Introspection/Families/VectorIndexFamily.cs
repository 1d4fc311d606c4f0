using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Engine.Sessions;
using VecSQL.Storage.Indexes;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>vecsql.vector_indexes and pg_stat_progress_create_index: vector indexes as they are built and when they are.</summary>
internal static class VectorIndexFamily
{
    internal static readonly RowSource[] Sources =
    [
        new RowSource<Found>("vecsql.vector_indexes", Indexes)
            .With("schema_name", (context, found) => context.SchemaName(found.Table.SchemaOid))
            .With("table_name", found => found.Table.Name)
            .With("index_name", found => found.Index.Name)
            .With("method", found => found.Index.Method)
            .With("operator_class", found => found.Index.OperatorClasses[0])
            .With("column_name", (context, found) => found.Index.ExpressionOf(0) is null
                ? found.Column.Name
                : Deparser.IndexKey(context, found.Table, found.Index, 0, isPretty: false))
            .With("dimensions", found => found.Column.Type.Modifier)
            .With("state", found => found.State)
            .With("rows_indexed", found => found.Status?.RowsIndexed)
            .With("rows_not_indexed", found => found.Status?.RowsNotIndexed)
            .With("segments", found => found.Status?.SegmentCount)
            .With("segments_indexed", found => found.Status?.SegmentsIndexed)
            .With("cells", found => found.Status?.CellCount)
            .With("disk_bytes", found => found.Status?.FileBytes)
            .With("memory_bytes", found => found.Status?.SearchBytes)
            .With("build_seconds", found => found.Status?.BuildSeconds)
            .With("default_recall", found => found.Status?.RecallFor(VectorIndexDefinition.DefaultRecall))
            .With("cells_by_recall", found => CellsByRecall(found.Status)),

        new RowSource<Build>("pg_stat_progress_create_index", Builds)
            .With("pid", build => build.BackendId)
            .With("datid", (context, _) => context.Database.Oid)
            .With("datname", (context, _) => context.DatabaseName)
            .With("relid", build => build.TableOid)
            .With("index_relid", build => build.IndexOid)
            .With("command", build => build.Command)
            .With("phase", build => build.Phase)
            .With("tuples_total", build => build.Work?.RowCount ?? 0)
            .With("tuples_done", build => build.Work?.RowsDone ?? 0),
    ];

    /// <summary>Recalls that <c>cells_by_recall</c> lists.</summary>
    private static readonly double[] Recalls = [0.9, 0.95, 0.98, 0.99, 0.995];

    /// <param name="Status">Null where the index has neither cells nor lists: its rows are searched exactly.</param>
    private sealed record Found(TableEntry Table, IndexEntry Index, VectorIndexStatus? Status, bool IsBuilding)
    {
        internal ColumnEntry Column => Table.Column(Index.Columns[0]);

        internal string State => Status switch
        {
            null => "exact",
            _ when IsBuilding => "building",
            { SegmentsDue: > 0 } => "waiting",
            _ => "ready",
        };
    }

    /// <param name="BackendId">0 for the background.</param>
    /// <param name="Work">Null before storage has begun.</param>
    private sealed record Build(int BackendId, uint TableOid, uint IndexOid, string Command, string Phase, SegmentIndexBuild? Work);

    private static IEnumerable<Found> Indexes(ViewContext context)
    {
        Storage.IStorage storage = context.Session.Database.Storage;
        HashSet<uint> building = [.. storage.IndexBuilds.Select(build => build.IndexOid)];
        foreach (TableEntry table in context.Catalog.Tables.OrderBy(table => table.Oid))
        {
            foreach (IndexEntry index in table.Indexes.Where(index => VectorOperatorClass.IsVectorMethod(index.Method)))
            {
                VectorIndexStatus? status = SegmentIndexDefinition.Of(table, index) is { } definition
                    ? storage.StatusOf(table.Id, definition) : null;
                yield return new Found(table, index, status, building.Contains(index.Oid));
            }
        }
    }

    private static IEnumerable<Build> Builds(ViewContext context)
    {
        Dictionary<uint, SegmentIndexBuild> work = [];
        foreach (SegmentIndexBuild build in context.Session.Database.Storage.IndexBuilds)
            work[build.IndexOid] = build;
        foreach (SqlSession session in context.Session.Database.Sessions.OrderBy(session => session.BackendId))
        {
            if (session.State.Activity.IndexBuild is not { } build)
                continue;
            work.Remove(build.IndexOid, out SegmentIndexBuild? done);
            string phase = done is not null ? PhaseOf(done) : build.IsBySegments ? "initializing" : "building index: scanning table";
            yield return new Build(session.BackendId, build.TableOid, build.IndexOid, build.Command, phase, done);
        }
        foreach (SegmentIndexBuild build in work.Values)
            yield return new Build(0, build.TableOid, build.IndexOid, "CREATE INDEX", PhaseOf(build), build);
    }

    private static string PhaseOf(SegmentIndexBuild build) => $"building index: {build.Phase}";

    private static string? CellsByRecall(VectorIndexStatus? status) => status is not { SegmentsIndexed: > 0, CellCount: > 0 }
        ? null
        : "{" + string.Join(", ", Recalls.Select(recall =>
            string.Create(CultureInfo.InvariantCulture, $"\"{recall}\": {status.CellsFor(recall)}"))) + "}";
}
