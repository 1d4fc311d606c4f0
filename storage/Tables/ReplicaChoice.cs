namespace VecSQL.Storage.Tables;

/// <summary>Which replicas are read where several may be.</summary>
public enum ReplicaChoice
{
    /// <summary>That of the session's node, else one of its zone, else any.</summary>
    Nearest,

    /// <summary>All in turn.</summary>
    Any,

    /// <summary>The primary.</summary>
    Leader,
}
