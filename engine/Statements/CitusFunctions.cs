using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;
using VecSQL.Engine.Introspection;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Executor.Expressions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>What Citus's functions do, by the statements that do it here.</summary>
/// <remarks>Threads: the statement's, which waits.</remarks>
internal sealed class CitusFunctions(SessionState session) : IShardFunctions
{
    /// <summary>What citus.shard_count is by default.</summary>
    private const int UsualShards = 32;

    /// <summary>How often a job's state is looked at.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    public void Distribute(uint table, string? column, string method, string togetherWith, int? shards, CancellationToken cancellation)
    {
        TableEntry found = Find(table);
        if (method != "hash")
        {
            throw new SqlException(SqlState.FeatureNotSupported, $"distribution_type \"{method}\" is not supported",
                hint: "Tables are divided by range WITH (shard_method = 'range') SPLIT AT VALUES ((...), ...).");
        }
        if (IsDivided(found) && found.Options.Any(static option => option.Key == ShardPlacement.Key)) // else vecsql.default_shards has divided it
            throw new SqlException(SqlState.InvalidTableDefinition, $"table \"{found.Name}\" is already distributed");
        if (column is null && shards is not null)
            throw new SqlException(SqlState.InvalidParameterValue, "shard_count can't be specified when the distribution column is null");
        (int? count, uint? group) = column is null ? (1, null) : Count(shards, togetherWith);
        Set(found, count ?? (session.Settings[SettingCatalog.DefaultShards].Integer is > 1 and var usual ? (int)usual : UsualShards), column, group, cancellation);
    }

    public void Redistribute(uint table, string? column, int? shards, string? togetherWith, bool? cascades, CancellationToken cancellation)
    {
        TableEntry found = Find(table);
        if (column is null && shards is null && togetherWith is null)
            throw new SqlException(SqlState.InvalidParameterValue, "you have to specify at least one of the distribution_column, shard_count or colocate_with parameters");
        if (found.Placement is not { KeyColumns.IsEmpty: false } placement)
            throw NotDivided(found);
        TableEntry[] together = [.. Definitions.Catalog(session).Tables.Where(other => other.Oid != found.Oid && other.Placement?.GroupOid == placement.GroupOid)];
        if (cascades is null && shards is not null && togetherWith is null && together.Length > 0)
        {
            throw new SqlException(SqlState.InvalidParameterValue, "cascade_to_colocated parameter is necessary",
                hint: "cascade_to_colocated => false will break the current colocation, cascade_to_colocated => true will change the shard count " +
                    "of colocated tables too.");
        }
        if (cascades is true && (column is not null || togetherWith is not null))
            throw new SqlException(SqlState.FeatureNotSupported, "colocated tables follow a change of shard_count alone");
        (int? count, uint? group) = Count(shards, togetherWith ?? "default");
        foreach (TableEntry each in cascades is true ? [found, .. together] : new[] { found })
            Set(each, count, column, group, cancellation);
    }

    public void Undistribute(uint table, CancellationToken cancellation)
    {
        TableEntry found = Find(table);
        if (!IsDivided(found))
            throw new SqlException(SqlState.InvalidTableDefinition, $"cannot undistribute table \"{found.Name}\" because the table is not distributed");
        Alter(found, new SetOptionsAction([Option(ShardPlacement.Shards, "1")], IsReset: false), cancellation);
    }

    public int AddNode(string name, int port) => Node(name, port).Id;

    public void RemoveNode(string name, int port, CancellationToken cancellation)
    {
        IClusterControl control = ClusterCommands.Control(session, "citus_remove_node", isInScript: false);
        foreach (string warning in Wait(control.RemoveAsync(Node(name, port).Name, isForced: false, cancellation)))
            session.Notices.Warn(SqlState.Warning, warning);
    }

    public void DrainNode(string name, int port, CancellationToken cancellation)
    {
        IClusterControl control = ClusterCommands.Control(session, "citus_drain_node", isInScript: false);
        NodeDescription node = Node(name, port);
        control.DrainAsync(node.Name, isUndone: false, cancellation).AsTask().GetAwaiter().GetResult();
        Until(cluster => cluster.Nodes.First(other => other.Id == node.Id).Replicas == 0, cancellation);
    }

    public void Move(long shard, (string Name, int Port) source, (string Name, int Port) target, CancellationToken cancellation)
    {
        IClusterControl control = ClusterCommands.Control(session, "citus_move_shard_placement", isInScript: false);
        JobDescription begun = Wait(control.MoveAsync(shard, Node(source.Name, source.Port).Name, Node(target.Name, target.Port).Name, cancellation));
        JobDescription? ended = null;
        Until(cluster => (ended = cluster.Jobs.FirstOrDefault(job => job.Id == begun.Id)) is not { Ended: null }, cancellation);
        if (ended is { State: not "done" })
            throw new SqlException(SqlState.SystemError, $"shard {shard} could not be moved: {ended.Error ?? ended.State}");
    }

    public long? StartRebalance(uint? table, CancellationToken cancellation)
    {
        IClusterControl control = ClusterCommands.Control(session, "citus_rebalance_start", isInScript: false);
        IReadOnlyList<JobDescription> jobs = ClusterCommands.RebalanceAsync(session, control, table is { } oid ? Find(oid) : null, isDryRun: false, cancellation)
            .AsTask().GetAwaiter().GetResult();
        return jobs.FirstOrDefault(static job => job.Id > 0)?.Id;
    }

    public void StopRebalance(CancellationToken cancellation)
    {
        IClusterControl control = ClusterCommands.Control(session, "citus_rebalance_stop", isInScript: false);
        foreach (JobDescription job in Rebalancing(session.Database.Cluster.Describe()).ToArray())
            control.ChangeJobAsync(job.Id, "cancel", cancellation).AsTask().GetAwaiter().GetResult();
    }

    public void WaitForRebalance(CancellationToken cancellation) => Until(static cluster => !Rebalancing(cluster).Any(), cancellation);

    private static IEnumerable<JobDescription> Rebalancing(ClusterDescription cluster) =>
        cluster.Jobs.Where(static job => job is { Reason: "rebalance", Ended: null });

    private static bool IsDivided(TableEntry table) => table.Placement is { KeyColumns.IsEmpty: false };

    private static SqlException NotDivided(TableEntry table) => new(SqlState.InvalidTableDefinition, $"table \"{table.Name}\" is not distributed");

    private static Option Option(string name, string value) => new(name, new StringLiteral(value), []);

    private static T Wait<T>(ValueTask<T> work) => work.AsTask().GetAwaiter().GetResult();

    /// <summary>As many shards as are asked for, or as the other table has, and the group of that; null where neither says any.</summary>
    private (int? Count, uint? Group) Count(int? shards, string togetherWith)
    {
        if (togetherWith == "none")
        {
            throw new SqlException(SqlState.FeatureNotSupported, "colocate_with => 'none' is not supported",
                hint: "Tables that are divided into as many shards by keys of the same types lie together.");
        }
        if (togetherWith == "default")
            return (shards, null);
        TableEntry other = Find(session.Catalogs.ResolveName("regclass", togetherWith)
            ?? throw new SqlException(SqlState.UndefinedTable, $"relation \"{togetherWith}\" does not exist"));
        if (!IsDivided(other) || Definitions.Catalog(session).Find(other.Placement!.GroupOid) is not ShardGroupEntry { Method: ShardMethod.Hash } group)
            throw NotDivided(other);
        return shards is null || shards == group.Shards.Length ? (group.Shards.Length, group.Oid)
            : throw new SqlException(SqlState.InvalidParameterValue, $"shard_count {shards} is not that of table \"{other.Name}\", {group.Shards.Length}");
    }

    /// <param name="group">That the table is to come to lie in; null for any.</param>
    private void Set(TableEntry table, int? count, string? column, uint? group, CancellationToken cancellation)
    {
        List<Option> options = [];
        if (count is { } shards)
            options.Add(Option(ShardPlacement.Shards, shards.ToString(CultureInfo.InvariantCulture)));
        if (column is not null)
            options.Add(Option(ShardPlacement.Key, TableValidation.Quote(column)));
        Alter(table, new SetOptionsAction([.. options], IsReset: false), cancellation);
        if (group is not null && Find(table.Oid).Placement?.GroupOid != group)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"table \"{table.Name}\" cannot be colocated as asked: the shards that are there are divided or replicated in another way",
                hint: "Shards that were divided by themselves are not those of another table.");
        }
    }

    private void Alter(TableEntry table, SetOptionsAction action, CancellationToken cancellation)
    {
        string schema = ((SchemaEntry)Definitions.Catalog(session).Find(table.SchemaOid)!).Name;
        AlterTableStatement statement = new(new QualifiedName([schema, table.Name]), IfExists: false, [action]);
        StatementDispatch.DefineAsync(session, statement, isInScript: true, cancellation).AsTask().GetAwaiter().GetResult();
    }

    private TableEntry Find(uint oid) => Definitions.Catalog(session).Find(oid) as TableEntry
        ?? throw new SqlException(SqlState.UndefinedTable, $"relation with OID {oid} does not exist");

    private NodeDescription Node(string name, int port)
    {
        string address = string.Create(CultureInfo.InvariantCulture, $"{name}:{port}");
        return session.Database.Cluster.Describe().Nodes.FirstOrDefault(node => node.SqlAddress == address || node.Name == name)
            ?? throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"node {address} has not joined the cluster", hint: ClusterCommands.HowToJoin);
    }

    private void Until(Func<ClusterDescription, bool> isSo, CancellationToken cancellation)
    {
        while (!isSo(session.Database.Cluster.Describe()))
        {
            cancellation.WaitHandle.WaitOne(LookInterval);
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
