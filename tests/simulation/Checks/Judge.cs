using System.Text;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Shards;
using VecSQL.Simulation.Tests.Nodes;

namespace VecSQL.Simulation.Tests.Checks;

/// <summary>Sees everything, and says what must not be.</summary>
internal sealed class Judge(Cluster cluster)
{
    private readonly List<Operation> _operations = [];
    private readonly Dictionary<(ShardId, Term), SimProcess> _primaries = [];
    private readonly Dictionary<ShardId, List<Term>> _committed = [];
    private readonly List<(ShardId Shard, NodeId Node, long Moment, LogSequence Applied)> _closed = [];
    private long _lastTimestamp;
    private long _reported;

    public string? Violation { get; private set; }

    public int Acknowledged { get; private set; }

    public int Reads { get; private set; }

    /// <summary>Moves of replicas that were done.</summary>
    public int Moved { get; private set; }

    public int Failovers => _primaries.Count;

    /// <summary>Whether acknowledged writes may be lost, if it is said.</summary>
    private bool MayLose => cluster.Mode == ReplicationMode.Async;

    public void Fail(string violation) => Violation ??= violation;

    public Operation Begin(ShardId shard, int key, bool isWrite, long value, bool isStale = false, ReplicationMode? acks = null)
    {
        Operation operation = new(shard, key, isWrite, value, cluster.Loop.Now, isStale, acks);
        _operations.Add(operation);
        return operation;
    }

    /// <summary>A timestamp was handed out.</summary>
    public bool Took(long timestamp)
    {
        if (timestamp <= _lastTimestamp)
            Fail($"timestamp {timestamp} was handed out after {_lastTimestamp}");
        _lastTimestamp = Math.Max(_lastTimestamp, timestamp);
        return true;
    }

    /// <summary>Primaries that have said that they made way.</summary>
    public int Resignations { get; private set; }

    public void Resigned() => Resignations++;

    /// <summary>Strong reads that replicas other than the primary have served.</summary>
    public int ReadsElsewhere { get; private set; }

    public void ServedElsewhere() => ReadsElsewhere++;

    /// <summary>Reads that replicas have served since they had all that was committed by a moment.</summary>
    public int ReadsInPast { get; private set; }

    public void ServedInPast() => ReadsInPast++;

    /// <summary>Replicas whose files were deleted.</summary>
    public int Deletions { get; private set; }

    public void Deleted() => Deletions++;

    public void Reported(ShardId shard, long count) => _reported += count;

    /// <summary>Replicas that were found to hold something else than their primary.</summary>
    public List<(ShardId Shard, NodeId Node)> Differing { get; } = [];

    public void Diverged(ShardId shard, NodeId node)
    {
        Differing.Add((shard, node));
        if (!cluster.IsDamaged)
            Fail($"shard {shard}: node {node} holds something else than its primary");
    }

    /// <summary>Looks at a replica after anything has happened to it.</summary>
    public void Watch(SimProcess process, SimProcess.Hosted hosted)
    {
        bool isPrimary = hosted.Replica.IsPrimary;
        if (isPrimary)
        {
            (ShardId, Term) term = (hosted.Shard, hosted.Replica.Fence);
            if (_primaries.TryAdd(term, process))
                cluster.Faults.Promoted(cluster.Nodes[process.Place - 1]);
            else if (_primaries[term] != process)
                Fail($"shard {hosted.Shard} has two primaries at term {hosted.Replica.Fence}: {process.Node} and {_primaries[term].Node}");
        }
        if (!MayLose && hosted.Replica.Committed > hosted.Judged)
            Compare(process, hosted);
        if (hosted.Machine.Closed <= hosted.JudgedMoment)
            return;
        hosted.JudgedMoment = hosted.Machine.Closed;
        _closed.Add((hosted.Shard, process.Node, hosted.Machine.Closed, hosted.Replica.Applied));
    }

    /// <summary>The cluster's jobs.</summary>
    public IReadOnlyList<JobRecord> Jobs => [.. cluster.Metadata.Model.Read(JobRecord.KeyPrefix).Entries.Select(entry => JobRecord.Decode(entry.Value.Span))];

    public bool HasConverged()
    {
        if (Jobs.Any(job => !job.IsOver))
            return false;
        foreach (ShardId shard in cluster.Shards)
        {
            (SimProcess.Hosted? primary, List<SimProcess.Hosted> others) = Replicas(shard);
            if (primary is null || !primary.Replica.CanServe || primary.Replica.Applied != primary.Replica.Last.Sequence)
                return false;
            if (Differing.Count > 0 && others.Any(other => other.Machine.Content != primary.Machine.Content))
                return false; // one that was noticed is copied anew when the primary's copy is not older than its log
            if (others.Any(other => other.Replica.Applied != primary.Replica.Applied || other.Replica.NeedsSnapshot))
                return false;
        }
        return true;
    }

    /// <summary>Whether a node was lost for good in the midst of a change of a shard's replicas, where neither the old nor the new ones can do without it.</summary>
    public bool IsStuck() => cluster.Shards.Any(shard => StateOf(shard) is { Previous: { } previous } state && !CanCommit(state.Current) && !CanCommit(previous));

    public string Describe()
    {
        StringBuilder text = new();
        foreach (ShardId shard in cluster.Shards)
        {
            foreach (SimNode node in cluster.Nodes)
            {
                if (node.Process?.Find(shard) is { } hosted)
                {
                    text.Append($"shard {shard} node {node.Id}: primary {hosted.Replica.IsPrimary} serves {hosted.Replica.CanServe} fence {hosted.Replica.Fence} base ");
                    text.Append($"{hosted.Log.Base} last {hosted.Log.Last} committed {hosted.Replica.Committed} applied {hosted.Machine.Applied} ");
                    text.AppendLine($"durable {hosted.Machine.Durable} needs {hosted.Replica.NeedsSnapshot} stopped {hosted.Replica.IsStopped}; ");
                }
            }
            ShardState state = StateOf(shard);
            text.AppendLine($"state {state} [{string.Join(',', state.Current.Voters)}] learners [{string.Join(',', state.Learners)}]");
        }
        foreach (JobRecord job in Jobs)
            text.AppendLine(job.ToString());
        return text.ToString();
    }

    /// <summary>Judges the whole history, when everything has come to rest.</summary>
    public void Conclude()
    {
        long lost = 0;
        foreach (ShardId shard in cluster.Shards)
        {
            (SimProcess.Hosted? primary, List<SimProcess.Hosted> others) = Replicas(shard);
            foreach (SimProcess.Hosted other in others)
            {
                if (!other.Machine.Writes.SequenceEqual(primary!.Machine.Writes) || other.Machine.Content != primary.Machine.Content)
                    Fail($"shard {shard}: replicas hold different registers at the end");
            }
            if (!MayLose)
                CheckClosed(shard, primary!.Machine.Writes);
            RegisterHistory history = new(shard, [.. _operations.Where(operation => operation.Shard == shard)], primary!.Machine.Writes);
            lost += history.Check(MayLose, !MayLose && !cluster.LowersAcks, Fail);
        }
        if (lost > _reported)
            Fail($"{lost} acknowledged writes are lost, and {_reported} were said to be");
        Moved = Jobs.Count(job => job.State == JobState.Done);
        Acknowledged = _operations.Count(operation => operation.IsWrite && operation.IsAcknowledged);
        Reads = _operations.Count(operation => !operation.IsWrite && !operation.IsStale && operation.IsAcknowledged);
    }

    /// <summary>A replica that was told that it has all that was committed by a moment had that.</summary>
    private void CheckClosed(ShardId shard, List<RegisterWrite> writes)
    {
        foreach ((_, NodeId node, long moment, LogSequence applied) in _closed.Where(closed => closed.Shard == shard))
        {
            int missed = writes.FindIndex(write => write.Timestamp <= moment && write.Position.Sequence > applied);
            if (missed >= 0)
                Fail($"shard {shard}: node {node} took moment {moment} for closed at entry {applied}, and {writes[missed]} came after it");
        }
    }

    /// <summary>What one replica takes for committed is what all do.</summary>
    private void Compare(SimProcess process, SimProcess.Hosted hosted)
    {
        if (!_committed.TryGetValue(hosted.Shard, out List<Term>? terms))
            _committed.Add(hosted.Shard, terms = [default]);
        LogSequence first = hosted.Judged.Next > hosted.Log.Base.Sequence ? hosted.Judged.Next : hosted.Log.Base.Sequence.Next;
        for (LogSequence sequence = first; sequence <= hosted.Replica.Committed; sequence = sequence.Next)
        {
            if (hosted.Log.TermAt(sequence) is not { } term)
            {
                Fail($"shard {hosted.Shard}: node {process.Node} takes entry {sequence} for committed, and has none");
                return;
            }
            while (terms.Count <= sequence.Value)
                terms.Add(default);
            if (terms[(int)sequence.Value] == default)
                terms[(int)sequence.Value] = term;
            else if (terms[(int)sequence.Value] != term)
                Fail($"shard {hosted.Shard}: entry {sequence} is committed with terms {terms[(int)sequence.Value]} and {term} (node {process.Node})");
        }
        hosted.Judged = hosted.Replica.Committed;
    }

    private (SimProcess.Hosted? Primary, List<SimProcess.Hosted> Others) Replicas(ShardId shard)
    {
        ShardState state = StateOf(shard);
        SimProcess.Hosted? primary = null;
        List<SimProcess.Hosted> others = [];
        foreach (NodeId node in state.Replicas)
        {
            SimProcess.Hosted? hosted = cluster.FindNode(node)?.Process?.Find(shard);
            if (hosted is null)
                return (null, others);
            if (node == state.Primary)
                primary = hosted;
            else
                others.Add(hosted);
        }
        return (primary, others);
    }

    private bool CanCommit(ReplicaSet replicas) => replicas.Voters.Count(voter => cluster.FindNode(voter) is not null) >= replicas.Acks;

    public ShardState StateOf(ShardId shard) => ShardStateCodec.Decode(
        cluster.Metadata.Model.Read(ShardState.KeyOf(shard)).Entries[0].Value.Span);
}
