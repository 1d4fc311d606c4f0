using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;
using VecSQL.Engine.Introspection;

namespace VecSQL.Server.Hosting;

/// <summary>All replicas as a node sees them: its own, those of shards that it is the primary of, and of others what all agree on.</summary>
internal static class ReplicaRows
{
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(1);

    /// <param name="own">Of the replicas on the node.</param>
    internal static IEnumerable<ReplicaDescription> Of(ClusterView view, NodeId self, IReadOnlyList<ShardFigures> own)
    {
        Dictionary<ShardId, ShardFigures> figures = own.ToDictionary(static found => found.Shard);
        return from shard in view.Shards.Values
               from node in shard.Replicas
               select Of(view, shard, node, self, figures.GetValueOrDefault(shard.Shard));
    }

    private static ReplicaDescription Of(ClusterView view, ShardState shard, NodeId node, NodeId self, ShardFigures? own)
    {
        bool isPrimary = node == shard.Primary;
        string role = isPrimary ? "primary" : shard.Voters.Contains(node) ? "voter" : "learner";
        ReplicaProgress? progress = own?.Progress.FirstOrDefault(peer => peer.Node == node);
        string? state = node == self ? Word(own?.Part)
            : progress is null ? null
            : progress.IsCopying ? "copying" : progress.SinceHeard > SilenceMax ? "silent" : "streaming";
        return new ReplicaDescription(shard.Shard.Value, node.Value, view.FindNode(node)?.Name ?? node.ToString(), role, state)
        {
            Replication = shard.Current.Mode.Name(),
            Term = shard.Term.Value,
            Last = own is { Part: ShardPart.Primary } ? own.Last.Sequence.Value : null,
            Durable = node == self ? own?.Durable.Value : progress?.Durable.Value,
            Applied = node == self ? own?.Applied.Value : progress?.Applied.Value,
            Verified = progress?.Verified is { Value: > 0 } verified ? verified.Value : null,
            Silent = progress?.SinceHeard,
            IsServedHere = own is { Part: ShardPart.Primary } && node != self,
        };
    }

    private static string? Word(ShardPart? part) => part switch
    {
        ShardPart.Primary => "serving",
        ShardPart.Follower => "streaming",
        ShardPart.Copying => "copying",
        ShardPart.Beginning => "beginning",
        ShardPart.Stopped => "stopped",
        _ => null,
    };
}
