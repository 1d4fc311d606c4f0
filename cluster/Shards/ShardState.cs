using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;

namespace VecSQL.Cluster.Shards;

/// <summary>What all nodes agree on about a shard: a key of the metadata store, changed only by the controller, by compare-and-swap.</summary>
/// <remarks>
/// Terms:   a term has at most one primary, named once: a state without a primary gets one, or the next term.
/// Change:  one of the configuration at a time. Until the primary has committed an entry under the present one, <see cref="Previous"/> counts
///          too: a failover then needs the answers that each of the two asks for.
/// </remarks>
public sealed record ShardState
{
    /// <summary>Where there are more the oldest two become one, which covers what either does: of what was lost nothing is forgotten.</summary>
    private const int LossesMax = 16;

    public required ShardId Shard { get; init; }

    public Term Term { get; init; }

    /// <summary>The primary of the term; none while one is sought.</summary>
    public NodeId Primary { get; init; }

    /// <summary>The lease of the primary's process: another process of the same node is not the primary.</summary>
    public LeaseId PrimaryLease { get; init; }

    /// <summary>The primary of the term before while another is sought: its lease must have ended, or it must have answered the fence.</summary>
    public NodeId Former { get; init; }

    public LeaseId FormerLease { get; init; }

    public required ReplicaSet Current { get; init; }

    /// <summary>The configuration before, while it still counts.</summary>
    public ReplicaSet? Previous { get; init; }

    /// <summary>Replicas that get the log and do not count; ascending.</summary>
    public IReadOnlyList<NodeId> Learners { get; init; } = [];

    /// <summary>Grows with each change of the configuration.</summary>
    public long Epoch { get; init; }

    /// <summary>The terms that may have begun without entries that were committed, in order.</summary>
    public IReadOnlyList<Loss> Losses { get; init; } = [];

    public static string KeyPrefix => "shards/";

    public static string KeyOf(ShardId shard) => $"{KeyPrefix}{shard.Value:x8}";

    /// <summary>All replicas that are asked at a failover, in order: a node whose word once counted may know of committed entries.</summary>
    public IReadOnlyList<NodeId> Voters => Previous is null
        ? Current.Voters : [.. Current.Voters.Union(Previous.Voters).Order()];

    /// <summary>All that get the log, in order.</summary>
    public IReadOnlyList<NodeId> Replicas => [.. Voters.Union(Learners).Order()];

    /// <summary>The shard as it begins: at term 1, without a primary yet.</summary>
    public static ShardState Begin(ShardId shard, ReplicaSet replicas) => new() { Shard = shard, Term = new Term(1), Current = replicas, Epoch = 1 };

    /// <summary>The next term, whose primary is yet to be found.</summary>
    public ShardState Depose() => this with
    {
        Term = Term.Next,
        Primary = default,
        PrimaryLease = default,
        Former = Primary.IsNone ? Former : Primary,
        FormerLease = Primary.IsNone ? FormerLease : PrimaryLease,
    };

    /// <summary>The next term, of another replica that has all of the log: the primary has made way for it.</summary>
    public ShardState HandOver(NodeId primary, LeaseId lease)
    {
        Invariant.Holds(Previous is null && Current.Contains(primary) && !Primary.IsNone);
        return this with { Term = Term.Next, Primary = primary, PrimaryLease = lease };
    }

    /// <param name="loss">The last entry of the primary's log, if others may have had more that counts; null if not.</param>
    public ShardState Promote(NodeId primary, LeaseId lease, LogPosition? loss)
    {
        Invariant.Holds(Primary.IsNone);
        ShardState promoted = this with { Primary = primary, PrimaryLease = lease, Former = default, FormerLease = default };
        if (loss is { } kept)
            promoted = promoted with { Losses = WithLoss(new Loss(Term, kept)) };
        // The one with the most is no voter any more: the change is taken back, and confirmed as such.
        return Current.Contains(primary) || Previous is null
            ? promoted : promoted with { Current = Previous, Previous = Current, Epoch = Epoch + 1 };
    }

    /// <summary>Another set of voters or another mode; null where the one before is not confirmed yet, or the change is none.</summary>
    public ShardState? Change(ReplicaSet replicas, IReadOnlyList<NodeId> learners)
    {
        if (Previous is not null || Primary.IsNone || (replicas.Equals(Current) && learners.SequenceEqual(Learners)))
            return null;
        int moved = replicas.Voters.Except(Current.Voters).Count() + Current.Voters.Except(replicas.Voters).Count();
        Invariant.Holds(moved <= 1 && replicas.Voters.Count > 0 && replicas.Contains(Primary) && !learners.Any(replicas.Contains));
        return this with { Current = replicas, Previous = replicas.Equals(Current) ? null : Current, Learners = learners, Epoch = Epoch + 1 };
    }

    /// <summary>The configuration before comes back, while both count: the present one cannot be confirmed.</summary>
    public ShardState? TakeBack() => Previous is null ? null : this with { Current = Previous, Previous = Current, Epoch = Epoch + 1 };

    /// <summary>The primary has committed an entry under the present configuration: the one before counts no more.</summary>
    public ShardState Confirm() => this with { Previous = null };

    /// <summary>Whether an entry may have been lost at a later term, though it was committed.</summary>
    public bool MayHaveLost(LogPosition entry)
    {
        foreach (Loss loss in Losses)
        {
            if (loss.Covers(entry))
                return true;
        }
        return false;
    }

    private IReadOnlyList<Loss> WithLoss(Loss loss) => Losses.Count < LossesMax ? [.. Losses, loss]
        : [new Loss(Losses[1].Term, Losses[0].Kept < Losses[1].Kept ? Losses[0].Kept : Losses[1].Kept), .. Losses.Skip(2), loss];
}
