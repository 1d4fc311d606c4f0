using System.Globalization;
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
    ];

    /// <summary>SHOW NODES.</summary>
    internal static IEnumerable<string?[]> NodeRows(SessionState session) =>
        from node in session.Database.Cluster.Describe().Nodes
        select (string?[])
        [
            Text(node.Id), node.Name, node.Zone, node.State, node.SqlAddress, Text(node.Replicas), Text(node.Primaries), node.Reason,
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
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
