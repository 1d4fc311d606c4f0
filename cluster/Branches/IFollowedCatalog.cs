using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>The catalog that all nodes follow, as far as this one has come.</summary>
/// <remarks>Threads: any.</remarks>
public interface IFollowedCatalog : ICatalogSource
{
    /// <summary>Returns when this node has come to a version, or a later one.</summary>
    /// <exception cref="Core.Errors.SqlException">40001: it does not, for a while.</exception>
    ValueTask ReachAsync(long version, CancellationToken cancellation);

    /// <summary>The version that has last changed an object, or a later one; 0 for one that is in none.</summary>
    long ChangedAt(uint oid);
}
