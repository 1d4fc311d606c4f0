using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Jobs;

/// <summary>Does what jobs say: the controller's part that moves replicas, one change of a shard at a time.</summary>
/// <remarks>
/// Move:    the target becomes a learner, gets a copy and the log, and compares what it holds with the primary; then its word counts, it becomes the primary if
///          the source was it, and the source's does not count any more. Between any two steps the shard is whole.
/// Cancel:  the same way back, from wherever it is.
/// Crashes: each step follows from the job and the shard's state, so that another controller goes on with it.
/// Threads: the mailbox's; what is awaited is the metadata store's answer alone.
/// </remarks>
/// <param name="office">Holds while this is the controller.</param>
internal sealed class JobRunner(IMetadataStore metadata, MetadataCompare office, FailoverController failover, TimeProvider time)
{
    /// <summary>A learner that lacks fewer entries than this will have them before it is a voter.</summary>
    private const long BehindMax = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200), TellInterval = TimeSpan.FromSeconds(1), SilenceMax = TimeSpan.FromSeconds(1);

    /// <summary>For so long after its end a job is still shown; and no more than so many.</summary>
    private static readonly TimeSpan OverKept = TimeSpan.FromDays(1);

    private const int OverMax = 200;

    private readonly SortedDictionary<long, Write> _writes = [];
    private long _last = time.GetTimestamp();

    public void Tick(ClusterView view)
    {
        if (view.Jobs.Count == 0 || time.GetElapsedTime(_last) < Interval)
            return;
        _last = time.GetTimestamp();
        SortedSet<ShardId> busy = [];
        int running = 0;
        foreach ((JobRecord job, _) in view.Jobs.Values)
        {
            if (!job.HasBegun)
                continue;
            busy.Add(job.Shard);
            running += job.State == JobState.Running ? 1 : 0;
        }
        int limit = SharedSettings.MoveConcurrency(view.Settings);
        foreach ((JobRecord job, long revision) in view.Jobs.Values)
        {
            if (IsWriting(job.Id) || job.IsOver || job.State == JobState.Paused)
                continue;
            if (job.State == JobState.Waiting)
            {
                if (running < limit && busy.Add(job.Shard))
                {
                    Put(job, revision, Begin(job, view));
                    running++;
                }
                continue;
            }
            JobRecord next = job.State == JobState.Cancelling ? TakeBack(job, view) : job.Kind == JobKind.Move ? Move(job, view) : HandOver(job, view);
            if (next != job && (next.State != job.State || next.Step != job.Step || IsTellDue(job.Id)))
                Put(job, revision, next);
        }
        Forget(view);
    }

    private JobRecord Begin(JobRecord job, ClusterView view)
    {
        if (!view.Shards.TryGetValue(job.Shard, out ShardState? state))
            return End(job, JobState.Failed, "the shard is gone");
        if (job.Kind == JobKind.Move && (!state.Current.Contains(job.Source) || state.Replicas.Contains(job.Target)))
            return End(job, JobState.Failed, "the shard's replicas have changed meanwhile");
        return job with { State = JobState.Running };
    }

    private JobRecord Move(JobRecord job, ClusterView view)
    {
        if (!view.Shards.TryGetValue(job.Shard, out ShardState? state))
            return End(job, JobState.Done, "the shard was dropped");
        if (!view.IsMember(job.Target))
            return job with { State = JobState.Cancelling, Error = "the target is no node of the cluster any more" };
        // Where the source is a learner, it is so again: it has been taken out, and somebody has chosen its node anew.
        bool isSource = state.Current.Contains(job.Source), isTarget = state.Current.Contains(job.Target);
        if (isTarget && !isSource)
            return state.Previous is null ? End(job, JobState.Done, "") : job with { Step = JobStep.Dropping };
        if (state.Previous is not null || state.Primary.IsNone)
            return job;
        if (isTarget && state.Primary == job.Source)
        {
            failover.AskHandover(job.Shard, job.Target);
            return job with { Step = JobStep.Switching };
        }
        if (isTarget)
        {
            failover.TryChange(job.Shard, now => now.Current.Contains(job.Target) && now.Primary != job.Source ? Without(now, job.Source) : null);
            return job with { Step = JobStep.Dropping };
        }
        if (state.Learners.Contains(job.Target))
            return Copy(job, state);
        if (!isSource)
            return End(job, JobState.Failed, "the source lost its replica meanwhile");
        failover.TryChange(job.Shard, now => now.Replicas.Contains(job.Target) ? null : now.Change(now.Current, [.. now.Learners.Append(job.Target).Order()]));
        return job with { Step = JobStep.Copying };
    }

    private JobRecord Copy(JobRecord job, ShardState state)
    {
        StatusAnswer? status = failover.StatusOf(job.Shard);
        if (status?.Progress.FirstOrDefault(peer => peer.Node == job.Target) is not { } progress)
            return job with { Step = JobStep.Copying };
        JobRecord told = job with { DoneBytes = progress.CopiedBytes, AllBytes = Math.Max(progress.CopyBytes, progress.CopiedBytes) };
        bool hasAll = !progress.IsCopying && progress.Durable.Value >= status.Last.Value - BehindMax;
        if (!hasAll)
            return told with { Step = JobStep.Copying };
        if (progress.Verified == default)
        {
            failover.AskToVerify(job.Shard, job.Target);
            return told with { Step = JobStep.Verifying };
        }
        // To add one while another may be lost could end in a change that nobody can confirm.
        bool doAllAnswer = status.Progress.All(peer => peer.SinceHeard < SilenceMax || (peer.Node != job.Target && !state.Current.Contains(peer.Node)));
        if (doAllAnswer)
        {
            failover.TryChange(job.Shard, now => !now.Learners.Contains(job.Target) ? null : now.Change(
                now.Current with { Voters = [.. now.Current.Voters.Append(job.Target).Order()] }, [.. now.Learners.Where(node => node != job.Target)]));
        }
        return told with { Step = JobStep.Switching };
    }

    private JobRecord HandOver(JobRecord job, ClusterView view)
    {
        if (!view.Shards.TryGetValue(job.Shard, out ShardState? state) || state.Primary == job.Target)
            return End(job, JobState.Done, "");
        if (!state.Current.Contains(job.Target) || !view.TakesPrimaries(job.Target))
            return End(job, JobState.Failed, "the target cannot be the primary");
        failover.AskHandover(job.Shard, job.Target);
        return job with { Step = JobStep.Switching };
    }

    private JobRecord TakeBack(JobRecord job, ClusterView view)
    {
        if (job.Kind == JobKind.Handover || !view.Shards.TryGetValue(job.Shard, out ShardState? state) || !state.Replicas.Contains(job.Target))
            return End(job, JobState.Cancelled, job.Error);
        if (state.Previous is not null || state.Primary.IsNone)
            return job;
        bool isSource = state.Current.Contains(job.Source);
        if (state.Current.Contains(job.Target) && !isSource)
            return End(job, JobState.Done, ""); // it came too late
        if (state.Primary == job.Target)
            failover.AskHandover(job.Shard, Heir(state, job, view));
        else if (state.Current.Contains(job.Target))
            failover.TryChange(job.Shard, now => now.Primary != job.Target && now.Current.Contains(job.Source) ? Without(now, job.Target) : null);
        else
            failover.TryChange(job.Shard, now => now.Change(now.Current, [.. now.Learners.Where(node => node != job.Target)]));
        return job;
    }

    /// <summary>Who is to be the primary in place of a move's target: its source, or where that one cannot, another.</summary>
    private static NodeId Heir(ShardState state, JobRecord job, ClusterView view)
    {
        NodeId heir = state.Current.Voters.Where(node => node != job.Target && view.TakesPrimaries(node)).OrderBy(node => node != job.Source).FirstOrDefault();
        return heir.IsNone ? job.Source : heir;
    }

    /// <summary>Null where those who are left could not commit by themselves: then it waits for one to come back, or to be replaced.</summary>
    private ShardState? Without(ShardState state, NodeId node)
    {
        if (!state.Current.Contains(node) || failover.StatusOf(state.Shard) is not { } status)
            return null;
        ReplicaSet rest = state.Current with { Voters = [.. state.Current.Voters.Where(voter => voter != node)] };
        int answering = rest.Voters.Count(voter => voter == state.Primary || status.Progress.Any(peer => peer.Node == voter && peer.SinceHeard < SilenceMax));
        return answering >= rest.Acks ? state.Change(rest, state.Learners) : null;
    }

    private JobRecord End(JobRecord job, JobState state, string error) => job with { State = state, Error = error, Ended = time.GetUtcNow() };

    private void Forget(ClusterView view)
    {
        int over = view.Jobs.Values.Count(static entry => entry.Job.IsOver);
        foreach ((JobRecord job, long revision) in view.Jobs.Values)
        {
            if (!job.IsOver || IsWriting(job.Id))
                continue;
            if (over-- > OverMax || time.GetUtcNow() - job.Ended > OverKept)
                Put(job, revision, null);
        }
    }

    private bool IsWriting(long job) => _writes.TryGetValue(job, out Write? write) && !write.Done.IsCompleted;

    private bool IsTellDue(long job) => !_writes.TryGetValue(job, out Write? write) || time.GetElapsedTime(write.Since) >= TellInterval;

    private void Put(JobRecord job, long revision, JobRecord? next) => _writes[job.Id] = new Write(PutAsync(job.Id, revision, next), time.GetTimestamp());

    private async Task PutAsync(long id, long revision, JobRecord? next)
    {
        string key = JobRecord.KeyOf(id);
        try
        {
            await metadata.CommitAsync(new MetadataTransaction
            {
                Compares = [office, new MetadataCompare(key, revision)],
                Puts = next is null ? [] : [new MetadataPut(key, next.Encode())],
                Deletes = next is null ? [key] : [],
            }, default);
        }
        catch (Exception failure) when (failure is MetadataUnavailableException or MetadataRefusedException)
        {
            // What became of it is seen by following the key; if nothing, the next tick begins again.
        }
    }

    private sealed record Write(Task Done, long Since);
}
