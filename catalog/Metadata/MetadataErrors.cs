namespace VecSQL.Catalog.Metadata;

/// <summary>The store does not answer, or has no leader: a while later it may.</summary>
public sealed class MetadataUnavailableException(string message, bool isOutcomeUnknown, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether what was asked for may have been done, or may yet be.</summary>
    public bool IsOutcomeUnknown => isOutcomeUnknown;
}

/// <summary>The store answers and says no: a wrong password, a missing right, no space. Nothing was done; asking again helps only when a person has acted.</summary>
public sealed class MetadataRefusedException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The store is not the one it was: another cluster's, or put back to an older state. What was read of it holds no more.</summary>
public sealed class MetadataReplacedException(string message) : Exception(message);

/// <summary>A watch wants revisions that are not kept any more.</summary>
public sealed class MetadataCompactedException(long oldestKept) : Exception($"revisions before {oldestKept} are not kept any more")
{
    public long OldestKept => oldestKept;
}

/// <summary>A key was to be put on a lease that has ended.</summary>
public sealed class MetadataLeaseEndedException() : Exception("the lease that a key was to be put on has ended");

/// <summary>A transaction or key is larger than the store takes.</summary>
public sealed class MetadataLimitException(string message) : Exception(message);
