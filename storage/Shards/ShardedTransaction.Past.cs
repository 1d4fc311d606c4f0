using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>Transactions that only read: of one moment that is past, or at replicas that are not primaries.</summary>
internal sealed partial class ShardedTransaction
{
    private ReadAt? _readAt; // null where it is any other transaction

    public bool ReadsPast => _readAt is not null;

    public CommitTimestamp DefinedAt(uint oid) => _storage.DefinedAt(oid);

    /// <remarks>
    /// Where nothing was read before, the transaction begins to read at one moment; its replicas wait until they have reached that, and until it is known what
    /// becomes of transactions that may have committed by then. Tables are locked where they are read.
    /// </remarks>
    private async ValueTask EnterPastAsync(StatementEntry entry, CancellationToken cancellation)
    {
        if (!ReadsPast)
        {
            foreach (IBranch begun in _others) // by what was only prepared
                await begun.RollbackAsync().ConfigureAwait(false);
            (_branches, _others) = (None, []);
            _reached?.Clear();
            _moment = await _storage.MomentAsync(entry.ReadAt!, entry.Tables.SelectMany(use => PlacesOf(use.Table)), cancellation).ConfigureAwait(false);
            _readAt = entry.ReadAt;
        }
        foreach ((TableId table, TableLockMode mode) in entry.Tables)
        {
            foreach (ShardId shard in PlacesOf(table))
            {
                IBranch branch = Branch(shard);
                if ((_reached ??= []).Add(shard))
                    await branch.BeginStatementAsync(_moment!.Value, cancellation).ConfigureAwait(false);
                await branch.EnterAsync(table, mode, waits: true, seesNewest: false, cancellation).ConfigureAwait(false);
            }
            // Rows may have been in other shards of another division.
            if (GroupOf(table) is { } group && DefinedAt(group.Oid) is var divided && divided > _moment!.Value)
                throw Snapshots.TooOld(_moment.Value.Value, divided.Value);
        }
    }

    /// <summary>All that the statement reads is at one shard, of which another replica than the primary can say what is newest.</summary>
    private async ValueTask EnterNewestAsync(StatementEntry entry, ReadAt newest, ShardId shard, CancellationToken cancellation)
    {
        _readAt = newest;
        foreach ((TableId table, TableLockMode mode) in entry.Tables)
            await Branch(shard).EnterAsync(table, mode, waits: true, seesNewest: true, cancellation).ConfigureAwait(false);
    }

    private IEnumerable<ShardId> PlacesOf(TableId table) => GroupOf(table) is { } group ? group.Shards.Order() : [ShardedStorage.Home];
}
