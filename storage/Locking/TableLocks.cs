using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Locking;

/// <summary>Locks on whole tables, held by transactions.</summary>
internal sealed class TableLocks(WaitGraph graph)
{
    private readonly ModeLocks<uint> _locks = new(graph, static oid => $"relation {new TableId(oid)}");

    public ValueTask AcquireAsync(
        Transaction owner, TableId table, string name, TableLockMode mode, LockWaitPolicy policy,
        CancellationToken cancellation)
    {
        if (policy == LockWaitPolicy.Block)
            return _locks.AcquireAsync(owner, owner, table.Oid, mode, cancellation);
        return _locks.TryAcquire(owner, table.Oid, mode)
            ? ValueTask.CompletedTask
            : throw new SqlException(SqlState.LockNotAvailable, $"could not obtain lock on relation \"{name}\"");
    }

    /// <summary>Grants what a transaction held before a restart.</summary>
    public void Restore(Transaction owner, TableId table, TableLockMode mode) => _locks.Restore(owner, table.Oid, mode);

    /// <summary>Gives back one grant of the mode.</summary>
    public void Release(Transaction owner, TableId table, TableLockMode mode) => _locks.Release(owner, table.Oid, mode);

    /// <summary>Who holds and who waits for which table.</summary>
    public List<HeldLock<uint>> List() => _locks.List();
}
