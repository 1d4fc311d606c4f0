using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Branches;

/// <summary>Transactions over shards do the same wherever the shards are.</summary>
public sealed class BranchTests
{
    private static readonly long[] Some = [.. Enumerable.Range(1, 100).Select(static id => (long)id)];

    public static TheoryData<Place> Places => [Place.Local, Place.Remote, Place.Mixed];

    [Theory, MemberData(nameof(Places))]
    public async Task Rows_are_written_and_read_as_one_table(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(place);
        TableEntry table = await Tables.CreateAsync(storage, 3), whole = await Tables.CreateAsync(storage, 0, "w");
        await using ITransaction writer = storage.Begin(IsolationLevel.ReadCommitted);
        await writer.InsertAsync(table, Some);
        await writer.InsertAsync(whole, 1, 2);
        Assert.Equal(Some, (await writer.ScanAsync(table)).Select(static row => row.Id));
        Assert.Empty(await storage.IdsAsync(table));
        await writer.CommitAsync();
        Assert.Equal(Some, await storage.IdsAsync(table));
        Assert.Equal((long[])[1, 2], await storage.IdsAsync(whole));
        Assert.Equal(100, storage.SizeOf(table.Id).RowCount);
        for (uint shard = 0; shard <= 3; shard++)
            Assert.Empty(rig.Engine(shard).Prepared);
        Assert.Empty(rig.Engine(0).TableLocks);
    }

    [Theory, MemberData(nameof(Places))]
    public async Task Keys_find_rows_and_equal_keys_are_refused_in_the_words_of_one_node(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(place);
        TableEntry table = await Tables.CreateAsync(storage, 3);
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        await transaction.InsertAsync(table, Some);
        TableView view = transaction.Read(table.Id);
        LookupResult found = view.Lookup(table.Indexes[0].Oid, new ColumnBatch([new FixedColumn<long>([7, 500, 8], default)], 3), [2]);
        Assert.Equal([0, 2], found.KeyOrdinals);
        Assert.Equal(2, found.Rows.Columns.Length);
        long[] ids = ((FixedColumn<long>)found.Rows.Columns[1].Expand()).Values.ToArray();
        Assert.Equal([8, 7], ((FixedColumn<long>)view.Fetch([ids[1], 12345, ids[0]], [1]).Columns[0].Expand()).Values.ToArray());
        view.Release();
        int mark = transaction.Savepoint();
        SqlException taken = await Assert.ThrowsAsync<SqlException>(() => transaction.InsertAsync(table, 500, 7));
        Assert.Equal((SqlState.UniqueViolation, "Key (id)=(7) already exists.", "t", "t_pkey", "public"),
            (taken.State, taken.Detail, taken.TableName, taken.ConstraintName, taken.SchemaName));
        transaction.RollbackTo(mark);
        InsertOutcome[] outcomes = await transaction.TryInsertAsync(table.Id, Tables.Rows((37, "a"), (600, "b")), [table.Indexes[0].Oid], default);
        Assert.Equal([false, true], outcomes.Select(static outcome => outcome.IsInserted));
        bool[] held = await transaction.HoldKeysAsync(table.Id, table.Indexes[0].Oid, new ColumnBatch([new FixedColumn<long>([1, 1000], default)], 2), default);
        Assert.Equal([true, false], held);
        Assert.Equal([.. Some, 600], (await transaction.ScanAsync(table)).Select(static row => row.Id));
    }

    [Theory, MemberData(nameof(Places))]
    public async Task Savepoints_undo_what_came_after_them(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(place);
        TableEntry table = await Tables.CreateAsync(storage, 3);
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        int outer = transaction.Savepoint(), inner = transaction.Savepoint();
        await transaction.InsertAsync(table, 1, 2, 3);
        transaction.Release(inner);
        int later = transaction.Savepoint();
        await transaction.InsertAsync(table, 4, 5, 6);
        await transaction.UpdateAsync(table.Id, await transaction.RowsAsync(table, 1, 2, 3), Tables.Rows((11, "x"), (12, "x"), (13, "x")), default);
        Assert.Equal([4, 5, 6, 11, 12, 13], (await transaction.ScanAsync(table)).Select(static row => row.Id));
        transaction.RollbackTo(later);
        Assert.Equal([1, 2, 3], (await transaction.ScanAsync(table)).Select(static row => row.Id));
        transaction.RollbackTo(outer);
        Assert.Empty(await transaction.ScanAsync(table));
        await transaction.InsertAsync(table, 7);
        await transaction.CommitAsync();
        Assert.Equal((long[])[7], await storage.IdsAsync(table));
    }

    [Theory, MemberData(nameof(Places))]
    public async Task What_was_changed_since_a_savepoint_is_told(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(place);
        TableEntry table = await Tables.CreateAsync(storage, 3);
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        await transaction.InsertAsync(table, Some);
        int first = transaction.Savepoint();
        await transaction.InsertAsync(table, 201, 202, 203);
        IReadOnlyList<TableChanges> before = transaction.ChangesSince(first);
        int second = transaction.Savepoint();
        await transaction.DeleteAsync(table.Id, await transaction.RowsAsync(table, 5, 6, 7), default);
        TableChanges changes = Assert.Single(transaction.ChangesSince(second));
        Assert.True(changes.HasDeleted);
        Assert.Equal([5, 6, 7], Ids(changes.Deleted(table, [1])));
        Assert.Empty(Ids(changes.Inserted(table, [1])));
        Assert.Equal([201, 202, 203], Ids(changes.With(Assert.Single(before)).Inserted(table, [1])));
        await transaction.TestKeysAsync(changes, table.Indexes[0], default);
    }

    [Theory, MemberData(nameof(Places))]
    public async Task Locks_wait_and_are_given_up_with_their_statements(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(place), other = rig.Coordinator(place);
        TableEntry table = await Tables.CreateAsync(storage, 3);
        await using ITransaction holder = storage.Begin(IsolationLevel.ReadCommitted);
        await holder.InsertAsync(table, Some);
        await using ITransaction waiter = other.Begin(IsolationLevel.ReadCommitted);
        SqlException busy = await Assert.ThrowsAsync<SqlException>(
            () => waiter.LockTableAsync(table.Id, TableLockMode.AccessExclusive, LockWaitPolicy.NoWait, default).AsTask());
        Assert.Equal(SqlState.LockNotAvailable, busy.State);
        using CancellationTokenSource cancelled = new();
        Task waiting = waiter.LockTableAsync(table.Id, TableLockMode.AccessExclusive, LockWaitPolicy.Block, cancelled.Token).AsTask();
        while (rig.Engine(0).TableLocks.All(static held => held.IsGranted))
            await Task.Yield();
        Assert.False(waiting.IsCompleted);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await using ITransaction patient = other.Begin(IsolationLevel.ReadCommitted);
        Task locking = patient.LockTableAsync(table.Id, TableLockMode.AccessExclusive, LockWaitPolicy.Block, default).AsTask();
        Assert.False(locking.IsCompleted);
        await waiter.RollbackAsync();
        await holder.RollbackAsync();
        await locking;
    }

    [Theory, MemberData(nameof(Places))]
    public async Task Definitions_of_two_coordinators_meet_in_one_catalog(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage one = rig.Coordinator(place), two = rig.Coordinator(place);
        await using ITransaction first = one.Begin(IsolationLevel.ReadCommitted), second = two.Begin(IsolationLevel.ReadCommitted);
        TableEntry table = Tables.Define(one, first, 3);
        await first.InsertAsync(table, Some);
        TableEntry namesake = Tables.Define(two, second, 2);
        await second.InsertAsync(namesake, 1, 2, 3);
        await first.CommitAsync();
        SqlException taken = await Assert.ThrowsAsync<SqlException>(() => second.CommitAsync());
        Assert.Equal(SqlState.UniqueViolation, taken.State);
        Assert.Equal(Some, await two.IdsAsync(table));
        for (uint shard = 0; shard <= 3; shard++)
            Assert.Empty(rig.Engine(shard).Prepared);
        await using ITransaction dropping = two.Begin(IsolationLevel.ReadCommitted);
        await dropping.LockTableAsync(table.Id, TableLockMode.AccessExclusive, LockWaitPolicy.Block, default);
        dropping.Change(new DropObject(table.Oid));
        await dropping.CommitAsync();
        Assert.Equal(0, one.SizeBytes(table.Id));
    }

    [Theory, MemberData(nameof(Places))]
    public async Task A_statement_under_an_older_definition_is_to_be_run_again(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(place);
        TableEntry table = await Tables.CreateAsync(storage, 3);
        await using ITransaction late = storage.Begin(IsolationLevel.RepeatableRead);
        late.BeginStatement();
        await rig.Catalog.CommitAsync(new CatalogCommit("other", default, [new PutObject(table with { Comment = "changed" })], [table], IsPrepared: false), default);
        if (place == Place.Local)
            return; // what is asked of an engine at hand is asked under its own catalog
        SqlException retried = await Assert.ThrowsAsync<SqlException>(() => late.InsertAsync(table, Some));
        Assert.Equal((SqlState.SerializationFailure, "routing epoch changed"), (retried.State, retried.Detail));
        await late.RollbackAsync();
        await using ITransaction again = storage.Begin(IsolationLevel.ReadCommitted);
        await again.InsertAsync(table, Some);
    }

    [Theory, MemberData(nameof(Places))]
    public async Task Unique_indexes_are_made_at_the_shards_and_forgotten_with_their_statement(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(place);
        TableEntry table = await Tables.CreateAsync(storage, 3);
        TableEntry bare = table with { Indexes = [] };
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        transaction.Change(new PutObject(bare));
        await transaction.InsertAsync(bare, 1, 2, 3, 2);
        int mark = transaction.Savepoint();
        Assert.Equal(SqlState.UniqueViolation, Assert.Throws<SqlException>(() => transaction.Change(new PutObject(table))).State);
        transaction.RollbackTo(mark);
        await transaction.DeleteAsync(bare.Id, (await transaction.RowsAsync(bare, 2)).AsMemory(0, 1), default);
        transaction.Change(new PutObject(table));
        await Assert.ThrowsAsync<SqlException>(() => transaction.InsertAsync(table, 3));
    }

    [Theory, MemberData(nameof(Places))]
    public async Task Rows_that_another_changed_meanwhile_conflict(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(place);
        TableEntry table = await Tables.CreateAsync(storage, 3);
        await using (ITransaction writer = storage.Begin(IsolationLevel.ReadCommitted))
        {
            await writer.InsertAsync(table, Some);
            await writer.CommitAsync();
        }
        await using ITransaction late = storage.Begin(IsolationLevel.RepeatableRead), early = storage.Begin(IsolationLevel.ReadCommitted);
        RowId[] rows = await late.RowsAsync(table, 5, 6, 7);
        Assert.Equal((bool[])[true, true, true], await early.LockRowsAsync(table.Id, rows, RowLockStrength.Update, LockWaitPolicy.Block, default));
        Assert.Equal(3, await early.DeleteAsync(table.Id, rows, default));
        await early.CommitAsync();
        late.NotesConflicts = true;
        await late.DeleteAsync(table.Id, rows, default);
        Assert.True(late.HasConflict);
        Assert.True(late.TakeConflict());
        await Assert.ThrowsAsync<WriteConflictException>(() => late.DeleteAsync(table.Id, rows, default).AsTask());
    }

    [Theory, MemberData(nameof(Places))]
    public async Task A_check_sees_what_is_newest_and_the_statements_after_it_do_not(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(place);
        TableEntry first = await Tables.CreateAsync(storage, 1), second;
        await using (ITransaction defining = storage.Begin(IsolationLevel.ReadCommitted))
        {
            ShardGroupEntry group = ShardGroupEntry.Even(storage.NextOid(), "others", [new ShardId(2), new ShardId(3)]);
            second = Tables.Define(storage, defining, 0, "u") with { Placement = new TablePlacement(group.Oid, [1]) };
            defining.Change(new PutObject(group));
            defining.Change(new PutObject(second));
            await defining.CommitAsync();
        }
        await using ITransaction late = storage.Begin(IsolationLevel.RepeatableRead), early = storage.Begin(IsolationLevel.ReadCommitted);
        Assert.Empty(await late.ScanAsync(first));
        await early.InsertAsync(second, Some);
        await early.CommitAsync();
        late.BeginCheck();
        Assert.Equal(100, (await late.ScanAsync(second)).Count);
        late.EndCheck();
        Assert.Empty(await late.ScanAsync(second));
    }

    private static List<long> Ids(IEnumerable<ColumnBatch> batches)
    {
        List<long> ids = [.. batches.SelectMany(static batch => ((FixedColumn<long>)batch.Columns[0].Expand()).Values.ToArray())];
        ids.Sort();
        return ids;
    }
}
