using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Shards;

/// <summary>A transaction that branches are of, without definitions of its own.</summary>
internal sealed class TestOrigin(StorageEngine catalog, string globalId) : IBranchOrigin
{
    public IsolationLevel Isolation => IsolationLevel.ReadCommitted;

    public bool IsReadOnly => false;

    public TimeSpan LockPatience => Timeout.InfiniteTimeSpan;

    public string GlobalId => globalId;

    public CatalogSnapshot Committed => catalog.Catalog;

    public CatalogSnapshot Catalog => catalog.Catalog;

    public IReadOnlyList<CatalogChange> Definitions => [];
}
