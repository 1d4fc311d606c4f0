using VecSQL.Catalog.Objects;
using VecSQL.Engine.Models;
using VecSQL.Ml.Models;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>vecsql.models and vecsql.embedding_jobs: the versions of the database's models, and what the node does with them.</summary>
internal static class ModelFamily
{
    internal static readonly RowSource[] Sources =
    [
        new RowSource<Found>("vecsql.models", Versions)
            .With("name", found => found.Model.Name)
            .With("version", found => found.Version.Number)
            .With("is_default", (context, found) => context.Catalog.DefaultModel == found.Model)
            .With("is_default_version", found => found.Version.Number == found.Model.DefaultVersion)
            .With("dims", found => found.Version.Dimensions)
            .With("max_tokens", found => found.Version.TokensMax is > 0 and var count ? count : null)
            .With("pooling", found => Given(found.Version.Pooling))
            .With("normalize", found => found.Version.IsNormalized)
            .With("query_prefix", found => found.Version.QueryPrefix)
            .With("document_prefix", found => found.Version.DocumentPrefix)
            .With("output", found => Given(found.Version.OutputName))
            .With("device", found => found.Version.Device)
            .With("threads", found => found.Version.Threads is > 0 and var count ? count : null)
            .With("file", found => Given(found.Version.Source))
            .With("file_bytes", found => found.Model.IsBuiltIn ? null : found.Version.OnnxBytes)
            .With("sha256", found => Given(found.Version.OnnxSha256))
            .With("tokenizer", found => Given(found.Version.TokenizerSource))
            .With("tokenizer_bytes", found => found.Model.IsBuiltIn ? null : found.Version.TokenizerBytes)
            .With("tokenizer_sha256", found => Given(found.Version.TokenizerSha256))
            .With("loaded", found => found.Model.IsBuiltIn || found.State?.Facts is not null)
            .With("runs_on", found => found.Model.IsBuiltIn ? "cpu" : found.State?.Facts?.Device.ToString().ToLowerInvariant())
            .With("texts_embedded", found => found.Model.IsBuiltIn ? null : found.State?.TextCount ?? 0)
            .With("cache_hits", found => found.Model.IsBuiltIn ? null : found.State?.HitCount ?? 0)
            .With("cache_misses", found => found.Model.IsBuiltIn ? null : found.State is { } state ? state.TextCount - state.HitCount : 0)
            .With("runs", found => found.Model.IsBuiltIn ? null : found.State?.RunCount ?? 0)
            .With("load_ms", found => found.State?.LoadTime?.TotalMilliseconds)
            .With("comment", found => found.Model.Comment),

        new RowSource<Deferred>("vecsql.embedding_jobs", Jobs)
            .With("schema_name", (context, found) => context.SchemaName(found.Table.SchemaOid))
            .With("table_name", found => found.Table.Name)
            .With("column_name", found => found.Column.ShadowOf > 0 ? found.Table.Column(found.Column.ShadowOf).Name : found.Column.Name)
            .With("model", (context, found) => found.Column.Model is { } use
                ? new ModelName(context.Catalog.FindModel(use.Model)?.Name ?? "?", use.Version).ToString() : null)
            .With("state", found => found.Job.State)
            .With("rows_pending", found => found.Job.PendingCount)
            .With("rows_done", found => found.Job.DoneCount)
            .With("rows_failed", found => found.Job.FailedCount)
            .With("last_error", found => found.Job.LastError)
            .With("last_error_at", found => found.Job.LastErrorTime is { } time ? ActivityFamily.Moment(time) : null),
    ];

    /// <summary>A column whose vectors come behind the statements.</summary>
    private sealed record Deferred(TableEntry Table, ColumnEntry Column, EmbeddingJob Job);

    private static IEnumerable<Deferred> Jobs(ViewContext context) =>
        from table in context.Catalog.Tables.OrderBy(static table => table.Oid)
        from column in table.FilledColumns
        select new Deferred(table, column, context.Session.Database.Embedding.JobOf(table, column));

    /// <param name="State">What the node has done with it; null where nothing.</param>
    private sealed record Found(ModelEntry Model, ModelVersion Version, ModelState? State);

    private static IEnumerable<Found> Versions(ViewContext context)
    {
        ModelStore store = context.Session.Database.Models;
        return from model in context.Catalog.Models.OrderBy(static model => model.Name, StringComparer.Ordinal)
               from version in model.Versions
               select new Found(model, version, model.IsBuiltIn ? null : store.StateOf(model, version));
    }

    private static string? Given(string text) => text.Length > 0 ? text : null;
}
