namespace VecSQL.Storage.Tables;

/// <summary>Who holds locks: a transaction those of its tables, a session advisory ones.</summary>
public abstract class LockOwner
{
    private protected LockOwner()
    {
    }

    /// <summary>The transaction that would have to end or to go on before its locks are free; null where it has none.</summary>
    internal abstract Transaction? Running { get; }
}

/// <summary>Who holds locks at another node, and none at this one.</summary>
public sealed class DistantLockOwner : LockOwner
{
    internal override Transaction? Running => null;
}

/// <summary>A lock that somebody holds or waits for.</summary>
public readonly record struct HeldLock<TKey>(TKey Key, LockOwner Owner, TableLockMode Mode, bool IsGranted);
