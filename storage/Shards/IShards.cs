using VecSQL.Catalog.Placement;

namespace VecSQL.Storage.Shards;

/// <summary>Where a node finds shards.</summary>
/// <remarks>Threads: any.</remarks>
public interface IShards : IAsyncDisposable
{
    /// <summary>The shard, wherever it is.</summary>
    /// <exception cref="Core.Errors.SqlException">It cannot be used.</exception>
    IShard Find(ShardId shard);
}
