using VecSQL.Catalog.Snapshots;

namespace VecSQL.Storage.Tables;

/// <summary>The newest committed catalog with a transaction's own changes over it.</summary>
/// <param name="database">Whose schemas the transaction sees; 0 for all.</param>
internal sealed class TransactionCatalog(StorageState state, uint database)
{
    private readonly List<CatalogChange> _changes = [];
    private CatalogSnapshot _base = state.Catalog.InDatabase(database);

    public CatalogSnapshot Current { get; private set; } = state.Catalog.InDatabase(database);

    public IReadOnlyList<CatalogChange> Changes => _changes;

    /// <summary>Takes in what others have committed.</summary>
    public void Refresh()
    {
        CatalogSnapshot newest = state.Catalog.InDatabase(database);
        if (ReferenceEquals(newest, _base))
            return;
        _base = newest;
        Rebuild();
    }

    public void Add(CatalogChange change)
    {
        _changes.Add(change);
        Current = Current.Apply([change]).WithVersion(state.NextCatalogVersion());
    }

    /// <returns>The changes that were undone.</returns>
    public IReadOnlyList<CatalogChange> RollBackTo(int count)
    {
        if (_changes.Count == count)
            return [];
        List<CatalogChange> undone = _changes[count..];
        _changes.RemoveRange(count, undone.Count);
        Rebuild();
        return undone;
    }

    private void Rebuild() =>
        Current = _changes.Count == 0 ? _base : _base.Apply(_changes).WithVersion(state.NextCatalogVersion());
}
