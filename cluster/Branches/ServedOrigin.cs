using VecSQL.Catalog.Snapshots;
using VecSQL.Cluster.Protocol;
using VecSQL.Core.Errors;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>Another node's transaction, as its branch here knows it.</summary>
internal sealed class ServedOrigin : IBranchOrigin
{
    private const int GlobalIdLengthMax = 200;

    private readonly IFollowedCatalog _followed;
    private CatalogSnapshot _committed;
    private CatalogChange[] _definitions = [];

    /// <exception cref="InvalidDataException">The record is none of a transaction.</exception>
    public ServedOrigin(IFollowedCatalog followed, BeginRecord record)
    {
        if (record.Isolation is < 0 or > (int)IsolationLevel.RepeatableRead || record.GlobalId.Length is 0 or > GlobalIdLengthMax)
            throw new InvalidDataException($"a transaction of isolation {record.Isolation}, whose name has {record.GlobalId.Length} characters");
        (_followed, _committed) = (followed, followed.Catalog);
        (Isolation, IsReadOnly, GlobalId, ReadsPast) = ((IsolationLevel)record.Isolation, record.IsReadOnly, record.GlobalId, record.ReadsPast);
        Catalog = _committed;
    }

    public IsolationLevel Isolation { get; }

    public bool IsReadOnly { get; }

    public bool ReadsPast { get; }

    public CommitTimestamp DefinedAt(uint oid) => _followed.DefinedAt(oid);

    public TimeSpan LockPatience { get; set; } = Timeout.InfiniteTimeSpan;

    public bool Tries { get; set; }

    public string GlobalId { get; }

    public CatalogSnapshot Committed => _committed;

    public CatalogSnapshot Catalog { get; private set; }

    public IReadOnlyList<CatalogChange> Definitions => _definitions;

    /// <summary>The newest committed version that the transaction itself has taken in.</summary>
    public long Version { get; private set; }

    /// <summary>The transaction has taken in a newer catalog, which this node has by now.</summary>
    public void Advance(long version)
    {
        if (version <= Version)
            return;
        Version = version;
        Rebuild();
    }

    public void Define(CatalogChange[] definitions)
    {
        _definitions = definitions;
        Rebuild();
    }

    /// <exception cref="SqlException">40001: the object has changed since the transaction took in the catalog.</exception>
    public void Check(uint oid)
    {
        if (_followed.ChangedAt(oid) <= Version)
            return;
        throw new SqlException(SqlState.SerializationFailure, "could not serialize access due to a concurrent change of definitions",
            hint: "The transaction might succeed if retried.") { Detail = "routing epoch changed", IsPassing = true };
    }

    private void Rebuild()
    {
        _committed = _followed.Catalog;
        Catalog = _definitions.Length == 0 ? _committed : _committed.Apply(_definitions).WithVersion(_followed.NextCatalogVersion());
    }
}
