using System.Collections.Immutable;
using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Settings;
using VecSQL.Engine.Introspection.Families;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>SHOW: a setting, all settings, the models, the shards, or the cluster with its nodes, replicas and jobs.</summary>
internal static class ShowCommand
{
    private static readonly string[] ModelColumns = ["name", "version", "default", "dims", "max_tokens", "device", "state", "file", "comment"];

    private static readonly string[] ShardColumns =
        ["table", "shard", "shard_key", "slots", "start_key", "end_key", "replicas", "replication", "leader", "nodes", "rows", "size_bytes"];

    internal static ImmutableArray<ResultColumnInfo> Columns(SessionState session, ShowStatement statement) => statement.Name switch
    {
        "all" => TextRows.Columns("name", "setting", "description"),
        "models" => TextRows.Columns(ModelColumns),
        "shards" => TextRows.Columns(ShardColumns),
        "nodes" => TextRows.Columns(ClusterFamily.NodeColumns),
        "cluster" => TextRows.Columns(ClusterFamily.ClusterColumns),
        "replicas" => TextRows.Columns(ClusterFamily.ReplicaColumns),
        "jobs" => TextRows.Columns(ClusterFamily.JobColumns),
        _ => TextRows.Columns(NameOf(session, statement.Name)),
    };

    internal static StatementWork Open(SessionState session, ShowStatement statement) => new RowsWork(
        Columns(session, statement), "SHOW", _ => new ValueTask<Columnar.Batches.ColumnBatch>(statement.Name switch
        {
            "all" => TextRows.Of(AllRows(session), 3),
            "models" => TextRows.Of(ModelRows(session), ModelColumns.Length),
            "shards" => TextRows.Of(ShardRows(session, statement.Table), ShardColumns.Length),
            "nodes" => TextRows.Of(ClusterFamily.NodeRows(session), ClusterFamily.NodeColumns.Length),
            "cluster" => TextRows.Of(ClusterFamily.ClusterRows(session), ClusterFamily.ClusterColumns.Length),
            "replicas" => TextRows.Of(ClusterFamily.ReplicaRows(session), ClusterFamily.ReplicaColumns.Length),
            "jobs" => TextRows.Of(ClusterFamily.JobRows(session), ClusterFamily.JobColumns.Length),
            _ => TextRows.Of([[session.Settings.Show(statement.Name)]], 1),
        }));

    /// <summary>The short form of vecsql.models.</summary>
    private static IEnumerable<string?[]> ModelRows(SessionState session)
    {
        CatalogSnapshot catalog = session.Catalog;
        return from model in catalog.Models.OrderBy(static model => model.Name, StringComparer.Ordinal)
               from version in model.Versions
               let isLoaded = model.IsBuiltIn || session.Database.Models.StateOf(model, version)?.Facts is not null
               select (string?[])
               [
                   model.Name, Text(version.Number),
                   model.DefaultVersion != version.Number ? null : catalog.DefaultModel == model ? "database" : "model",
                   Text(version.Dimensions), version.TokensMax > 0 ? Text(version.TokensMax) : null, version.Device,
                   isLoaded ? "loaded" : "ready", version.Source.Length > 0 ? version.Source : null, model.Comment,
               ];

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The short form of vecsql.shards.</summary>
    private static IEnumerable<string?[]> ShardRows(SessionState session, QualifiedName? name)
    {
        IEnumerable<TableEntry> tables = name is not null
            ? [session.Names.GetTable(session.Catalog, name)]
            : session.Catalog.Tables.Where(static table => table.Kind == TableKind.Table).OrderBy(static table => table.Oid);
        return from part in StorageFamily.ShardsOf(session, tables)
               select (string?[])
               [
                   TableValidation.Name(session, part.Table), Text(part.Shard.Value), ShardPlacement.KeyText(part.Table), part.Slots is { } slots ? Text(slots) : null,
                   part.Bounds.Start, part.Bounds.End, part.Group?.Replicas is { } replicas ? Text(replicas) : null, part.Group?.Replication?.Name(),
                   part.Leader, part.Nodes.Any() ? string.Join(", ", part.Nodes) : null, Text(part.Size?.RowCount), Text(part.SizeBytes),
               ];

        static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string?[]> AllRows(SessionState session) =>
        from definition in SettingCatalog.All
        where !definition.IsHidden
        select (string?[])[definition.Name, session.Settings.Show(definition.Name), Describe(definition)];

    internal static string Describe(SettingDefinition definition) =>
        definition.IsForCompatibility ? definition.Summary + " (accepted for compatibility, without effect)."
        : definition.IsDefaultOnly ? definition.Summary + " (only the default is supported)."
        : definition.Summary + ".";

    /// <exception cref="Core.Errors.SqlException">42704: there is no such setting.</exception>
    private static string NameOf(SessionState session, string name) =>
        SettingCatalog.Find(name)?.Name
        ?? (session.Settings.Show(name) is not null ? name : throw SessionSettings.Unrecognized(name));
}
