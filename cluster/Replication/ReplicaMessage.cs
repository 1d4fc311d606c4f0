using VecSQL.Catalog.Placement;

namespace VecSQL.Cluster.Replication;

/// <summary>What replicas of a shard, and its controller, say to each other. Any may be lost, come twice, late, or in another order.</summary>
/// <param name="Term">Of the sender: what is of a lesser term than the receiver's is not done.</param>
public abstract record ReplicaMessage(Term Term);

/// <summary>A primary's entries after a previous one; without entries, a sign of life.</summary>
/// <param name="Records">As they lie in the log; see <see cref="Storage.Log.RawRecord"/>.</param>
/// <param name="Round">Grows from message to message to a replica, so that answers can be told apart.</param>
/// <param name="Closed">The moment at or before which no entry after <paramref name="Committed"/> commits anything; 0 where none is known.</param>
public sealed record AppendMessage(
    Term Term, LogPosition Previous, ReadOnlyMemory<byte> Records, LogSequence Committed, long Round, long Closed = 0) : ReplicaMessage(Term);

/// <param name="IsMatched">Whether the previous entry was there; if so, entries up to <paramref name="Position"/> are on disk as the primary has them.</param>
/// <param name="Position">If not: the last entry that may match.</param>
/// <param name="NeedsSnapshot">The log alone does not help this replica.</param>
public sealed record AppendAnswer(Term Term, bool IsMatched, LogPosition Position, LogSequence Applied, bool NeedsSnapshot, long Round) : ReplicaMessage(Term);

/// <summary>The controller's order to accept nothing of lesser terms.</summary>
public sealed record FenceMessage(Term Term) : ReplicaMessage(Term);

/// <param name="Last">The last entry on disk.</param>
/// <param name="IsWhole">Whether the replica has what it takes to be the primary.</param>
public sealed record FenceAnswer(Term Term, LogPosition Last, LogSequence Committed, bool IsWhole) : ReplicaMessage(Term);

/// <summary>The controller's question how a primary is getting on.</summary>
public sealed record StatusMessage(Term Term) : ReplicaMessage(Term)
{
    /// <summary>A replica that is to compare what it holds with the primary; none for none.</summary>
    public NodeId Verifies { get; init; }
}

/// <param name="Epoch">The last configuration under which the primary has committed an entry.</param>
/// <param name="Last">The last entry of its log.</param>
public sealed record StatusAnswer(Term Term, long Epoch, LogSequence Last, IReadOnlyList<ReplicaProgress> Progress) : ReplicaMessage(Term);

/// <summary>The controller's wish that the primary make way for another replica.</summary>
/// <param name="Target">A voter that has nearly all of the log.</param>
public sealed record HandoverMessage(Term Term, NodeId Target) : ReplicaMessage(Term);

/// <summary>The primary of the term is it no more, and never again: all that its log ever had is on the target's disk.</summary>
public sealed record ResignedAnswer(Term Term, NodeId Target) : ReplicaMessage(Term);

/// <summary>The primary has a copy of what it holds at an entry.</summary>
/// <param name="IsRepair">Wanted even by a replica that could go on by the log: what it holds is wrong.</param>
public sealed record SnapshotOffer(Term Term, LogPosition Position, long Length, uint Checksum, bool IsRepair) : ReplicaMessage(Term);

public sealed record SnapshotChunk(Term Term, LogPosition Position, long Offset, ReadOnlyMemory<byte> Bytes) : ReplicaMessage(Term);

/// <param name="Received">Bytes from the start that are there; the next chunk begins at it.</param>
public sealed record SnapshotAnswer(Term Term, LogPosition Position, long Received, bool IsInstalled) : ReplicaMessage(Term);

/// <summary>A replica's question how far the primary is, so that it can serve strong reads itself.</summary>
/// <param name="Life">Of the replica that asks; see <see cref="ReplicaOptions.Life"/>.</param>
/// <param name="Round">Grows from question to question of a life.</param>
public sealed record ReadMessage(Term Term, long Life, long Round) : ReplicaMessage(Term);

/// <param name="Applied">By the primary, when nobody else could be it: all that was acknowledged before the question came is at or before this entry.</param>
public sealed record ReadAnswer(Term Term, LogSequence Applied, long Life, long Round) : ReplicaMessage(Term);

/// <summary>What a replica holds at an entry, as a checksum.</summary>
public sealed record ChecksumMessage(Term Term, LogPosition Position, ulong Checksum) : ReplicaMessage(Term);
