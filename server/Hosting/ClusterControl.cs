using System.Collections.Immutable;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Nodes;
using VecSQL.Engine.Introspection;

namespace VecSQL.Server.Hosting;

/// <summary>What SQL asks of the cluster.</summary>
internal sealed class ClusterControl(ClusterNode node, ClusterOperations operations) : IClusterControl
{
    public async ValueTask DrainAsync(string node, bool isUndone, CancellationToken cancellation) => await operations.DrainAsync(node, isUndone, cancellation);

    public async ValueTask<IReadOnlyList<string>> RemoveAsync(string node, bool isForced, CancellationToken cancellation) =>
        await operations.RemoveAsync(node, isForced, cancellation);

    public async ValueTask<JobDescription> MoveAsync(long shard, string source, string target, CancellationToken cancellation) =>
        Describe(await operations.MoveAsync(new ShardId(checked((uint)shard)), source, target, cancellation), node.View);

    public async ValueTask<ImmutableArray<JobDescription>> RebalanceAsync(
        IReadOnlySet<long>? shards, IReadOnlyDictionary<long, long> bytes, bool isDryRun, CancellationToken cancellation)
    {
        IReadOnlyList<JobRecord> jobs = await operations.RebalanceAsync(
            shards?.Select(static shard => new ShardId((uint)shard)).ToHashSet(),
            bytes.ToDictionary(static pair => new ShardId((uint)pair.Key), static pair => pair.Value), isDryRun, cancellation);
        return [.. jobs.Select(job => Describe(job, node.View))];
    }

    public async ValueTask ChangeJobAsync(long job, string verb, CancellationToken cancellation) => await operations.ChangeJobAsync(job, verb, cancellation);

    public async ValueTask SetAsync(string name, string? value, CancellationToken cancellation) => await operations.SetAsync(name, value, cancellation);

    internal static JobDescription Describe(JobRecord job, ClusterView view) => new(
        job.Id, Word(job.Kind), job.Shard.Value, NameOf(job.Source, view), NameOf(job.Target, view), Word(job.State), Word(job.Step), job.Reason)
    {
        DoneBytes = job.DoneBytes,
        AllBytes = job.AllBytes,
        Created = job.Created,
        Ended = job.Ended,
        Error = job.Error.Length > 0 ? job.Error : null,
    };

    private static string NameOf(NodeId node, ClusterView view) => view.FindNode(node)?.Name ?? node.ToString();

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
