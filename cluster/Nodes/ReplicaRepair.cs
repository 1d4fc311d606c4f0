using System.Collections.Immutable;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Nodes;

/// <summary>
/// Gives shards other replicas in place of those on nodes that are gone for good, and those that they lack: one change of a shard at a time.
/// </summary>
/// <remarks>
/// Steps: a voter that is gone is taken out, and a learner begun elsewhere in the same change; a learner that has caught up becomes a voter. Taken out
///        first, since one that never answers counts against the others. A change that cannot be confirmed without nodes that are gone is taken back.
/// Wish:  a group that says how many replicas its shards have and what commits there gets it: the mode first, then what is too many goes one by one, never the primary.
/// Lack:  a shard that began while there were few nodes gets learners, as many as make its voters an odd number: an even one stands no more losses.
/// Crashes: each step follows from the shard's state alone, so that another controller goes on with it.
/// Threads: the mailbox's.
/// </remarks>
/// <param name="replicaCount">Replicas that a shard is to have where there are as many nodes, and its group says nothing.</param>
internal sealed class ReplicaRepair(FailoverController failover, int replicaCount, TimeProvider time)
{
    /// <summary>A learner that lacks fewer entries than this will have them before it is a voter.</summary>
    private const long BehindMax = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500), SilenceMax = TimeSpan.FromSeconds(1);

    private long _last = time.GetTimestamp();

    public void Tick(ClusterView view, Func<ImmutableArray<NodeView>> describe)
    {
        if (time.GetElapsedTime(_last) < Interval)
            return;
        _last = time.GetTimestamp();
        ReplicaPlacement? placement = null; // made where it is needed, which is seldom
        foreach ((ShardId shard, ShardState known) in view.Shards)
        {
            bool isMoving = view.Jobs.Values.Any(entry => entry.Job.HasBegun && entry.Job.Kind == JobKind.Move && entry.Job.Shard == shard);
            GroupReplication? wish = view.Replication.GetValueOrDefault(shard);
            bool isWhole = isMoving || (known.Learners.Count == 0 && known.Current.Voters.Count >= CountOf(wish) && IsAsWished(known, wish));
            if (!isWhole || known.Replicas.Any(IsGone))
                failover.TryChange(shard, state => Next(state, isMoving, wish, () => placement ??= new ReplicaPlacement(describe(), view.Shards.Values)));
        }

        bool IsGone(NodeId node) => view.FindNode(node) is { ReplacedBy.IsNone: false } or { IsRemoved: true };

        bool CanCommit(ReplicaSet replicas) => replicas.Voters.Count(node => !IsGone(node)) >= replicas.Acks;

        ShardState? Next(ShardState state, bool isMoving, GroupReplication? wish, Func<ReplicaPlacement> places)
        {
            if (state.Previous is { } previous)
                return !CanCommit(state.Current) && CanCommit(previous) ? state.TakeBack() : null;
            if (state.Primary.IsNone)
                return null;
            NodeId gone = state.Current.Voters.FirstOrDefault(IsGone);
            NodeId[] learners = [.. state.Learners.Where(node => !IsGone(node))];
            if (!gone.IsNone && gone != state.Primary)
            {
                NodeId other = places().Choose(state.Replicas);
                return state.Change(state.Current with { Voters = [.. state.Current.Voters.Where(node => node != gone)] },
                    other.IsNone ? learners : [.. learners.Append(other).Order()]);
            }
            if (isMoving)
                return null; // what its job does with its learner is the job's
            if (!IsAsWished(state, wish))
                return DoAllAnswer(state) ? Grant(state, wish!, learners, places) : null;
            int wanted = CountOf(wish), possible = places().CountOf(state.Replicas);
            if (possible < wanted)
                wanted = possible - 1 + (possible % 2);
            if (learners.Length + state.Current.Voters.Count < wanted && places().Choose(state.Replicas) is { IsNone: false } more)
                return state.Change(state.Current, [.. learners.Append(more).Order()]);
            NodeId ready = learners.FirstOrDefault(node => IsReady(state, node));
            return ready.IsNone
                ? state.Change(state.Current, learners)
                : state.Change(state.Current with { Voters = [.. state.Current.Voters.Append(ready).Order()] }, [.. learners.Where(node => node != ready)]);
        }
    }

    private int CountOf(GroupReplication? wish) => wish?.Replicas ?? replicaCount;

    private bool IsAsWished(ShardState state, GroupReplication? wish) =>
        wish is null || (state.Current.Mode == ModeOf(wish) && state.Current.Voters.Count + state.Learners.Count <= CountOf(wish));

    private static ReplicationMode ModeOf(GroupReplication wish) => wish.Mode ?? ReplicationMode.Quorum;

    private ShardState? Grant(ShardState state, GroupReplication wish, NodeId[] learners, Func<ReplicaPlacement> places)
    {
        if (state.Current.Mode != ModeOf(wish))
            return state.Change(state.Current with { Mode = ModeOf(wish) }, learners);
        if (learners.Length > 0)
            return state.Change(state.Current, learners[..^1]);
        NodeId given = places().ChooseExcess(state.Current.Voters, state.Primary);
        return given.IsNone ? null : state.Change(state.Current with { Voters = [.. state.Current.Voters.Where(node => node != given)] }, learners);
    }

    /// <summary>Whether a change can be confirmed whatever it asks for.</summary>
    private bool DoAllAnswer(ShardState state) => failover.StatusOf(state.Shard) is { } status
        && status.Progress.All(progress => progress.SinceHeard < SilenceMax || !state.Current.Contains(progress.Node));

    /// <summary>Whether a learner has caught up, and all voters answer: to add one while another may be lost could end in a change that nobody can confirm.</summary>
    private bool IsReady(ShardState state, NodeId learner)
    {
        if (failover.StatusOf(state.Shard) is not { } status)
            return false;
        foreach (ReplicaProgress progress in status.Progress)
        {
            bool counts = progress.Node == learner || state.Current.Contains(progress.Node);
            if (counts && progress.SinceHeard >= SilenceMax)
                return false;
        }
        return status.Progress.FirstOrDefault(progress => progress.Node == learner) is { IsCopying: false } found
            && found.Durable.Value >= status.Last.Value - BehindMax;
    }
}
