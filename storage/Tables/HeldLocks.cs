using VecSQL.Catalog.Objects;
using VecSQL.Storage.Locking;

namespace VecSQL.Storage.Tables;

/// <summary>The table and advisory locks of one transaction, in the order in which it took them.</summary>
internal sealed class HeldLocks(StorageState state, Transaction owner)
{
    private readonly List<(TableId Table, TableLockMode Mode)> _tables = [];
    private OrderedDictionary<(AdvisoryHolder Holder, AdvisoryKey Key, bool IsShared), bool>? _advisory; // a set, in order

    public IReadOnlyList<(TableId Table, TableLockMode Mode)> Tables => _tables;

    /// <summary>How many there are of both kinds, to go back to.</summary>
    public (int Tables, int Advisory) Count => (_tables.Count, _advisory?.Count ?? 0);

    public async ValueTask LockTableAsync(TableId table, string name, TableLockMode mode, LockWaitPolicy wait, CancellationToken cancellation)
    {
        await state.TableLocks.AcquireAsync(owner, table, name, mode, wait, cancellation).ConfigureAwait(false);
        _tables.Add((table, mode));
    }

    public bool Holds(TableId table, TableLockMode mode) => _tables.Contains((table, mode));

    /// <summary>Takes a lock that a prepared transaction holds, before anybody else can.</summary>
    public void Restore(TableId table, TableLockMode mode)
    {
        state.TableLocks.Restore(owner, table, mode);
        _tables.Add((table, mode));
    }

    /// <returns>False if another holds it and <paramref name="waits"/> is false.</returns>
    public async ValueTask<bool> LockAdvisoryAsync(AdvisoryHolder holder, AdvisoryKey key, bool isShared, bool waits, CancellationToken cancellation)
    {
        if (_advisory?.ContainsKey((holder, key, isShared)) == true)
            return true;
        if (!await state.Advisory.TakeAsync(holder, (LockOwner)owner, key, isShared, waits, cancellation).ConfigureAwait(false))
            return false;
        (_advisory ??= []).Add((holder, key, isShared), true);
        return true;
    }

    /// <summary>Gives back what was taken since there were so many, the last first.</summary>
    public void ReleaseFrom((int Tables, int Advisory) count)
    {
        for (int i = _tables.Count - 1; i >= count.Tables; i--)
            state.TableLocks.Release(owner, _tables[i].Table, _tables[i].Mode);
        _tables.RemoveRange(count.Tables, _tables.Count - count.Tables);
        while (_advisory is { Count: var held } && held > count.Advisory)
        {
            (AdvisoryHolder holder, AdvisoryKey key, bool isShared) = _advisory.GetAt(held - 1).Key;
            state.Advisory.Return(holder, key, isShared);
            _advisory.RemoveAt(held - 1);
        }
    }
}
