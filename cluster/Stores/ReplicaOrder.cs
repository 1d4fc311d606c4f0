using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Stores;

/// <summary>Which of a shard's replicas at other nodes is read, where each could be.</summary>
/// <remarks>Order: those that are alive and at which nothing has failed a moment ago; those of this node's zone; those of which least is wanted now; all in turn.</remarks>
internal static class ReplicaOrder
{
    /// <returns>The place of one of them.</returns>
    /// <param name="turn">Grows from read to read.</param>
    public static int Choose(ReadOnlySpan<ReplicaSight> replicas, ReplicaChoice choice, uint turn)
    {
        int best = -1;
        (bool, bool, int, uint) least = default;
        for (int i = 0; i < replicas.Length; i++)
        {
            ReplicaSight seen = replicas[i];
            (bool, bool, int, uint) rank = (
                !seen.IsWell, choice == ReplicaChoice.Nearest && !seen.IsInZone, seen.CallCount, (uint)((i + turn) % replicas.Length));
            if (best >= 0 && rank.CompareTo(least) >= 0)
                continue;
            (best, least) = (i, rank);
        }
        return best;
    }
}

/// <summary>What this node knows of a replica at another.</summary>
/// <param name="IsWell">Whether its node is alive, and nothing has failed there a moment ago.</param>
/// <param name="CallCount">Calls that this node waits for there.</param>
internal readonly record struct ReplicaSight(bool IsWell, bool IsInZone, int CallCount);
