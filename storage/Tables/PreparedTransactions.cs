using System.Diagnostics.CodeAnalysis;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Tables;

/// <summary>The prepared transactions of an engine, in the order in which they were prepared.</summary>
/// <remarks>Threads: changed by the leader of the commit queue, or before there are transactions; any may look.</remarks>
internal sealed class PreparedTransactions(StorageState state)
{
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, PreparedTransaction> _byId = new(StringComparer.Ordinal);
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal); // names, from before the record is written
    private int _count;

    /// <summary>Whether there is none, as nearly always.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    public bool TryFind(string globalId, [NotNullWhen(true)] out PreparedTransaction? found)
    {
        lock (_lock)
            return _byId.TryGetValue(globalId, out found);
    }

    public IReadOnlyList<PreparedTransaction> List()
    {
        lock (_lock)
            return [.. _byId.Values];
    }

    /// <summary>Takes a name for a transaction that is to be prepared; false where another has it.</summary>
    public bool TryClaim(string globalId)
    {
        lock (_lock)
            return _claimed.Add(globalId);
    }

    /// <summary>Nothing is prepared under the name, or no more.</summary>
    public void Unclaim(string globalId)
    {
        lock (_lock)
            _claimed.Remove(globalId);
    }

    /// <summary>The transaction, for its end; one at a time may try.</summary>
    /// <exception cref="SqlException">42704: there is none of that name. 55006: its end is being written.</exception>
    public PreparedTransaction BeginDecision(string globalId)
    {
        lock (_lock)
        {
            if (!_byId.TryGetValue(globalId, out PreparedTransaction? found))
                throw new SqlException(SqlState.UndefinedObject, $"prepared transaction with identifier \"{globalId}\" does not exist");
            if (found.IsDeciding)
                throw new SqlException(SqlState.ObjectInUse, $"prepared transaction with identifier \"{globalId}\" is busy");
            found.IsDeciding = true;
            return found;
        }
    }

    /// <summary>From here on readers of its tables wait for it.</summary>
    public void Add(PreparedTransaction prepared)
    {
        lock (_lock)
        {
            _claimed.Add(prepared.GlobalId);
            _byId.Add(prepared.GlobalId, prepared);
            Volatile.Write(ref _count, _byId.Count);
        }
        foreach (Catalog.Objects.TableId table in prepared.Tables)
            state.Store(table).AddUndecided(prepared);
    }

    public void Remove(PreparedTransaction prepared)
    {
        foreach (Catalog.Objects.TableId table in prepared.Tables)
        {
            if (state.TryFindStore(table, out TableStore? store))
                store.RemoveUndecided(prepared);
        }
        lock (_lock)
        {
            _byId.Remove(prepared.GlobalId);
            Volatile.Write(ref _count, _byId.Count);
        }
    }

    /// <summary>The error for changes of the catalog that cannot stand beside it and what is prepared; null for none.</summary>
    public Exception? FindConflict(CatalogSnapshot catalog, IReadOnlyList<CatalogChange> changes)
    {
        if (changes.Count == 0)
            return null;
        if (!IsEmpty)
        {
            foreach (PreparedTransaction prepared in List())
            {
                if (!prepared.IsDeciding && prepared.CatalogChanges.Count > 0)
                    catalog = catalog.Apply(prepared.CatalogChanges);
            }
        }
        return CatalogConflict.Find(catalog, changes);
    }
}
