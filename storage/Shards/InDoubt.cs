using VecSQL.Core.Errors;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>Brings transactions to their end that are prepared, and whose coordinators are not heard of.</summary>
public static class InDoubt
{
    /// <summary>Does what the transaction's decider says.</summary>
    /// <param name="log">Who keeps the catalog; null where that is a shard.</param>
    /// <exception cref="SqlException">The decider does not know, or cannot be asked, now; or the shard cannot write.</exception>
    public static async ValueTask ResolveAsync(
        IShard shard, PreparedState prepared, IShards shards, ICatalogLog? log, CancellationToken cancellation)
    {
        if (Decider.Of(prepared.Coordinator.Span) is not { } decider)
            return; // a person's
        CommitTimestamp? outcome;
        if (decider.Shard is { } deciding)
            outcome = await shards.Find(deciding).ResolveAsync(prepared.GlobalId, cancellation).ConfigureAwait(false);
        else if (log is not null)
            outcome = await log.ResolveAsync(prepared.GlobalId, cancellation).ConfigureAwait(false);
        else
            throw new SqlException(SqlState.TransactionResolutionUnknown, $"nobody knows whether transaction \"{prepared.GlobalId}\" has committed");
        if (outcome is { } at)
            await shard.CommitPreparedAsync(prepared.GlobalId, at).ConfigureAwait(false);
        else
            await shard.RollbackPreparedAsync(prepared.GlobalId).ConfigureAwait(false);
    }
}
