using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>Brings transactions to their end that are prepared at this node's shards, and whose coordinators are not heard of.</summary>
/// <remarks>
/// Looks:   at all that is served here, each second: whatever has kept a coordinator from telling the outcome, be it that the shard was not served for a while.
/// Threads: any; <see cref="RunAsync"/> once.
/// </remarks>
/// <param name="served">The shards of this node.</param>
/// <param name="all">All shards, for those who decide.</param>
/// <param name="isLive">Whether a transaction's coordinator is connected, or is this node and at work on it.</param>
public sealed class OrphanResolver(IShardDirectory served, IShards all, ICatalogLog log, Func<ShardId, string, bool> isLive, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A shard is served here from now on, or a coordinator has left something prepared: not to be waited for until the second is over.</summary>
    public void Wake() => Volatile.Read(ref _woken).TrySetResult();

    /// <summary>Looks after what is prepared until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            TaskCompletionSource woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _woken, woken);
            foreach (ShardId shard in served.List())
                await LookAsync(shard, cancellation).ConfigureAwait(false);
            using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(woken.Task, Task.Delay(Interval, time, over.Token)).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private async ValueTask LookAsync(ShardId shard, CancellationToken cancellation)
    {
        try
        {
            if (served.Find(shard) is not { } found)
                return;
            foreach (PreparedState prepared in await found.ListPreparedAsync(cancellation).ConfigureAwait(false))
            {
                if (!isLive(shard, prepared.GlobalId))
                    await ResolveAsync(found, prepared, cancellation).ConfigureAwait(false);
            }
        }
        catch (SqlException)
        {
            // It is not served any more, or not now.
        }
    }

    private async ValueTask ResolveAsync(IShard shard, PreparedState prepared, CancellationToken cancellation)
    {
        try
        {
            await InDoubt.ResolveAsync(shard, prepared, all, log, cancellation).ConfigureAwait(false);
        }
        catch (SqlException)
        {
            // Who decides cannot be asked, or does not know, now.
        }
    }
}
