using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>vecsql.nodes, and the short forms of it and of the cluster.</summary>
internal static class ClusterFamily
{
    internal static readonly string[] NodeColumns = ["node", "name", "zone", "state", "address", "replicas", "primaries", "reason"];

    internal static readonly string[] ClusterColumns = ["name", "value"];

    internal static readonly RowSource[] Sources =
    [
        new RowSource<NodeDescription>("vecsql.nodes", context => context.Session.Database.Cluster.Describe().Nodes)
            .With("node", node => node.Id)
            .With("name", node => node.Name)
            .With("zone", node => node.Zone)
            .With("state", node => node.State)
            .With("reason", node => node.Reason)
            .With("is_controller", node => node.IsController)
            .With("is_draining", node => node.IsDraining)
            .With("sql_address", node => node.SqlAddress)
            .With("flight_address", node => node.FlightAddress)
            .With("version", node => node.Version)
            .With("cpu", node => node.Cpu)
            .With("memory_bytes", node => node.MemoryBytes)
            .With("memory_bytes_max", node => node.MemoryBytesMax)
            .With("disk_free_bytes", node => node.DiskFreeBytes)
            .With("disk_bytes", node => node.DiskBytes)
            .With("clock_offset_ms", node => node.ClockOffset?.TotalMilliseconds)
            .With("replicas", node => node.Replicas)
            .With("primaries", node => node.Primaries),
        new RowSource<ReplicaDescription>("vecsql.replicas", context => Replicas(context.Session))
            .With("shard", replica => replica.Shard)
            .With("node", replica => replica.Node)
            .With("name", replica => replica.NodeName)
            .With("role", replica => replica.Role)
            .With("state", replica => replica.State)
            .With("replication", replica => replica.Replication)
            .With("term", replica => replica.Term)
            .With("last_entry", replica => replica.Last)
            .With("durable_entry", replica => replica.Durable)
            .With("applied_entry", replica => replica.Applied)
            .With("lag_entries", replica => Lag(replica))
            .With("verified_entry", replica => replica.Verified)
            .With("silent_ms", replica => replica.Silent?.TotalMilliseconds),
        new RowSource<JobDescription>("vecsql.jobs", context => context.Session.Database.Cluster.Describe().Jobs)
            .With("job", job => job.Id)
            .With("kind", job => job.Kind)
            .With("shard", job => job.Shard)
            .With("source", job => job.Source)
            .With("target", job => job.Target)
            .With("state", job => job.State)
            .With("step", StepOf)
            .With("done_bytes", job => job.DoneBytes)
            .With("all_bytes", job => job.AllBytes)
            .With("reason", job => job.Reason)
            .With("created", job => Microseconds(job.Created))
            .With("ended", job => Microseconds(job.Ended))
            .With("error", job => job.Error),
        // A replica of a shard that this node serves stands for a connection that streams the log to it.
        new RowSource<ReplicaDescription>("pg_stat_replication", context => Replicas(context.Session).Where(static replica => replica.IsServedHere))
            .With("pid", replica => (int)replica.Shard)
            .With("application_name", replica => replica.NodeName)
            .With("state", replica => replica.State)
            .With("sent_lsn", replica => Place(replica.Last))
            .With("write_lsn", replica => Place(replica.Durable))
            .With("flush_lsn", replica => Place(replica.Durable))
            .With("replay_lsn", replica => Place(replica.Applied))
            .With("sync_priority", replica => SyncState(replica) == "async" ? 0 : 1)
            .With("sync_state", SyncState)
            .With("reply_time", (context, replica) => replica.Silent is { } silent ? context.Session.Clock.NowMicroseconds - (long)silent.TotalMicroseconds : null),
    ];

    internal static readonly string[] ReplicaColumns = ["shard", "node", "name", "role", "state", "replication", "term", "last_entry", "applied_entry", "lag_entries"];

    internal static readonly string[] JobColumns = ["job", "kind", "shard", "from", "to", "state", "step", "progress", "reason", "error"];

    /// <summary>SHOW REPLICAS.</summary>
    internal static IEnumerable<string?[]> ReplicaRows(SessionState session) =>
        from replica in Replicas(session)
        select (string?[])
        [
            Text(replica.Shard), Text(replica.Node), replica.NodeName, replica.Role, replica.State, replica.Replication,
            Text(replica.Term), Text(replica.Last), Text(replica.Applied), Text(Lag(replica)),
        ];

    /// <summary>SHOW JOBS.</summary>
    internal static IEnumerable<string?[]> JobRows(SessionState session) =>
        from job in session.Database.Cluster.Describe().Jobs
        select (string?[])
        [
            Text(job.Id), job.Kind, Text(job.Shard), job.Source, job.Target, job.State, StepOf(job),
            job.AllBytes > 0 ? $"{Text(job.DoneBytes >> 20)} of {Text(job.AllBytes >> 20)} MiB" : null, job.Reason, job.Error,
        ];

    /// <summary>The cluster's; of a node that is alone those that its tables have.</summary>
    private static IEnumerable<ReplicaDescription> Replicas(SessionState session)
    {
        ClusterDescription cluster = session.Database.Cluster.Describe();
        if (cluster.Name is not null)
            return cluster.Replicas;
        NodeDescription alone = cluster.Nodes[0];
        return from shard in StorageFamily.ShardsOf(session, session.Catalog.Tables.Where(static table => table.Kind == TableKind.Table))
                   .Select(static part => part.Shard.Value).Append(0u).Distinct().Order()
               select new ReplicaDescription(shard, alone.Id, alone.Name, "primary", "serving");
    }

    private static string? StepOf(JobDescription job) => job.Ended is null ? job.Step : null;

    private static long? Lag(ReplicaDescription replica) => replica.Last - replica.Applied is { } lag ? Math.Max(lag, 0) : null;

    private static long? Microseconds(DateTimeOffset? moment) =>
        moment is { } at ? (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond : null;

    /// <summary>PostgreSQL's words for whether commits wait for a replica.</summary>
    private static string SyncState(ReplicaDescription replica) => replica.Role == "learner" || replica.Replication == "async" ? "async"
        : replica.Replication == "sync" ? "sync" : "quorum";

    /// <summary>A place in a log as PostgreSQL writes one.</summary>
    private static string? Place(long? sequence) => sequence is { } at ? string.Create(CultureInfo.InvariantCulture, $"{at >> 32:X}/{at & 0xFFFFFFFF:X}") : null;

    /// <summary>SHOW NODES.</summary>
    internal static IEnumerable<string?[]> NodeRows(SessionState session) =>
        from node in session.Database.Cluster.Describe().Nodes
        select (string?[])
        [
            Text(node.Id), node.Name, node.Zone, node.State, node.SqlAddress, Text(node.Replicas), Text(node.Primaries),
            node.Reason ?? (node.IsDraining ? "it is drained" : null),
        ];

    /// <summary>SHOW CLUSTER.</summary>
    internal static IEnumerable<string?[]> ClusterRows(SessionState session)
    {
        ClusterDescription cluster = session.Database.Cluster.Describe();
        yield return ["cluster", cluster.Name];
        yield return ["cluster_id", cluster.Id];
        yield return ["controller", cluster.Nodes.FirstOrDefault(static node => node.IsController)?.Name];
        yield return ["nodes", Text(cluster.Nodes.Length)];
        yield return ["nodes_healthy", Text(cluster.Nodes.Count(static node => node.State == "healthy"))];
        yield return ["shards", Text(cluster.ShardCount)];
        yield return ["shards_without_primary", Text(cluster.ShardsWithoutPrimary)];
        foreach ((string name, string value) in cluster.Settings)
            yield return [name, value];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
