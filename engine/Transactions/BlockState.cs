namespace VecSQL.Engine.Transactions;

/// <summary>Where a session stands between BEGIN and COMMIT.</summary>
internal enum BlockState : byte
{
    /// <summary>No transaction.</summary>
    Idle,

    /// <summary>A transaction that the session began by itself and ends at the end of the script or at Sync.</summary>
    Implicit,

    /// <summary>Between BEGIN and its end.</summary>
    Block,

    /// <summary>In a block in which something failed: only its end, or a rollback to a savepoint, is let through.</summary>
    Failed,
}
