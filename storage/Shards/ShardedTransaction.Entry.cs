using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>How statements enter: locks of tables, and the moment that they are read at.</summary>
internal sealed partial class ShardedTransaction
{
    /// <remarks>
    /// A statement that is alone locks its tables at the shards that it comes to, and not at the home shard: where it would have to wait at one of
    /// several, it is run again, and then locks in order. So it waits for nobody who waits for it.
    /// </remarks>
    public ValueTask EnterAsync(StatementEntry entry, CancellationToken cancellation)
    {
        bool isFirst = !_hasEntered;
        _hasEntered = true;
        if (ReadsPast || entry.ReadAt is { IsNewest: false })
            return EnterPastAsync(entry, cancellation);
        if (entry is { ReadAt: { } newest, Only: { } shard } && isFirst && _storage.SpansNodes && Isolation == IsolationLevel.ReadCommitted)
            return EnterNewestAsync(entry, newest, shard, cancellation);
        return _storage.SpansNodes ? EnterAsync(entry, isFirst, cancellation) : LockAllAsync(entry.Tables, cancellation);
    }

    private async ValueTask EnterAsync(StatementEntry entry, bool isFirst, CancellationToken cancellation)
    {
        bool isAlone = entry.IsAlone && isFirst && !_isChecking
            && !entry.Tables.Any(use => use.Mode >= TableLockMode.RowExclusive && TakesPartInReferences(use.Table));
        ShardId? only = Isolation == IsolationLevel.ReadCommitted && !_isChecking ? entry.Only : null;
        if (only is { } shard && (isAlone || shard != ShardedStorage.Home))
        {
            _entersAnywhere |= isAlone;
            foreach ((TableId table, TableLockMode mode) in entry.Tables)
            {
                if (!isAlone)
                    await LockHomeAsync(table, mode, LockWaitPolicy.Block, cancellation).ConfigureAwait(false);
                await Branch(shard).EnterAsync(table, mode, waits: true, seesNewest: true, cancellation).ConfigureAwait(false);
            }
        }
        else if (isAlone && entry.Tables.Any(use => GroupOf(use.Table) is not null))
        {
            (_entersAnywhere, _entry) = (true, entry);
            foreach ((TableId table, _) in entry.Tables)
            {
                if (GroupOf(table) is { } group)
                    await ReachAsync(group, cancellation).ConfigureAwait(false);
            }
            foreach ((TableId table, TableLockMode mode) in entry.Tables)
            {
                foreach (ShardId part in GroupOf(table) is { } group ? group.Shards.Order() : Enumerable.Repeat(ShardedStorage.Home, 1))
                    await Branch(part).EnterAsync(table, mode, waits: false, seesNewest: false, cancellation).ConfigureAwait(false);
            }
        }
        else
        {
            await LockAllAsync(entry.Tables, cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask LockAllAsync((TableId Table, TableLockMode Mode)[] tables, CancellationToken cancellation)
    {
        foreach ((TableId table, TableLockMode mode) in tables)
            await LockTableAsync(table, mode, LockWaitPolicy.Block, cancellation).ConfigureAwait(false);
    }

    /// <summary>Locks a table where all who lock it at several shards begin.</summary>
    private async ValueTask LockHomeAsync(TableId table, TableLockMode mode, LockWaitPolicy wait, CancellationToken cancellation)
    {
        if (_entersAnywhere) // which was not expected to go on: it may hold what those wait for who are at the home shard already
            await _home.EnterAsync(table, mode, waits: false, seesNewest: false, cancellation).ConfigureAwait(false);
        await _home.LockTableAsync(table, mode, wait, cancellation).ConfigureAwait(false);
    }

    /// <remarks>A table in shards is locked on the home engine, and then on each shard, where what was prepared is waited for.</remarks>
    public async ValueTask LockTableAsync(TableId table, TableLockMode mode, LockWaitPolicy wait, CancellationToken cancellation)
    {
        await LockHomeAsync(table, mode, wait, cancellation).ConfigureAwait(false);
        RefuseMoved(table);
        if (GroupOf(table) is { } group)
            await LockPartsAsync(group, table, mode, wait, cancellation).ConfigureAwait(false);
    }

    private async ValueTask LockPartsAsync(ShardGroupEntry group, TableId table, TableLockMode mode, LockWaitPolicy wait, CancellationToken cancellation)
    {
        await ReachAsync(group, cancellation).ConfigureAwait(false);
        // Where the transaction has given it other shards, all others look for it where it was.
        IEnumerable<ShardId> shards = GroupOf(table, _definitions.Committed) is { } earlier && earlier != group ? group.Shards.Union(earlier.Shards) : group.Shards;
        // Others of them are held up at the home shard, or wait for nobody.
        await AtAllAsync(shards.Order(), branch => branch.LockTableAsync(table, mode, wait, cancellation)).ConfigureAwait(false);
    }

    /// <summary>What REPEATABLE READ sees of a table is where it was at its moment.</summary>
    private void RefuseMoved(TableId table)
    {
        if (_atMoment is null || !_atMoment.TryFindTable(table, out TableEntry? then) || !_definitions.Committed.TryFindTable(table, out TableEntry? now))
            return;
        if (then.Placement?.GroupOid != now.Placement?.GroupOid)
            throw new SqlException(SqlState.SerializationFailure, $"could not serialize access due to concurrent change of the shards of table \"{now.Name}\"");
    }

    /// <summary>Has the statement read the group's shards, and the home engine, as of one moment: after all that was acknowledged before it began.</summary>
    private async ValueTask ReachAsync(ShardGroupEntry group, CancellationToken cancellation)
    {
        if (_isChecking)
            return; // each reads what is newest
        while (true)
        {
            bool isFirst = _moment is null;
            CommitTimestamp at = _moment ?? await _storage.NowAsync(cancellation).ConfigureAwait(false);
            try
            {
                if (isFirst)
                    await _home.BeginStatementAsync(at, cancellation).ConfigureAwait(false);
                if (isFirst && Isolation == IsolationLevel.RepeatableRead)
                    _atMoment = _definitions.Committed;
                // A later statement of REPEATABLE READ finds what it may see in no shard that was not reached in time.
                IEnumerable<ShardId> shards = isFirst && Isolation == IsolationLevel.RepeatableRead
                    ? Catalog.ShardGroups.SelectMany(static known => known.Shards) : group.Shards;
                _moment = at;
                ShardId[] reached = [.. shards.Where((_reached ??= []).Add)];
                await AtAllAsync(reached, branch => branch.BeginStatementAsync(at, cancellation)).ConfigureAwait(false);
                return;
            }
            catch (SqlException late) when (late.State == SqlState.SnapshotTooOld && isFirst)
            {
                _moment = null; // others have committed meanwhile, and what they replaced is gone
                _reached?.Clear();
            }
        }
    }
}
