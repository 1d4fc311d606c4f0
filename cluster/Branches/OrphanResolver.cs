using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>Brings transactions to their end that are prepared at this node's shards, and whose coordinators are not heard of.</summary>
/// <remarks>Threads: any; <see cref="RunAsync"/> once.</remarks>
/// <param name="served">The shards of this node.</param>
/// <param name="all">All shards, for those who decide.</param>
/// <param name="isLive">Whether a transaction's coordinator is connected, or is this node and at work on it.</param>
public sealed class OrphanResolver(IShardDirectory served, IShards all, ICatalogLog log, Func<ShardId, string, bool> isLive, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly SortedSet<ShardId> _shards = [];
    private TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A shard is served here from now on, or a coordinator has left something prepared there.</summary>
    public void Look(ShardId shard)
    {
        lock (_lock)
        {
            _shards.Add(shard);
            _woken.TrySetResult();
        }
    }

    /// <summary>Looks after shards, again and again while something is prepared there, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task woken;
            ShardId[] shards;
            lock (_lock)
            {
                if (_woken.Task.IsCompleted)
                    _woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                woken = _woken.Task;
                shards = [.. _shards];
            }
            bool isLeft = false;
            foreach (ShardId shard in shards)
                isLeft |= await IsLeftAsync(shard, cancellation).ConfigureAwait(false);
            Task next = isLeft ? Task.WhenAny(woken, Task.Delay(Interval, time, cancellation)) : woken;
            await next.WaitAsync(cancellation).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <returns>Whether something is prepared there still.</returns>
    private async ValueTask<bool> IsLeftAsync(ShardId shard, CancellationToken cancellation)
    {
        lock (_lock)
            _shards.Remove(shard);
        bool isLeft = false;
        try
        {
            if (served.Find(shard) is { } found)
            {
                foreach (PreparedState prepared in await found.ListPreparedAsync(cancellation).ConfigureAwait(false))
                    isLeft |= isLive(shard, prepared.GlobalId) || !await IsResolvedAsync(found, prepared, cancellation).ConfigureAwait(false);
            }
        }
        catch (SqlException)
        {
            isLeft = true; // it is not served any more, or not now
        }
        lock (_lock)
        {
            if (isLeft)
                _shards.Add(shard);
        }
        return isLeft;
    }

    private async ValueTask<bool> IsResolvedAsync(IShard shard, PreparedState prepared, CancellationToken cancellation)
    {
        try
        {
            await InDoubt.ResolveAsync(shard, prepared, all, log, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (SqlException)
        {
            return false; // who decides cannot be asked, or does not know, now
        }
    }
}
