using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Locking;

/// <summary>Locks on whole tables: PostgreSQL's eight modes, granted in the order asked for.</summary>
/// <remarks>
/// A request waits for holders and for earlier requests that it conflicts with, so that a strong lock is not starved by
/// weak ones;
/// it passes an earlier request that is itself waiting for the requester.
/// </remarks>
internal sealed class TableLocks(WaitGraph graph)
{
    // By mode, the modes it conflicts with, as bits. Source: PostgreSQL's manual, "Table-Level Locks".
    private static readonly byte[] Conflicts =
    [
        0b1000_0000, 0b1100_0000, 0b1111_0000, 0b1111_1000, 0b1110_1100, 0b1111_1100, 0b1111_1110, 0b1111_1111,
    ];

    /// <summary>Tables whose entries are kept while nobody locks them: the next lookup would only make them again.</summary>
    private const int IdleTablesMax = 1000;

    private readonly Dictionary<uint, LockedTable> _tables = [];

    public async ValueTask AcquireAsync(
        Transaction owner, TableId table, string name, TableLockMode mode, LockWaitPolicy policy,
        CancellationToken cancellation)
    {
        TableWait wait;
        lock (graph.Sync)
        {
            if (!_tables.TryGetValue(table.Oid, out LockedTable? locked))
                _tables.Add(table.Oid, locked = new LockedTable());
            if (!locked.IsBlocked(owner, mode, locked.Queue.Count))
            {
                locked.Grant(owner, mode);
                return;
            }
            if (policy != LockWaitPolicy.Block)
                throw new SqlException(SqlState.LockNotAvailable, $"could not obtain lock on relation \"{name}\"");
            wait = new TableWait(owner, locked, table, mode);
            locked.Queue.Add(wait);
        }
        try
        {
            await graph.WaitAsync(wait, wait.Granted.Task, cancellation).ConfigureAwait(false);
        }
        catch
        {
            GiveUp(wait);
            throw;
        }
    }

    /// <summary>Gives back one grant of the mode.</summary>
    public void Release(Transaction owner, TableId table, TableLockMode mode)
    {
        lock (graph.Sync)
        {
            if (!_tables.TryGetValue(table.Oid, out LockedTable? locked))
                return;
            locked.Release(owner, mode);
            locked.WakeQueue();
            if (locked.IsIdle && _tables.Count > IdleTablesMax)
                _tables.Remove(table.Oid);
        }
    }

    private void GiveUp(TableWait wait)
    {
        lock (graph.Sync)
        {
            if (!wait.Table.Queue.Remove(wait)) // granted in the same moment
                wait.Table.Release(wait.Waiter, wait.Mode);
            wait.Table.WakeQueue();
            if (wait.Table.IsIdle && _tables.Count > IdleTablesMax)
                _tables.Remove(wait.Id.Oid);
        }
    }

    private sealed class LockedTable
    {
        private readonly Dictionary<Transaction, byte[]> _holders = []; // grants by mode

        internal List<TableWait> Queue { get; } = [];

        internal bool IsIdle => _holders.Count == 0 && Queue.Count == 0;

        internal bool IsBlocked(Transaction owner, TableLockMode mode, int queuedBefore)
        {
            foreach ((Transaction holder, byte[] grants) in _holders)
            {
                if (holder != owner && Meets(grants, Conflicts[(int)mode]))
                    return true;
            }
            for (int i = 0; i < queuedBefore; i++)
            {
                if (Precedes(Queue[i], owner, mode))
                    return true;
            }
            return false;
        }

        internal void AddBlockers(Transaction owner, TableLockMode mode, TableWait self, List<Transaction> target)
        {
            foreach ((Transaction holder, byte[] grants) in _holders)
            {
                if (holder != owner && Meets(grants, Conflicts[(int)mode]))
                    target.Add(holder);
            }
            foreach (TableWait earlier in Queue)
            {
                if (earlier == self)
                    break;
                if (Precedes(earlier, owner, mode))
                    target.Add(earlier.Waiter);
            }
        }

        internal void Grant(Transaction owner, TableLockMode mode)
        {
            if (!_holders.TryGetValue(owner, out byte[]? grants))
                _holders.Add(owner, grants = new byte[Conflicts.Length]);
            grants[(int)mode]++;
        }

        internal void Release(Transaction owner, TableLockMode mode)
        {
            if (!_holders.TryGetValue(owner, out byte[]? grants) || grants[(int)mode] == 0)
                return;
            grants[(int)mode]--;
            if (!Meets(grants, byte.MaxValue))
                _holders.Remove(owner);
        }

        internal void WakeQueue()
        {
            for (int i = 0; i < Queue.Count; i++)
            {
                TableWait wait = Queue[i];
                if (IsBlocked(wait.Waiter, wait.Mode, i))
                    continue;
                Queue.RemoveAt(i--);
                Grant(wait.Waiter, wait.Mode);
                wait.Granted.SetResult();
            }
        }

        private bool Precedes(TableWait earlier, Transaction owner, TableLockMode mode)
        {
            if (earlier.Waiter == owner || (Conflicts[(int)mode] & (1 << (int)earlier.Mode)) == 0)
                return false;
            bool waitsForOwner = _holders.TryGetValue(owner, out byte[]? own)
                && Meets(own, Conflicts[(int)earlier.Mode]);
            return !waitsForOwner;
        }

        private static bool Meets(byte[] grants, byte modes)
        {
            for (int i = 0; i < grants.Length; i++)
            {
                if (grants[i] > 0 && (modes & (1 << i)) != 0)
                    return true;
            }
            return false;
        }
    }

    private sealed class TableWait(Transaction waiter, LockedTable table, TableId id, TableLockMode mode) : Wait(waiter)
    {
        internal TaskCompletionSource Granted { get; } = new(); // what waits for it goes on elsewhere (WaitGraph)

        internal LockedTable Table => table;

        internal TableId Id => id;

        internal TableLockMode Mode => mode;

        internal override string What => $"{mode}Lock on relation {id}";

        internal override void AddBlockers(List<Transaction> target) => table.AddBlockers(Waiter, mode, this, target);
    }
}
