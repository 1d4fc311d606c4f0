using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>Who keeps the catalog where no engine's log does.</summary>
/// <remarks>A transaction with definitions prepares at all of its shards, and commits here: that is its decision. So what its locks have kept
/// away sees the new definitions once it gets the locks.</remarks>
public interface ICatalogLog : ICatalogSource
{
    /// <summary>Commits a transaction's definitions, and with them all that it has prepared; returns when <see cref="ICatalogSource.Catalog"/> has them.</summary>
    /// <exception cref="Core.Errors.SqlException">Nothing was committed: 23505, another has made an object of the same name; 40001, another has
    /// changed one of them, or was told that the transaction is rolled back. 08007: it is not known.</exception>
    ValueTask CommitAsync(CatalogCommit commit, CancellationToken cancellation);

    /// <summary>When the transaction of this id committed, which had definitions; null where it has not and never will.</summary>
    /// <exception cref="Core.Errors.SqlException">It cannot be known now.</exception>
    ValueTask<CommitTimestamp?> ResolveAsync(string globalId, CancellationToken cancellation);

    /// <summary>All who took part know that it has committed.</summary>
    ValueTask ForgetAsync(string globalId);
}

/// <summary>Definitions that are to be committed.</summary>
/// <param name="GlobalId">The transaction that they are of.</param>
/// <param name="At">When it commits.</param>
/// <param name="Before">What each change replaces or drops; null for nothing.</param>
/// <param name="IsPrepared">Whether shards have prepared it.</param>
public sealed record CatalogCommit(
    string GlobalId, CommitTimestamp At, IReadOnlyList<CatalogChange> Changes, IReadOnlyList<CatalogObject?> Before, bool IsPrepared);
