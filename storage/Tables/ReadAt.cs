namespace VecSQL.Storage.Tables;

/// <summary>What a statement that only reads is to see instead of what is newest: all its tables as of one moment that is past, at whichever replicas have it.</summary>
/// <param name="Moment">The moment; null where it is to be chosen.</param>
public sealed record ReadAt(CommitTimestamp? Moment = null)
{
    /// <summary>How long before now, by the clock of all nodes, the moment is; null where it is another.</summary>
    public TimeSpan? Ago { get; init; }

    /// <summary>How long ago a moment that is chosen may be; null where that does not matter.</summary>
    public TimeSpan? StalenessMax { get; init; }

    /// <summary>A moment that is chosen is not before this one; null where that does not matter.</summary>
    public CommitTimestamp? Earliest { get; init; }

    /// <summary>It is to see what is newest all the same, of one shard: a replica that is not the primary asks that how far it is.</summary>
    public bool IsNewest { get; init; }

    public ReplicaChoice Choice { get; init; }
}
