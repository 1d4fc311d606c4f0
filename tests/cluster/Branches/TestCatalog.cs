using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Cluster.Branches;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Branches;

/// <summary>A catalog that nodes of a test share, kept in memory.</summary>
internal sealed class TestCatalog : ICatalogLog, IFollowedCatalog
{
    private const long Uncommitted = 1L << 40;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, CommitTimestamp?> _outcomes = [];
    private readonly Dictionary<uint, long> _changed = [];
    private long _version = Uncommitted, _oid = 20_000;

    public CatalogSnapshot Catalog { get; private set; } = CatalogSnapshot.Initial.WithVersion(1);

    /// <summary>Told of what was committed, with the catalog before it.</summary>
    public event Action<CatalogSnapshot, IReadOnlyList<CatalogChange>>? Committed;

    /// <summary>Called before a commit is taken in.</summary>
    public Action BeforeCommit { get; set; } = static () => { };

    public long NextCatalogVersion() => Interlocked.Increment(ref _version);

    public uint NextOid() => (uint)Interlocked.Increment(ref _oid);

    public ValueTask CommitAsync(CatalogCommit commit, CancellationToken cancellation)
    {
        BeforeCommit();
        lock (_lock)
        {
            if (_outcomes.ContainsKey(commit.GlobalId))
                throw ErrorOf("given up");
            if (CatalogConflict.Find(Catalog, commit.Changes) is { } conflict)
                throw conflict;
            CatalogSnapshot before = Catalog;
            Catalog = before.Apply(commit.Changes).WithVersion(before.Version + 1);
            foreach (CatalogChange change in commit.Changes)
                _changed[change switch { PutObject put => put.Object.Oid, DropObject drop => drop.Oid, _ => 0 }] = Catalog.Version;
            if (commit.IsPrepared)
                _outcomes[commit.GlobalId] = commit.At;
            Committed?.Invoke(before, commit.Changes);
        }
        return default;
    }

    public ValueTask<CommitTimestamp?> ResolveAsync(string globalId, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_outcomes.TryGetValue(globalId, out CommitTimestamp? at))
                _outcomes[globalId] = at = null;
            return new(at);
        }
    }

    public ValueTask ForgetAsync(string globalId)
    {
        lock (_lock)
            _outcomes.Remove(globalId);
        return default;
    }

    public ValueTask ReachAsync(long version, CancellationToken cancellation) => version <= Catalog.Version
        ? default : throw ErrorOf($"this node is at version {Catalog.Version} of the catalog, and not at {version}");

    public long ChangedAt(uint oid)
    {
        lock (_lock)
            return _changed.GetValueOrDefault(oid);
    }

    private static Core.Errors.SqlException ErrorOf(string message) => new(Core.Errors.SqlState.SerializationFailure, message);
}
