using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Locking;

/// <summary>A session as the holder of advisory locks, its own and those of its transactions.</summary>
/// <param name="name">Which no other session has, at any node.</param>
/// <param name="running">The session's transaction; null where it has none. Asked on any thread.</param>
/// <param name="lost">Told, on any thread, that locks which the session holds beside its transaction may be another's by now.</param>
public sealed class AdvisoryHolder(string name, Func<ITransaction?> running, Action lost) : LockOwner
{
    public string Name => name;

    /// <summary>Whether the session holds locks beside its transaction.</summary>
    public bool HoldsAny => Held.Count > 0;

    internal override Transaction? Running => running()?.Owner.Running;

    /// <summary>How often the session holds which of its own locks, shared or not.</summary>
    internal Dictionary<(AdvisoryKey Key, bool IsShared), int> Held { get; } = [];

    /// <summary>Who has kept the session's locks does so no more.</summary>
    public void Lose() => lost();
}
