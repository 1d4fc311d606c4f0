using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Replication;

namespace VecSQL.Cluster.Shards;

/// <summary>Sees to it that every shard has a primary: the part of the controller that reads leases and writes the shards' states.</summary>
/// <remarks>
/// Failover: the state gets the next term and no primary; all replicas are fenced at that term; when any R - W + 1 of the voters have answered, whatever was
///           committed is in the log of one of them: the one with the greatest last entry is named primary. In mode async that takes all, which
///           <see cref="FailoverOptions.Patience"/> bounds: then it is done with those that there are, and the state says which entries may be lost.
/// Handover: a primary that has made way for another says that this one has all of its log, and that it is primary no more: the other is named at the next
///           term without a fence. Where it cannot be, there is a failover.
/// Crashes:  all that must be known lies in the state: another controller goes on where this one ended. Two that hold themselves for the controller
///           do no harm: each change compares the state and the controller's own key.
/// Threads:  one at a time; what is awaited is the metadata store's answer alone.
/// </remarks>
public sealed class FailoverController
{
    private readonly IMetadataStore _metadata;
    private readonly MetadataCompare _office;
    private readonly IMessageSink _sink;
    private readonly TimeProvider _time;
    private readonly FailoverOptions _options;
    private readonly SortedDictionary<ShardId, ShardCase> _shards = [];
    private readonly SortedDictionary<NodeId, LeaseId> _alive = [];

    /// <param name="office">Holds while this is the controller: each change is made only then.</param>
    public FailoverController(IMetadataStore metadata, MetadataCompare office, IMessageSink sink, TimeProvider time, FailoverOptions options)
    {
        _metadata = metadata;
        _office = office;
        _sink = sink;
        _time = time;
        _options = options;
    }

    private PlantedBug Bug => _options.Bug;

    /// <summary>Takes note of a node's lease; none: it is gone.</summary>
    public void NodeChanged(NodeId node, LeaseId lease)
    {
        if (lease.IsNone)
            _alive.Remove(node);
        else
            _alive[node] = lease;
    }

    /// <summary>Takes note of a shard's state as the metadata store has it; an older one than is known is passed over.</summary>
    public void ShardChanged(ShardState state, long revision)
    {
        if (!_shards.TryGetValue(state.Shard, out ShardCase? shard))
            _shards.Add(state.Shard, shard = new ShardCase(state, revision, _time.GetTimestamp()));
        else if (revision > shard.Revision)
            Take(shard, state, revision);
    }

    public void ShardDropped(ShardId shard) => _shards.Remove(shard);

    public void Receive(NodeId source, ShardId shardId, ReplicaMessage message)
    {
        if (!_shards.TryGetValue(shardId, out ShardCase? shard) || message.Term != shard.State.Term)
            return;
        if (message is FenceAnswer answer)
        {
            shard.Answers[source] = answer;
            Decide(shard);
        }
        else if (message is StatusAnswer status && source == shard.State.Primary)
        {
            shard.Status = status;
            if (shard.State.Previous is not null && status.Epoch == shard.State.Epoch)
                Write(shard, shard.State.Confirm());
        }
        else if (message is ResignedAnswer resigned && source == shard.State.Primary)
        {
            Write(shard, CanFollow(shard.State, resigned.Target)
                ? shard.State.HandOver(resigned.Target, _alive[resigned.Target]) : shard.State.Depose());
        }
    }

    /// <summary>How the primary said that it is getting on, last; null where it has not said in its term.</summary>
    public StatusAnswer? StatusOf(ShardId shard) => _shards.TryGetValue(shard, out ShardCase? found) ? found.Status : null;

    public void Tick()
    {
        foreach (ShardCase shard in _shards.Values)
        {
            if (shard.IsWriting)
                continue;
            shard.Writing.GetAwaiter().GetResult(); // what nobody awaited is said here
            Tend(shard);
        }
    }

    /// <summary>Sets out to change a shard's replicas by one, or its mode.</summary>
    /// <returns>False where that cannot be now: there is no primary, or the change before is not confirmed.</returns>
    public bool TryChange(ShardId shardId, Func<ShardState, ShardState?> change)
    {
        if (!_shards.TryGetValue(shardId, out ShardCase? shard) || shard.IsWriting)
            return false;
        ShardState before = Bug == PlantedBug.ForgetPreviousReplicas ? shard.State with { Previous = null } : shard.State;
        if (change(before) is not { } after)
            return false;
        Write(shard, Bug == PlantedBug.ForgetPreviousReplicas ? after with { Previous = null } : after);
        return true;
    }

    /// <summary>Asks a shard's primary to make way for another voter. What becomes of it the shard's state says; it may be asked again.</summary>
    public void AskHandover(ShardId shardId, NodeId target)
    {
        if (_shards.TryGetValue(shardId, out ShardCase? shard) && !shard.IsWriting && shard.State is { Primary.IsNone: false } state && CanFollow(state, target))
            _sink.Send(state.Primary, shardId, new HandoverMessage(state.Term, target));
    }

    /// <summary>Has a replica compare what it holds with the primary; to be asked until the primary's answers say that it has.</summary>
    public void AskToVerify(ShardId shardId, NodeId replica)
    {
        if (!_shards.TryGetValue(shardId, out ShardCase? shard) || shard.State.Primary.IsNone)
            return;
        shard.Verifies = replica;
        _sink.Send(shard.State.Primary, shardId, new StatusMessage(shard.State.Term) { Verifies = replica });
    }

    private bool CanFollow(ShardState state, NodeId target) =>
        state.Previous is null && state.Primary != target && state.Current.Contains(target) && _alive.ContainsKey(target);

    private void Tend(ShardCase shard)
    {
        ShardState state = shard.State;
        if (!state.Primary.IsNone)
        {
            if (!IsAlive(state.Primary, state.PrimaryLease))
                Write(shard, state.Depose());
            else if (IsDue(shard))
                _sink.Send(state.Primary, state.Shard, new StatusMessage(state.Term) { Verifies = shard.Verifies });
            return;
        }
        if (IsDue(shard))
        {
            foreach (NodeId node in state.Replicas)
            {
                if (!shard.Answers.ContainsKey(node))
                    _sink.Send(node, state.Shard, new FenceMessage(state.Term));
            }
        }
        Decide(shard);
    }

    private bool IsDue(ShardCase shard)
    {
        if (shard.LastAsked is { } asked && _time.GetElapsedTime(asked) < _options.AskInterval)
            return false;
        shard.LastAsked = _time.GetTimestamp();
        return true;
    }

    /// <summary>Names the primary, if it can be known by now who it is.</summary>
    private void Decide(ShardCase shard)
    {
        ShardState state = shard.State;
        if (shard.IsWriting || !state.Primary.IsNone)
            return;
        bool isFormerGone = state.Former.IsNone || !IsAlive(state.Former, state.FormerLease) || shard.Answers.ContainsKey(state.Former);
        if (!isFormerGone)
            return;
        LogPosition? greatest = null;
        NodeId best = default;
        LogPosition bestLast = default;
        IReadOnlyList<NodeId> voters = state.Voters;
        for (int i = 0; i < voters.Count; i++)
        {
            NodeId node = voters[(i + (int)(state.Shard.Value % voters.Count)) % voters.Count]; // shards of the same replicas get different primaries
            if (!shard.Answers.TryGetValue(node, out FenceAnswer? answer) || !_alive.ContainsKey(node))
                continue;
            if (answer.Last.Term >= state.Term)
            {
                // The term has had a primary, of which the metadata store knows nothing any more: another must not have the same.
                Write(shard, state.Depose());
                return;
            }
            if (greatest is null || IsMore(answer.Last, greatest.Value))
                greatest = answer.Last;
            if (answer.IsWhole && (best.IsNone || IsMore(answer.Last, bestLast)))
                (best, bestLast) = (node, answer.Last);
        }
        if (best.IsNone || greatest is null || IsEarly(shard))
            return;
        bool isEnough = IsEnough(shard, state.Current) && (state.Previous is null || IsEnough(shard, state.Previous));
        if (isEnough && !IsMore(greatest.Value, bestLast))
            Write(shard, state.Promote(best, _alive[best], loss: null));
        else if (MayLose(state) && _time.GetElapsedTime(shard.Since) >= _options.Patience)
            Write(shard, state.Promote(best, _alive[best], bestLast));
    }

    /// <summary>Whether nobody waits for a primary yet, and more may answer: where all have, primaries are spread evenly.</summary>
    private bool IsEarly(ShardCase shard) => shard.State.Term == new Term(1) && _time.GetElapsedTime(shard.Since) < _options.AskInterval
        && shard.State.Voters.Any(node => _alive.ContainsKey(node) && !shard.Answers.ContainsKey(node));

    private bool IsMore(LogPosition left, LogPosition right) =>
        Bug == PlantedBug.PromoteLongest ? left.Sequence > right.Sequence : left > right;

    /// <summary>Whether any entry that was committed by these replicas is in the log of one that has answered and is alive.</summary>
    private bool IsEnough(ShardCase shard, ReplicaSet replicas)
    {
        int count = 0;
        foreach (NodeId node in replicas.Voters)
        {
            if (shard.Answers.ContainsKey(node) && _alive.ContainsKey(node))
                count++;
        }
        return count >= (Bug == PlantedBug.PromoteWithTooFew ? Math.Max(1, replicas.FenceAnswers - 1) : replicas.FenceAnswers);
    }

    private static bool MayLose(ShardState state) =>
        state.Current.Mode == ReplicationMode.Async && state.Previous is not { Mode: not ReplicationMode.Async };

    private bool IsAlive(NodeId node, LeaseId lease) => _alive.TryGetValue(node, out LeaseId known) && known == lease;

    private void Take(ShardCase shard, ShardState state, long revision)
    {
        if (state.Term != shard.State.Term)
        {
            shard.Answers.Clear();
            shard.Status = null;
            shard.Since = _time.GetTimestamp();
        }
        shard.LastAsked = null;
        shard.State = state;
        shard.Revision = revision;
    }

    private void Write(ShardCase shard, ShardState state)
    {
        if (!shard.IsWriting)
            shard.Writing = WriteAsync(shard, state);
    }

    private async Task WriteAsync(ShardCase shard, ShardState state)
    {
        string key = ShardState.KeyOf(state.Shard);
        try
        {
            MetadataOutcome outcome = await _metadata.CommitAsync(new MetadataTransaction
            {
                Compares = [_office, new MetadataCompare(key, shard.Revision)],
                Puts = [new MetadataPut(key, ShardStateCodec.Encode(state))],
            }, default);
            if (outcome.IsDone && outcome.Revision > shard.Revision)
                Take(shard, state, outcome.Revision);
        }
        catch (Exception failure) when (failure is MetadataUnavailableException or MetadataRefusedException)
        {
            // What became of it is seen by following the key; if nothing, the next tick begins again.
        }
    }

    private sealed class ShardCase(ShardState state, long revision, long since)
    {
        public ShardState State { get; set; } = state;

        /// <summary>Of the state's key.</summary>
        public long Revision { get; set; } = revision;

        public Task Writing { get; set; } = Task.CompletedTask;

        public bool IsWriting => !Writing.IsCompleted;

        public SortedDictionary<NodeId, FenceAnswer> Answers { get; } = [];

        public StatusAnswer? Status { get; set; }

        /// <summary>The replica that was last to be compared.</summary>
        public NodeId Verifies { get; set; }

        /// <summary>When this controller heard of the term.</summary>
        public long Since { get; set; } = since;

        public long? LastAsked { get; set; }
    }
}
