using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>Commits a transaction over several shards: they prepare, one place decides, and they commit.</summary>
/// <remarks>A failure before the decision undoes all, and one after it undoes nothing. What is not told of the decision finds out (<see cref="InDoubt"/>).</remarks>
/// <param name="isToBeConfirmed">Whether somebody wants to know on how many disks the transaction is.</param>
internal sealed class TwoPhaseCommit(ShardedStorage storage, string globalId, bool isToBeConfirmed)
{
    private readonly List<ShardId> _prepared = [];

    /// <summary>The first of the shards decides: its own commit has a row that says so, at whose timestamp the others commit too.</summary>
    public async ValueTask<CommitTimestamp> RunAsync(IReadOnlyList<(ShardId Shard, IBranch Branch)> writers, CancellationToken cancellation)
    {
        (ShardId decider, IBranch first) = writers[0];
        try
        {
            first.ExpectDecision();
            await PrepareAsync(writers.Skip(1), new Decider(decider), cancellation).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
        catch
        {
            await UndoAsync().ConfigureAwait(false);
            throw;
        }
        CommitTimestamp at;
        RowId? decision = null;
        try
        {
            (at, decision) = await first.DecideAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (SqlException cause)
        {
            if (await OutcomeAsync(decider, cause).ConfigureAwait(false) is not { } outcome)
                throw;
            at = outcome;
        }
        bool isKnown = await FinishAsync(at).ConfigureAwait(false);
        if (isKnown && decision is { } row)
            await storage.ForgetAsync(decider, row).ConfigureAwait(false);
        return decision is null && isToBeConfirmed ? throw StorageState.Unconfirmed() : at;
    }

    /// <summary>The log of the catalog decides, by taking in the transaction's definitions.</summary>
    public async ValueTask<CommitTimestamp> RunAsync(
        IReadOnlyList<(ShardId Shard, IBranch Branch)> branches, ICatalogLog log, TransactionCatalog definitions, CancellationToken cancellation)
    {
        CommitTimestamp at;
        try
        {
            CommitTimestamp earliest = await PrepareAsync(branches, default, cancellation).ConfigureAwait(false);
            at = await storage.NextTimestampAsync(earliest).ConfigureAwait(false);
            await log.CommitAsync(
                new CatalogCommit(globalId, at, definitions.Changes, definitions.Before, branches.Count > 0), cancellation).ConfigureAwait(false);
        }
        catch (SqlException unknown) when (unknown.State == SqlState.TransactionResolutionUnknown)
        {
            throw; // what is prepared finds out
        }
        catch
        {
            await UndoAsync().ConfigureAwait(false);
            throw;
        }
        if (await FinishAsync(at).ConfigureAwait(false) && branches.Count > 0)
            await log.ForgetAsync(globalId).ConfigureAwait(false);
        return at;
    }

    /// <returns>The earliest moment that all of them may commit at.</returns>
    private async ValueTask<CommitTimestamp> PrepareAsync(
        IEnumerable<(ShardId Shard, IBranch Branch)> branches, Decider decider, CancellationToken cancellation)
    {
        byte[] name = decider.Encode();
        CommitTimestamp[] bounds = await Task.WhenAll(branches.Select(part => PrepareAsync(part.Shard, part.Branch))).ConfigureAwait(false);
        return bounds.Length == 0 ? default : bounds.Max();

        async Task<CommitTimestamp> PrepareAsync(ShardId shard, IBranch branch)
        {
            CommitTimestamp earliest = await branch.PrepareAsync(globalId, name, cancellation).ConfigureAwait(false);
            lock (_prepared)
                _prepared.Add(shard);
            return earliest;
        }
    }

    /// <summary>When it has committed, though who decides has failed; null where it has not.</summary>
    /// <exception cref="SqlException">It is not known, or 40001: it has not, and that was not known.</exception>
    private async ValueTask<CommitTimestamp?> OutcomeAsync(ShardId decider, SqlException cause)
    {
        CommitTimestamp? outcome;
        try
        {
            outcome = await storage.Shards.Find(decider).ResolveAsync(globalId, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SqlException)
        {
            return null; // what is prepared finds out
        }
        if (outcome is not null)
            return outcome;
        await UndoAsync().ConfigureAwait(false);
        return cause.State == SqlState.TransactionResolutionUnknown
            ? throw new SqlException(SqlState.SerializationFailure, "could not commit: the shard that decides has failed",
                hint: "The transaction might succeed if retried.", cause: cause) { IsPassing = true }
            : null;
    }

    private async ValueTask UndoAsync()
    {
        foreach (ShardId shard in _prepared)
        {
            try
            {
                await storage.Shards.Find(shard).RollbackPreparedAsync(globalId).ConfigureAwait(false);
            }
            catch (SqlException)
            {
                // It cannot be told: it will find that nobody has decided, and roll back.
            }
        }
    }

    /// <returns>Whether all know.</returns>
    private async ValueTask<bool> FinishAsync(CommitTimestamp at)
    {
        bool[] known = await Task.WhenAll(_prepared.Select(shard => FinishAsync(shard, at))).ConfigureAwait(false);
        return Array.TrueForAll(known, static isKnown => isKnown);
    }

    private async Task<bool> FinishAsync(ShardId shard, CommitTimestamp at)
    {
        try
        {
            await storage.Shards.Find(shard).CommitPreparedAsync(globalId, at).ConfigureAwait(false);
            return true;
        }
        catch (SqlException)
        {
            return false; // it will find the decision
        }
    }
}
