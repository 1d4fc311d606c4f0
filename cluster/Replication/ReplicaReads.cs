using VecSQL.Catalog.Placement;
using VecSQL.Storage.Log;

namespace VecSQL.Cluster.Replication;

/// <summary>Strong reads at a replica that is not the primary: asks how far the primary is, and waits until as much is applied here.</summary>
/// <remarks>
/// Paper:   Ongaro, "Consensus: Bridging Theory and Practice", 6.4 (read index); the primary answers under its lease rather than after a round of messages.
/// Order:   an answer is of a moment after its question was sent, and so after all reads that had begun by then: one question serves them all, and an answer to
///          an earlier one serves none that came later.
/// Lost:    a question without an answer is asked again; a read that has waited for too long is refused.
/// Lives:   rounds begin anew with the process, and answers to one before may come late: they name the life that they are for.
/// Threads: the replica's.
/// </remarks>
internal sealed class ReplicaReads(ReplicaContext context)
{
    private readonly List<Waiting> _waiting = [];
    private long _round, _lastAsked;
    private bool _isWanted;

    /// <param name="done">Told once whether what is applied by then is the newest that anybody was told of before this call.</param>
    public void Begin(Action<bool> done)
    {
        _waiting.Add(new Waiting(_round + 1, context.Time.GetTimestamp(), done));
        _isWanted = true;
    }

    /// <summary>Asks for those who have come since it was asked last.</summary>
    public void Send(NodeId primary, Term term)
    {
        if (!_isWanted || primary.IsNone)
            return;
        _isWanted = false;
        _lastAsked = context.Time.GetTimestamp();
        context.Sink.Send(primary, context.Log.Shard, new ReadMessage(term, context.Options.Life, ++_round));
    }

    public void Take(ReadAnswer answer)
    {
        if (answer.Life != context.Options.Life)
            return;
        for (int i = 0; i < _waiting.Count; i++)
        {
            if (_waiting[i].Through is null && answer.Round >= _waiting[i].Round)
                _waiting[i] = _waiting[i] with { Through = answer.Applied };
        }
    }

    /// <summary>Serves those whose place is applied.</summary>
    public void Serve()
    {
        for (int i = 0; i < _waiting.Count;)
        {
            bool isApplied = context.Machine.Applied.Sequence >= _waiting[i].Through || context.Options.Bug == PlantedBug.ReadBeforeApplied;
            // What a former primary has applied early may be taken back.
            if (_waiting[i].Through is null || !isApplied || context.Machine.Applied.Sequence > context.Committed)
                i++;
            else
                End(i, isServed: true);
        }
    }

    public void Tick()
    {
        if (_round > 0 && context.Time.GetElapsedTime(_lastAsked) >= context.Options.ResendAfter)
            _isWanted |= _waiting.Exists(static waiting => waiting.Through is null);
        for (int i = 0; i < _waiting.Count;)
        {
            if (context.Time.GetElapsedTime(_waiting[i].Since) < context.Options.ReadPatience)
                i++;
            else
                End(i, isServed: false);
        }
    }

    /// <summary>Nobody is served any more.</summary>
    public void Refuse()
    {
        while (_waiting.Count > 0)
            End(0, isServed: false);
    }

    private void End(int place, bool isServed)
    {
        Action<bool> done = _waiting[place].Done;
        _waiting.RemoveAt(place);
        done(isServed);
    }

    /// <param name="Round">Of the first question that was sent after it came.</param>
    private readonly record struct Waiting(long Round, long Since, Action<bool> Done)
    {
        /// <summary>What is to be applied before it is served; null until that is known.</summary>
        public LogSequence? Through { get; init; }
    }
}
