using System.Globalization;
using System.Text;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Shards;
using VecSQL.Core.Errors;

namespace VecSQL.Cluster.Jobs;

/// <summary>What operators ask of a cluster, at any of its nodes: put down in the metadata store, and done by the controller.</summary>
/// <remarks>Returns when this node sees what was put down. Threads: any.</remarks>
public sealed class ClusterOperations(ClusterNode node, IMetadataStore metadata, TimeProvider time)
{
    private const int TriesMax = 20;

    /// <summary>The node of a name.</summary>
    /// <exception cref="SqlException">42704.</exception>
    public NodeView NodeOf(string name) => node.DescribeNodes().FirstOrDefault(seen => seen.Record.Name == name)
        ?? throw new SqlException(SqlState.UndefinedObject, $"node \"{name}\" does not exist", hint: "See SHOW NODES.");

    /// <summary>A node that is drained loses its replicas, as far as others can take them, and is the primary of nothing.</summary>
    public Task DrainAsync(string name, bool isUndone, CancellationToken cancellation) => RunAsync(async () =>
    {
        NodeId id = NodeOf(name).Id;
        await ChangeAsync(id, record => record with { IsDraining = !isUndone }, [], cancellation).ConfigureAwait(false);
        foreach ((JobRecord job, _) in isUndone ? node.View.Jobs.Values : [])
        {
            if (job is { IsOver: false, Reason: "drain" } && job.Source == id)
                await ChangeJobAsync(job.Id, "cancel", cancellation).ConfigureAwait(false);
        }
        await node.WaitAsync(view => view.FindNode(id)?.IsDraining == !isUndone, cancellation).ConfigureAwait(false);
    });

    /// <summary>Takes a node out for good.</summary>
    /// <returns>What should be known of it.</returns>
    /// <exception cref="SqlException">55006: it has replicas, and nobody forces it; or the only one of a shard.</exception>
    public async Task<IReadOnlyList<string>> RemoveAsync(string name, bool isForced, CancellationToken cancellation)
    {
        List<string> warnings = [];
        await RunAsync(async () =>
        {
            NodeView removed = NodeOf(name);
            ShardState[] shards = [.. node.View.Shards.Values.Where(shard => shard.Replicas.Contains(removed.Id))];
            ShardState[] only = [.. shards.Where(shard => shard.Current.Voters.All(voter => voter == removed.Id))];
            if (only.Length > 0)
            {
                throw new SqlException(SqlState.ObjectInUse, $"node \"{name}\" holds the only replica of shards {Names(only)}",
                    hint: "Their rows would be lost. Drain the node first, or drop the tables.");
            }
            if (shards.Length > 0 && !isForced)
            {
                throw new SqlException(SqlState.ObjectInUse, $"node \"{name}\" has replicas of {shards.Length} shards",
                    hint: $"ALTER CLUSTER DRAIN NODE '{name}' moves them elsewhere; REMOVE NODE '{name}' FORCE goes on with one replica less until others are made.");
            }
            if (shards.Length > 0)
                warnings.Add($"shards {Names(shards)} have one replica less until others are made");
            List<string> async = [.. shards.Where(shard => shard.Primary == removed.Id && shard.Current.Mode == ReplicationMode.Async).Select(shard => shard.Shard.ToString())];
            if (async.Count > 0)
                warnings.Add($"shards {string.Join(", ", async)} may lose the last writes that only this node has");
            await ChangeAsync(removed.Id, static record => record with { IsRemoved = true }, [Registration.NamePrefix + name], cancellation).ConfigureAwait(false);
            await node.WaitAsync(view => !view.IsMember(removed.Id), cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return warnings;
    }

    /// <summary>Has a replica go from one node to another.</summary>
    public async Task<JobRecord> MoveAsync(ShardId shard, string source, string target, CancellationToken cancellation)
    {
        NodeView from = NodeOf(source), to = NodeOf(target);
        if (!node.View.Shards.TryGetValue(shard, out ShardState? state))
            throw new SqlException(SqlState.UndefinedObject, $"shard {shard} does not exist", hint: "See SHOW SHARDS.");
        if (!state.Current.Contains(from.Id))
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"node \"{source}\" has no replica of shard {shard}", hint: "See SHOW REPLICAS.");
        if (state.Replicas.Contains(to.Id))
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"node \"{target}\" has a replica of shard {shard} already", hint: "See SHOW REPLICAS.");
        if (!to.TakesReplicas)
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"node \"{target}\" takes no replicas", hint: "See SHOW NODES.");
        if (node.View.Jobs.Values.FirstOrDefault(entry => !entry.Job.IsOver && entry.Job.Shard == shard).Job is { } other)
            throw new SqlException(SqlState.ObjectInUse, $"job {other.Id} is under way with shard {shard}", hint: "See SHOW JOBS.");
        JobRecord job = new(0, JobKind.Move, shard, from.Id, to.Id, "move") { Created = time.GetUtcNow() };
        return (await AddAsync([job], cancellation).ConfigureAwait(false))[0];
    }

    /// <summary>Plans what makes nodes even, and has it done.</summary>
    /// <param name="only">Shards that it is about; null for all.</param>
    /// <param name="bytes">Of shards, as far as they are known.</param>
    /// <returns>Without numbers where it is not to be done.</returns>
    public async Task<IReadOnlyList<JobRecord>> RebalanceAsync(
        IReadOnlySet<ShardId>? only, IReadOnlyDictionary<ShardId, long> bytes, bool isDryRun, CancellationToken cancellation)
    {
        ClusterView view = node.View;
        HashSet<ShardId> busy = [.. view.Jobs.Values.Where(static entry => !entry.Job.IsOver).Select(static entry => entry.Job.Shard)];
        IEnumerable<ShardState> shards = view.Shards.Values.Where(shard => !busy.Contains(shard.Shard) && only?.Contains(shard.Shard) != false);
        IReadOnlyList<JobRecord> jobs = RebalancePlan.Of(node.DescribeNodes(), shards, bytes, time.GetUtcNow());
        return jobs.Count == 0 || isDryRun ? jobs : await AddAsync(jobs, cancellation).ConfigureAwait(false);
    }

    /// <param name="verb">pause, resume or cancel.</param>
    /// <exception cref="SqlException">42704: there is no such job; 55000: it is over.</exception>
    public Task ChangeJobAsync(long id, string verb, CancellationToken cancellation) => RunAsync(async () =>
    {
        long revision = await SwapAsync(JobRecord.KeyOf(id), $"job {id} does not exist", "See SHOW JOBS.", entry =>
        {
            JobRecord job = JobRecord.Decode(entry.Value.Span);
            if (job.IsOver)
                throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"job {id} is over");
            JobState next = (verb, job.State) switch
            {
                ("pause", JobState.Waiting or JobState.Running) => JobState.Paused,
                ("resume", JobState.Paused) => job.Step == JobStep.Waiting ? JobState.Waiting : JobState.Running,
                ("cancel", _) when job.Step == JobStep.Waiting && job.State != JobState.Running => JobState.Cancelled,
                ("cancel", _) => JobState.Cancelling,
                _ => job.State,
            };
            return (job with { State = next, Ended = next == JobState.Cancelled ? time.GetUtcNow() : null }).Encode();
        }, [], cancellation).ConfigureAwait(false);
        await SeenAsync(id, revision, cancellation).ConfigureAwait(false);
    });

    /// <param name="value">Null for the default.</param>
    /// <exception cref="SqlException">42704, 22023.</exception>
    public Task SetAsync(string name, string? value, CancellationToken cancellation) => RunAsync(async () =>
    {
        name = name.StartsWith("vecsql.", StringComparison.Ordinal) ? name["vecsql.".Length..] : name;
        string? text = SharedSettings.Check(name, value);
        string key = SharedSettings.KeyPrefix + name;
        await metadata.CommitAsync(new MetadataTransaction
        {
            Puts = text is null ? [] : [new MetadataPut(key, Encoding.UTF8.GetBytes(text))],
            Deletes = text is null ? [key] : [],
        }, cancellation).ConfigureAwait(false);
        await node.WaitAsync(view => view.Settings.TryGetValue(name, out ReadOnlyMemory<byte> seen) ? SharedSettings.Text(seen) == text : text is null, cancellation)
            .ConfigureAwait(false);
    });

    private async Task<IReadOnlyList<JobRecord>> AddAsync(IReadOnlyList<JobRecord> jobs, CancellationToken cancellation)
    {
        IReadOnlyList<JobRecord>? added = null;
        await RunAsync(async () =>
        {
            for (int tries = 0; tries < TriesMax && added is null; tries++)
                added = await JobQueue.TryAddAsync(metadata, office: null, jobs, cancellation).ConfigureAwait(false);
            if (added is not null)
                await SeenAsync(added[^1].Id, 0, cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return added ?? throw Busy();
    }

    /// <summary>Returns when this node knows of a job as it was put down, or later.</summary>
    private Task SeenAsync(long job, long revision, CancellationToken cancellation) =>
        node.WaitAsync(view => view.Jobs.TryGetValue(job, out (JobRecord Job, long Revision) seen) && seen.Revision >= revision, cancellation);

    private Task<long> ChangeAsync(NodeId id, Func<NodeRecord, NodeRecord> change, IReadOnlyList<string> deletes, CancellationToken cancellation) => SwapAsync(
        NodeRecord.KeyOf(id), $"node {id} does not exist", "See SHOW NODES.", entry => change(NodeRecord.Decode(entry.Value.Span)).Encode(), deletes, cancellation);

    /// <summary>Puts in place of what a key has what becomes of it, again until nobody has changed it meanwhile.</summary>
    /// <returns>The revision at which it was put.</returns>
    private async Task<long> SwapAsync(
        string key, string missing, string hint, Func<MetadataEntry, byte[]> change, IReadOnlyList<string> deletes, CancellationToken cancellation)
    {
        for (int tries = 0; tries < TriesMax; tries++)
        {
            MetadataEntry entry = await FindAsync(key, cancellation).ConfigureAwait(false) ?? throw new SqlException(SqlState.UndefinedObject, missing, hint: hint);
            MetadataOutcome outcome = await metadata.CommitAsync(new MetadataTransaction
            {
                Compares = [MetadataCompare.IsUnchanged(entry)],
                Puts = [new MetadataPut(key, change(entry))],
                Deletes = deletes,
            }, cancellation).ConfigureAwait(false);
            if (outcome.IsDone)
                return outcome.Revision;
        }
        throw Busy();
    }

    private async ValueTask<MetadataEntry?> FindAsync(string key, CancellationToken cancellation) =>
        (await metadata.ReadAsync(key, cancellation).ConfigureAwait(false)).Entries.FirstOrDefault(entry => entry.Key == key);

    private static async Task RunAsync(Func<Task> act)
    {
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (MetadataUnavailableException away)
        {
            throw new SqlException(SqlState.CannotConnectNow, "the cluster's metadata store does not answer", cause: away,
                hint: away.IsOutcomeUnknown ? "Whether it was put down is not known: see SHOW NODES and SHOW JOBS." : "Nothing was done; try again later.")
            {
                Detail = away.Message,
            };
        }
    }

    private static SqlException Busy() => new(SqlState.ObjectInUse, "others change the same all the time", hint: "Try again.");

    private static string Names(IEnumerable<ShardState> shards) =>
        string.Join(", ", shards.Select(static shard => shard.Shard.Value.ToString(CultureInfo.InvariantCulture)));
}
