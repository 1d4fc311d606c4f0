namespace VecSQL.Cluster.Nodes;

/// <summary>How a node is, as another one sees it.</summary>
public enum NodeState : byte
{
    /// <summary>Its lease is there, and nothing is wrong.</summary>
    Healthy,

    /// <summary>Its lease is there, and something needs a person: <see cref="NodeView.Reason"/>.</summary>
    Degraded,

    /// <summary>Its lease is gone, a short while ago: others take over what it did.</summary>
    Unhealthy,

    /// <summary>Its lease has been gone for long, or nobody here knows since when; or this node does not hear the metadata store itself.</summary>
    Unknown,
}
