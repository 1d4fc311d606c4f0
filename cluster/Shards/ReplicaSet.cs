using VecSQL.Catalog.Placement;

namespace VecSQL.Cluster.Shards;

/// <summary>The replicas whose word counts, and how many of them a write needs.</summary>
/// <param name="Voters">Ascending.</param>
public sealed record ReplicaSet(ReplicationMode Mode, IReadOnlyList<NodeId> Voters)
{
    /// <summary>W: on so many disks an entry is committed.</summary>
    public int Acks => Mode.AcksOf(Voters.Count);

    /// <summary>R - W + 1: any so many replicas include one that has whatever was committed.</summary>
    public int FenceAnswers => Voters.Count - Acks + 1;

    public bool Contains(NodeId node) => Voters.Contains(node);

    public bool Equals(ReplicaSet? other) => other is not null && Mode == other.Mode && Voters.SequenceEqual(other.Voters);

    public override int GetHashCode() => HashCode.Combine(Mode, Voters.Count);
}
