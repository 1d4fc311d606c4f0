using System.Runtime.ExceptionServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>What is done with rows, at all shards that have some of them at once.</summary>
internal sealed partial class ShardedTransaction
{
    private StatementEntry? _entry; // of a statement that is alone, at several shards

    /// <summary>Whether what is being done is not to wait for locks.</summary>
    public bool Tries { get; private set; }

    public async ValueTask<RowIds> InsertAsync(TableId table, ColumnBatch rows, CancellationToken cancellation)
    {
        if (GroupOf(table) is not { } group)
            return await _home.InsertAsync(table, rows, cancellation).ConfigureAwait(false);
        long[] ids = new long[rows.RowCount];
        (ShardId Shard, int[] Places)[] parts = [.. BatchParts.ByShard(Route(table, group, rows))];
        RowIds[] stored = await AtEachAsync(
            table, parts, (branch, part) => branch.InsertAsync(table, BatchParts.Take(rows, part), cancellation)).ConfigureAwait(false);
        for (int i = 0; i < parts.Length; i++)
            BatchParts.Put(stored[i].Values, parts[i].Places, ids);
        return new RowIds(ids);
    }

    public async ValueTask<InsertOutcome[]> TryInsertAsync(
        TableId table, ColumnBatch rows, IReadOnlyList<uint> arbiters, CancellationToken cancellation)
    {
        if (GroupOf(table) is not { } group)
            return await _home.TryInsertAsync(table, rows, arbiters, cancellation).ConfigureAwait(false);
        var outcomes = new InsertOutcome[rows.RowCount];
        (ShardId Shard, int[] Places)[] parts = [.. BatchParts.ByShard(Route(table, group, rows))];
        InsertOutcome[][] found = await AtEachAsync(
            table, parts, (branch, part) => branch.TryInsertAsync(table, BatchParts.Take(rows, part), arbiters, cancellation)).ConfigureAwait(false);
        for (int i = 0; i < parts.Length; i++)
            BatchParts.Put(found[i], parts[i].Places, outcomes);
        return outcomes;
    }

    public async ValueTask<int> DeleteAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation)
    {
        if (GroupOf(table) is null)
            return await _home.DeleteAsync(table, rows, cancellation).ConfigureAwait(false);
        (ShardId Shard, int[] Places)[] parts = [.. BatchParts.ByShard(ShardsOf(rows.Span))];
        int[] deleted = await AtEachAsync(
            table, parts, (branch, part) => branch.DeleteAsync(table, BatchParts.Take(rows.Span, part), cancellation)).ConfigureAwait(false);
        return deleted.Sum();
    }

    /// <remarks>A row whose new key belongs to another shard is deleted in the one and inserted in the other, once all such are deleted.</remarks>
    public async ValueTask<RowIds> UpdateAsync(
        TableId table, ReadOnlyMemory<RowId> rows, ColumnBatch values, CancellationToken cancellation)
    {
        if (GroupOf(table) is not { } group)
            return await _home.UpdateAsync(table, rows, values, cancellation).ConfigureAwait(false);
        ShardId[] from = ShardsOf(rows.Span), to = Route(table, group, values);
        long[] ids = new long[rows.Length];
        int[] moved = [.. Enumerable.Range(0, from.Length).Where(row => from[row] != to[row])];
        ColumnBatch? before = moved.Length > 0 && TakesPartInReferences(table)
            ? await FetchAsync(table, BatchParts.Take(rows.Span, moved), cancellation).ConfigureAwait(false) : null;
        bool[] isOwn = new bool[from.Length];
        (ShardId Shard, int[] Places)[] taken = [.. BatchParts.ByShard(from, moved)];
        bool[][] own = await AtEachAsync(
            table, taken, (branch, part) => branch.TakeAwayAsync(table, BatchParts.Take(rows.Span, part), cancellation)).ConfigureAwait(false);
        if (HasConflict)
            return new RowIds([]);
        for (int i = 0; i < taken.Length; i++)
            BatchParts.Put(own[i], taken[i].Places, isOwn);
        (ShardId Shard, int[] Places)[] stayed = [.. BatchParts.ByShard(from, Enumerable.Range(0, from.Length).Where(row => from[row] == to[row]))];
        RowIds[] kept = await AtEachAsync(table, stayed, (branch, part) => branch.UpdateAsync(
            table, BatchParts.Take(rows.Span, part), BatchParts.Take(values, part), cancellation)).ConfigureAwait(false);
        if (HasConflict)
            return new RowIds([]);
        for (int i = 0; i < stayed.Length; i++)
            BatchParts.Put(kept[i].Values, stayed[i].Places, ids);
        (ShardId Shard, int[] Places)[] put = [.. BatchParts.ByShard(to, moved)];
        RowIds[] stored = await AtEachAsync(
            table, put, (branch, part) => branch.InsertAsync(table, BatchParts.Take(values, part), cancellation)).ConfigureAwait(false);
        for (int i = 0; i < put.Length; i++)
            BatchParts.Put(stored[i].Values, put[i].Places, ids);
        if (before is not null)
            (_moves ??= []).Add(new MovedRows(table, before, BatchParts.Take(values, moved), BatchParts.Take<long>(ids, moved), BatchParts.Take<bool>(isOwn, moved)));
        return new RowIds(ids);
    }

    public ValueTask<bool[]> HoldKeysAsync(TableId table, uint indexOid, ColumnBatch keys, CancellationToken cancellation) =>
        ByKeyAsync(table, indexOid, keys, (branch, part) => branch.HoldKeysAsync(table, indexOid, part, cancellation));

    public ValueTask<bool[]> ClaimKeysAsync(TableId table, uint indexOid, ColumnBatch keys, CancellationToken cancellation) =>
        ByKeyAsync(table, indexOid, keys, (branch, part) => branch.ClaimKeysAsync(table, indexOid, part, cancellation));

    public async ValueTask<bool[]> LockRowsAsync(
        TableId table, ReadOnlyMemory<RowId> rows, RowLockStrength strength, LockWaitPolicy wait, CancellationToken cancellation)
    {
        if (GroupOf(table) is null)
            return await _home.LockRowsAsync(table, rows, strength, wait, cancellation).ConfigureAwait(false);
        bool[] locked = new bool[rows.Length];
        (ShardId Shard, int[] Places)[] parts = [.. BatchParts.ByShard(ShardsOf(rows.Span))];
        bool[][] held = await AtEachAsync(
            table, parts, (branch, part) => branch.LockRowsAsync(table, BatchParts.Take(rows.Span, part), strength, wait, cancellation)).ConfigureAwait(false);
        for (int i = 0; i < parts.Length && !HasConflict; i++)
            BatchParts.Put(held[i], parts[i].Places, locked);
        return locked;
    }

    public async ValueTask<ColumnBatch> FetchAsync(TableId table, ReadOnlyMemory<RowId> rows, CancellationToken cancellation)
    {
        if (GroupOf(table) is null)
            return await _home.FetchAsync(table, rows, cancellation).ConfigureAwait(false);
        (ShardId Shard, int[] Places)[] parts = [.. BatchParts.ByShard(ShardsOf(rows.Span))];
        var found = new ColumnBatch[parts.Length];
        await Task.WhenAll(parts.Select(async (part, i) =>
            found[i] = await Branch(part.Shard).FetchAsync(table, BatchParts.Take(rows.Span, part.Places), cancellation).ConfigureAwait(false))).ConfigureAwait(false);
        int[] order = new int[rows.Length];
        int next = 0;
        foreach (int place in parts.SelectMany(static part => part.Places))
            order[place] = next++;
        return BatchParts.Together(found).Take(order);
    }

    private async ValueTask<bool[]> ByKeyAsync(
        TableId table, uint indexOid, ColumnBatch keys, Func<IBranch, ColumnBatch, ValueTask<bool[]>> ask)
    {
        if (GroupOf(table) is not { } group)
            return await ask(_home, keys).ConfigureAwait(false);
        Invariant.Holds(Catalog.TryFindTable(table, out TableEntry? entry));
        ShardId[] homes = new RowRouter(entry!, group).Route(entry!.Indexes.First(found => found.Oid == indexOid), keys);
        bool[] answers = new bool[keys.RowCount];
        (ShardId Shard, int[] Places)[] parts = [.. BatchParts.ByShard(homes)];
        bool[][] found = await AtEachAsync(table, parts, (branch, part) => ask(branch, BatchParts.Take(keys, part))).ConfigureAwait(false);
        for (int i = 0; i < parts.Length; i++)
            BatchParts.Put(found[i], parts[i].Places, answers);
        return answers;
    }

    /// <summary>Does something with the rows of each shard at once, as if it were done at one after the other.</summary>
    /// <remarks>
    /// Waiting: two transactions that come to the same rows in the order of the shards do not wait for each other, and this is not to change that. So nothing waits
    ///          at first; where a shard would have to, what was done at those behind it is given back, it waits alone, and then the others go on.
    /// Errors:  of several rows whose keys are taken the first is told of. Else, what the first of the shards says.
    /// </remarks>
    /// <returns>What each has answered; some may be missing where there is a conflict.</returns>
    private async ValueTask<T[]> AtEachAsync<T>(TableId table, (ShardId Shard, int[] Places)[] parts, Func<IBranch, int[], ValueTask<T>> act)
    {
        var answers = new T[parts.Length];
        IBranch[] branches = Array.ConvertAll(parts, part => Branch(part.Shard));
        bool isAtOnce = parts.Length > 1;
        int savepoint = isAtOnce ? Savepoint() : 0;
        for (int next = 0; next < parts.Length;)
        {
            int waiting = isAtOnce ? await TryAllAsync(next).ConfigureAwait(false) : next;
            if (waiting == parts.Length || HasConflict)
                break;
            for (int i = waiting; isAtOnce && i < parts.Length; i++)
                await GiveBackAsync(branches[i], parts[i].Shard, savepoint).ConfigureAwait(false);
            answers[waiting] = await act(branches[waiting], parts[waiting].Places).ConfigureAwait(false);
            if (HasConflict)
                break;
            next = waiting + 1;
        }
        if (isAtOnce)
            Release(savepoint);
        return answers;

        // Which is the first that would have to wait; their number where none would.
        async ValueTask<int> TryAllAsync(int first)
        {
            Tries = true;
            var failures = new Exception?[parts.Length];
            try
            {
                // Those that are here keep this thread: the others are to be on their way by then.
                await Task.WhenAll(Enumerable.Range(first, parts.Length - first).OrderBy(i => branches[i] is Transaction)
                    .Select(async i => failures[i] = await TryAsync(i).ConfigureAwait(false))).ConfigureAwait(false);
            }
            finally
            {
                Tries = false;
            }
            int waiting = Array.FindIndex(failures, static failure => failure is SqlException told && told.State == SqlState.LockNotAvailable);
            Exception?[] certain = waiting < 0 ? failures : failures[..waiting];
            if (FirstOf(certain) is { } error)
                ExceptionDispatchInfo.Throw(error);
            return waiting < 0 ? parts.Length : waiting;
        }

        async Task<Exception?> TryAsync(int i)
        {
            try
            {
                answers[i] = await act(branches[i], parts[i].Places).ConfigureAwait(false);
                return null;
            }
            catch (Exception failed) when (failed is SqlException or WriteConflictException or OperationCanceledException)
            {
                return failed;
            }
        }

        Exception? FirstOf(Exception?[] failures)
        {
            Exception? first = Array.Find(failures, static failure => failure is not null);
            if (first is not SqlException { Row: not null })
                return first;
            Invariant.Holds(Catalog.TryFindTable(table, out TableEntry? entry));
            return failures.Select((failure, i) => (Error: failure as SqlException, Shard: i)).Where(static failure => failure.Error?.Row is not null)
                .MinBy(failure => (IndexOf(entry!, failure.Error!), PlaceOf(parts[failure.Shard].Places, failure.Error!))).Error;
        }
    }

    private static int IndexOf(TableEntry table, SqlException error)
    {
        int place = 0;
        foreach (IndexEntry index in table.Indexes)
        {
            if (index.Name == error.ConstraintName)
                break;
            place++;
        }
        return place;
    }

    private static int PlaceOf(int[] places, SqlException error) => error.Row is { } row && row < places.Length ? places[row] : int.MaxValue;

    /// <summary>Undoes what was done at a shard since a savepoint, and with it what a statement that is alone has locked there.</summary>
    private async ValueTask GiveBackAsync(IBranch branch, ShardId shard, int savepoint)
    {
        branch.RollbackTo(savepoint);
        foreach ((TableId table, TableLockMode mode) in _entry?.Tables ?? [])
        {
            if (GroupOf(table) is { } group && group.Shards.Contains(shard))
                await branch.EnterAsync(table, mode, waits: false, seesNewest: false, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Has shards do something that waits for nobody who waits for it: at other nodes at once.</summary>
    private async ValueTask AtAllAsync(IEnumerable<ShardId> shards, Func<IBranch, ValueTask> act)
    {
        IBranch[] branches = [.. shards.Select(Branch)];
        if (_storage.SpansNodes)
        {
            await Task.WhenAll(branches.Select(async branch => await act(branch).ConfigureAwait(false))).ConfigureAwait(false);
            return;
        }
        foreach (IBranch branch in branches)
            await act(branch).ConfigureAwait(false);
    }

    private ShardId[] Route(TableId table, ShardGroupEntry group, ColumnBatch rows)
    {
        Invariant.Holds(Catalog.TryFindTable(table, out TableEntry? entry));
        RowRouter router = new(entry!, group);
        short[] stored = [.. entry!.StoredColumns.Select(static column => column.Number)];
        var keys = new Column[router.KeyColumns.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = rows.Columns[Array.IndexOf(stored, router.KeyColumns[i])];
        return router.Route(keys, rows.RowCount);
    }

    private static ShardId[] ShardsOf(ReadOnlySpan<RowId> rows)
    {
        var shards = new ShardId[rows.Length];
        for (int i = 0; i < shards.Length; i++)
            shards[i] = ShardedStorage.ShardOf(rows[i]);
        return shards;
    }
}
