namespace VecSQL.Catalog.Placement;

/// <summary>How many replicas have a write on disk when it counts as committed.</summary>
public enum ReplicationMode : byte
{
    /// <summary>A majority.</summary>
    Quorum = 0,

    /// <summary>The primary alone: a failover may lose the last writes, and says how many.</summary>
    Async = 1,

    /// <summary>The primary and one more.</summary>
    SemiSync = 2,

    /// <summary>All.</summary>
    Sync = 3,
}

public static class ReplicationModes
{
    /// <summary>How many of so many replicas must have a write.</summary>
    public static int AcksOf(this ReplicationMode mode, int replicaCount) => mode switch
    {
        ReplicationMode.Async => 1,
        ReplicationMode.SemiSync => Math.Min(2, replicaCount),
        ReplicationMode.Quorum => (replicaCount / 2) + 1,
        _ => replicaCount,
    };

    /// <summary>As it is written in SQL.</summary>
    public static string Name(this ReplicationMode mode) => mode switch
    {
        ReplicationMode.Async => "async",
        ReplicationMode.SemiSync => "semi-sync",
        ReplicationMode.Quorum => "quorum",
        _ => "sync",
    };

    /// <summary>The mode of a name; null where there is none.</summary>
    public static ReplicationMode? Find(string name) => name switch
    {
        "async" => ReplicationMode.Async,
        "semi-sync" => ReplicationMode.SemiSync,
        "quorum" => ReplicationMode.Quorum,
        "sync" => ReplicationMode.Sync,
        _ => null,
    };
}
