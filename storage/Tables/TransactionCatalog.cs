using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;

namespace VecSQL.Storage.Tables;

/// <summary>The newest committed catalog with a transaction's own changes over it.</summary>
/// <param name="database">Whose schemas the transaction sees; 0 for all.</param>
internal sealed class TransactionCatalog(ICatalogSource source, uint database)
{
    private readonly List<CatalogChange> _changes = [];
    private List<CatalogObject?>? _before;
    private CatalogSnapshot _whole = source.Catalog; // what all databases have, as of _base
    private CatalogSnapshot _base = source.Catalog.InDatabase(database);

    public CatalogSnapshot Current { get; private set; } = source.Catalog.InDatabase(database);

    /// <summary>The newest committed one that it has taken in.</summary>
    public CatalogSnapshot Committed => _base;

    public IReadOnlyList<CatalogChange> Changes => _changes;

    /// <summary>What each change has replaced or dropped; null where that was nothing.</summary>
    public IReadOnlyList<CatalogObject?> Before => _before ?? [];

    /// <summary>Takes in what others have committed.</summary>
    public void Refresh()
    {
        CatalogSnapshot whole = source.Catalog, newest = whole.InDatabase(database);
        if (ReferenceEquals(newest, _base))
            return;
        (_whole, _base) = (whole, newest);
        Rebuild();
    }

    public void Add(CatalogChange change)
    {
        (_before ??= []).Add(change switch
        {
            PutObject put => Find(put.Object.Oid),
            DropObject drop => Find(drop.Oid),
            _ => null,
        });
        _changes.Add(change);
        Current = Current.Apply([change]).WithVersion(source.NextCatalogVersion());
    }

    /// <returns>The changes that were undone.</returns>
    public IReadOnlyList<CatalogChange> RollBackTo(int count)
    {
        if (_changes.Count == count)
            return [];
        List<CatalogChange> undone = _changes[count..];
        _changes.RemoveRange(count, undone.Count);
        _before?.RemoveRange(count, undone.Count);
        Rebuild();
        return undone;
    }

    // A database that is dropped takes along what only its own sessions see.
    private CatalogObject? Find(uint oid) => Current.Find(oid) ?? _whole.Find(oid);

    private void Rebuild() =>
        Current = _changes.Count == 0 ? _base : _base.Apply(_changes).WithVersion(source.NextCatalogVersion());
}
