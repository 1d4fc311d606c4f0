using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Tables;

/// <summary>Transactions that wait for a coordinator's decision: what they hold, who waits for them, what becomes of them.</summary>
public sealed class PreparedTests
{
    public static TheoryData<Passage, bool> Ends
    {
        get
        {
            TheoryData<Passage, bool> all = [];
            foreach (Passage passage in Enum.GetValues<Passage>())
            {
                all.Add(passage, true);
                all.Add(passage, false);
            }
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Rows_are_hidden_and_readers_of_the_table_wait_until_it_has_ended(Passage passage, bool commits)
    {
        await using PreparedRig rig = new();
        TableEntry table = await rig.Engine.CreateTableAsync(), other = await rig.Engine.CreateTableAsync("u");
        await rig.Engine.InsertCommittedAsync(table, 1, 2, 3);
        CommitTimestamp earliest = await rig.PrepareAsync("p", async transaction =>
        {
            await transaction.InsertAsync(table, 10);
            await transaction.DeleteByIdAsync(table, 1);
            await transaction.UpdateByIdAsync(table, 2, 20, "new");
        });
        DateTimeOffset since = rig.Time.GetUtcNow();
        Assert.Equal([1, 2, 3], await rig.ReadAsync(table)); // it cannot commit so early
        await rig.PassAsync(passage);

        PreparedState state = Assert.Single(rig.Engine.Prepared);
        Assert.Equal(("p", earliest), (state.GlobalId, state.Earliest));
        Assert.Equal(new byte[] { 1, 2, 3 }, state.Coordinator.ToArray());
        Assert.Equal(since.UtcTicks / 10, state.Since.UtcTicks / 10);
        await rig.Engine.InsertCommittedAsync(other, 5); // later than it may commit
        Assert.Equal([5], await rig.ReadAsync(other));
        Task<List<long>> reader = rig.ReadAsync(table);
        Assert.False(reader.IsCompleted);
        Assert.Equal(state.Id, Assert.Single(rig.Engine.Waits).Blocker);
        if (commits)
            await rig.Engine.CommitPreparedAsync("p", earliest);
        else
            await rig.Engine.RollbackPreparedAsync("p");
        List<long> expected = commits ? [3, 10, 20] : [1, 2, 3];
        Assert.Equal(expected, await reader.WaitAsync(PreparedRig.Patience));
        Assert.Empty(rig.Engine.Prepared);
        await rig.PassAsync(Passage.Crash);
        Assert.Equal(expected, await rig.ReadAsync(table));
        Assert.Empty(rig.Engine.Prepared);
        await rig.Engine.CompactAsync(table.Id, default);
        Assert.Equal(expected, await rig.ReadAsync(table));
        await rig.Engine.InsertCommittedAsync(table, commits ? 1 : 10); // a key that is free now
        await Assert.ThrowsAsync<SqlException>(() => rig.Engine.InsertCommittedAsync(table, commits ? 10 : 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Readers_wait_until_new_snapshots_see_what_became_of_it(bool commits)
    {
        await using PreparedRig rig = new();
        TableEntry table = await rig.Engine.CreateTableAsync();
        CommitTimestamp earliest = await rig.PrepareAsync("p", transaction => transaction.InsertAsync(table, 10));
        StorageState state = rig.Engine.State;
        Assert.True(state.Prepared.TryFind("p", out PreparedTransaction? prepared));
        DecisionRequest decision = new(state, prepared, commits ? earliest : null);
        decision.Apply();
        Assert.Same(prepared, state.Store(table.Id).UndecidedAt(long.MaxValue));
        state.Snapshots.Publish(decision.Timestamp);
        decision.Published();
        Assert.Null(state.Store(table.Id).UndecidedAt(long.MaxValue));
        prepared.Transaction?.EndPrepared(commits);
        prepared.SetDecided();
        Assert.Equal(commits ? [10] : [], await rig.ReadAsync(table));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Who_wants_its_rows_and_keys_waits_for_it(Passage passage, bool commits)
    {
        await using PreparedRig rig = new();
        TableEntry table = await rig.Engine.CreateTableAsync();
        await rig.Engine.InsertCommittedAsync(table, 1, 2, 3);
        await rig.PrepareAsync("p", async transaction =>
        {
            await transaction.InsertAsync(table, 10);
            await transaction.DeleteByIdAsync(table, 1);
            await transaction.LockRowsAsync(table.Id, new[] { new RowId(await PreparedRig.RowAsync(transaction, table, 2)) },
                RowLockStrength.Share, LockWaitPolicy.Block, default);
        });
        await rig.PassAsync(passage);

        await using Transaction inserter = rig.Begin(), reuser = rig.Begin(), locker = rig.Begin(), sharer = rig.Begin();
        Task<long> insert = inserter.InsertAsync(table, 10), reuse = reuser.InsertAsync(table, 1);
        long row = (await RowsAsync(rig, table)).Single(found => found.Id == 2).RowId;
        Task<int> delete = locker.DeleteAsync(table.Id, new[] { new RowId(row) }, default).AsTask();
        Assert.True((await sharer.LockRowsAsync(table.Id, new[] { new RowId(row) }, RowLockStrength.Share, LockWaitPolicy.NoWait, default))[0]);
        Assert.False(insert.IsCompleted || reuse.IsCompleted || delete.IsCompleted);
        await sharer.RollbackAsync();
        if (commits)
            await rig.CommitAsync("p");
        else
            await rig.Engine.RollbackPreparedAsync("p");
        Assert.Equal(1, await delete.WaitAsync(PreparedRig.Patience));
        Task taken = commits ? insert : reuse, free = commits ? reuse : insert;
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => taken.WaitAsync(PreparedRig.Patience));
        Assert.Equal(SqlState.UniqueViolation, error.State);
        await free.WaitAsync(PreparedRig.Patience);
    }

    [Theory]
    [InlineData(Passage.Nothing)]
    [InlineData(Passage.Crash)]
    [InlineData(Passage.CheckpointAndCrash)]
    public async Task Keys_that_its_rows_refer_to_stay(Passage passage)
    {
        await using PreparedRig rig = new();
        TableEntry table = await rig.Engine.CreateTableAsync();
        await rig.Engine.InsertCommittedAsync(table, 1, 2);
        ColumnBatch key = new([TestDatabase.Rows((1, ""))[0]], 1);
        await rig.PrepareAsync("p", async transaction =>
            Assert.True((await transaction.HoldKeysAsync(table.Id, table.Indexes[0].Oid, key, default))[0]));
        await rig.PassAsync(passage);
        Assert.Equal([1, 2], await rig.ReadAsync(table)); // it has written nothing there

        await using Transaction deleter = rig.Begin();
        await deleter.DeleteByIdAsync(table, 1);
        Task<bool[]> claim = deleter.ClaimKeysAsync(table.Id, table.Indexes[0].Oid, key, default).AsTask();
        Assert.False(claim.IsCompleted);
        await rig.CommitAsync("p");
        Assert.True((await claim.WaitAsync(PreparedRig.Patience))[0]);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_table_that_it_has_truncated_and_one_that_it_has_made_are_its_own(Passage passage, bool commits)
    {
        await using PreparedRig rig = new();
        TableEntry table = await rig.Engine.CreateTableAsync(), made = TestDatabase.Entry(rig.Engine, "made"), dropped = await rig.Engine.CreateTableAsync("d");
        await rig.Engine.InsertCommittedAsync(table, 1, 2);
        await rig.Engine.InsertCommittedAsync(dropped, 1);
        await rig.PrepareAsync("p", async transaction =>
        {
            await transaction.TruncateAsync(table.Id, default);
            await transaction.InsertAsync(table, 2);
            transaction.Change(new PutObject(made));
            await transaction.InsertAsync(made, 7);
            await transaction.LockTableAsync(dropped.Id, TableLockMode.AccessExclusive, LockWaitPolicy.Block, default);
            transaction.Change(new DropObject(dropped.Oid));
        });
        await rig.PassAsync(passage);

        Assert.False(rig.Engine.Catalog.TryFindTable(made.Id, out _));
        Assert.True(rig.Engine.Catalog.TryFindTable(dropped.Id, out _));
        Task<List<long>> reader = rig.ReadAsync(table), other = rig.ReadAsync(dropped);
        Assert.False(reader.IsCompleted || other.IsCompleted);
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => rig.Engine.CreateTableAsync("made"));
        Assert.Equal(SqlState.UniqueViolation, error.State);
        if (commits)
            await rig.CommitAsync("p");
        else
            await rig.Engine.RollbackPreparedAsync("p");
        Assert.Equal(commits ? [2] : [1, 2], await reader.WaitAsync(PreparedRig.Patience));
        if (commits)
            Assert.Equal("42P01", (await Assert.ThrowsAsync<SqlException>(() => other.WaitAsync(PreparedRig.Patience))).State.Code);
        else
            Assert.Equal([1], await other.WaitAsync(PreparedRig.Patience));
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal(commits ? [2] : [1, 2], await rig.ReadAsync(table));
            Assert.Equal(commits, rig.Engine.Catalog.TryFindTable(made.Id, out _));
            Assert.Equal(!commits, rig.Engine.Catalog.TryFindTable(dropped.Id, out _));
            if (commits)
                Assert.Equal([7], await rig.ReadAsync(made));
            await rig.PassAsync(Passage.Crash);
        }
        if (!commits)
            await rig.Engine.CreateTableAsync("made");
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Rows_that_are_in_segments_already_neither_show_nor_get_lost(Passage passage, bool commits)
    {
        await using PreparedRig rig = new();
        TableEntry table = await rig.Engine.CreateTableAsync();
        await rig.Engine.InsertCommittedAsync(table, 1);
        await rig.PrepareAsync("p", async transaction =>
        {
            for (int batch = 1; batch <= 12; batch++)
                await transaction.InsertAsync(table.Id, TestDatabase.Rows([.. Enumerable.Range(batch * 100, 100).Select(id => ((long?)id, (string?)$"n{id}"))]), default);
            await transaction.DeleteByIdAsync(table, 150, 1299);
        });
        Assert.True(Segments(rig) > 0);
        await rig.PassAsync(passage);
        await rig.PassAsync(passage);

        await rig.Engine.CompactAsync(table.Id, default);
        Assert.Equal(1, rig.Engine.EstimateRowCount(table.Id));
        await using Transaction taker = rig.Begin();
        Task<long> insert = taker.InsertAsync(table, 500);
        Assert.False(insert.IsCompleted);
        if (commits)
            await rig.CommitAsync("p");
        else
            await rig.Engine.RollbackPreparedAsync("p");
        if (commits)
            await Assert.ThrowsAsync<SqlException>(() => insert.WaitAsync(PreparedRig.Patience));
        else
            await insert.WaitAsync(PreparedRig.Patience);
        await taker.RollbackAsync();
        int count = commits ? 1199 : 1;
        Assert.Equal(count, (await rig.ReadAsync(table)).Count);
        await rig.PassAsync(Passage.Crash);
        Assert.Equal(count, (await rig.ReadAsync(table)).Count);
        await rig.Engine.CompactAsync(table.Id, default);
        await rig.PassAsync(Passage.Crash);
        Assert.Equal(count, (await rig.ReadAsync(table)).Count);
        Assert.Equal(1, Segments(rig));
        Assert.DoesNotContain(rig.Files.ListFiles("/data/segments"), static name => name.EndsWith(".prepared", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Passage.Nothing)]
    [InlineData(Passage.Crash)]
    public async Task Nobody_waits_any_more_for_one_that_has_ended_having_changed_nothing_in_the_end(Passage passage)
    {
        await using PreparedRig rig = new();
        TableEntry table = await rig.Engine.CreateTableAsync();
        await rig.PrepareAsync("p", async transaction =>
        {
            await transaction.InsertAsync(table, 1);
            await transaction.DeleteByIdAsync(table, 1);
        });
        await rig.PassAsync(passage);
        await rig.CommitAsync("p");
        Assert.Empty(await rig.ReadAsync(table).WaitAsync(PreparedRig.Patience));
    }

    [Fact]
    public async Task It_may_commit_at_an_earlier_moment_than_commits_that_came_since()
    {
        await using PreparedRig rig = new();
        TableEntry table = await rig.Engine.CreateTableAsync();
        await rig.Engine.InsertCommittedAsync(table, 1, 2);
        await using Transaction before = rig.Engine.Begin(IsolationLevel.RepeatableRead);
        await rig.PrepareAsync("p", async transaction =>
        {
            await transaction.InsertAsync(table, 10);
            await transaction.DeleteByIdAsync(table, 1);
        });
        CommitTimestamp at = rig.Timestamps.Next();
        await rig.Engine.InsertCommittedAsync(table, 20);
        CommitTimestamp between = rig.Timestamps.Next();
        await rig.Engine.CompactAsync(table.Id, default);
        await rig.Engine.InsertCommittedAsync(table, 30);
        Assert.Equal([1, 2], await PreparedRig.ReadAsync(before, table)); // begun before it was prepared: does not wait
        Task<Transaction> begin = rig.Engine.BeginAsync(between).AsTask();
        await using Transaction reader = await begin;
        Task wait = reader.LockTableAsync(table.Id, TableLockMode.AccessShare, LockWaitPolicy.Block, default).AsTask();
        Assert.False(wait.IsCompleted);
        Assert.Throws<SqlException>(() => reader.Read(table.Id));
        await rig.Engine.CommitPreparedAsync("p", at);
        await wait.WaitAsync(PreparedRig.Patience);
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal([2, 10, 20], reader.Ids(table));
            Assert.Equal([1, 2], await PreparedRig.ReadAsync(before, table));
            Assert.Equal([2, 10, 20, 30], await rig.ReadAsync(table));
            await using Transaction exact = await rig.Engine.BeginAsync(at);
            Assert.Equal([2, 10], exact.Ids(table));
            await rig.Engine.CompactAsync(table.Id, default);
        }
        await reader.RollbackAsync();
        await before.RollbackAsync();
        await rig.PassAsync(Passage.Crash);
        await using Transaction again = await rig.Engine.BeginAsync(at);
        Assert.Equal([2, 10], again.Ids(table));
        Assert.Equal([2, 10, 20, 30], await rig.ReadAsync(table));
    }

    [Fact]
    public async Task A_wait_for_an_outcome_ends_by_cancellation_and_by_a_lock_timeout()
    {
        await using PreparedRig rig = new();
        TableEntry table = await rig.Engine.CreateTableAsync();
        await rig.PrepareAsync("p", transaction => transaction.InsertAsync(table, 1));
        await rig.Engine.CreateTableAsync("u");
        using CancellationTokenSource source = new();
        Task<List<long>> cancelled = rig.ReadAsync(table, cancellation: source.Token);
        Task<List<long>> late = rig.ReadAsync(table, () => TimeSpan.FromSeconds(1));
        Assert.False(cancelled.IsCompleted || late.IsCompleted);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => late.WaitAsync(PreparedRig.Patience));
        Assert.Equal("canceling statement due to lock timeout", error.Message);
    }

    [Fact]
    public async Task Ids_are_used_once_and_must_be_known()
    {
        await using PreparedRig rig = new();
        TableEntry table = await rig.Engine.CreateTableAsync();
        await rig.PrepareAsync("p", transaction => transaction.InsertAsync(table, 1));
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => rig.PrepareAsync("p", transaction => transaction.InsertAsync(table, 2)));
        Assert.Equal(("42710", "transaction identifier \"p\" is already in use"), (error.State.Code, error.Message));
        error = await Assert.ThrowsAsync<SqlException>(() => rig.PrepareAsync(new string('x', 201), transaction => transaction.InsertAsync(table, 2)));
        Assert.Equal("22023", error.State.Code);
        error = await Assert.ThrowsAsync<SqlException>(async () => await rig.CommitAsync("q"));
        Assert.Equal(("42704", "prepared transaction with identifier \"q\" does not exist"), (error.State.Code, error.Message));
        await Assert.ThrowsAsync<InvariantException>(async () => await rig.Engine.CommitPreparedAsync("p", new CommitTimestamp(1)));
        await rig.CommitAsync("p");
        await Assert.ThrowsAsync<SqlException>(async () => await rig.Engine.RollbackPreparedAsync("p"));
        await rig.PrepareAsync("p", transaction => transaction.InsertAsync(table, 2));
        await rig.Engine.RollbackPreparedAsync("p");
        Assert.Equal([1], await rig.ReadAsync(table));
    }

    [Fact]
    public async Task A_prepared_transaction_does_nothing_any_more()
    {
        await using PreparedRig rig = new();
        TableEntry table = await rig.Engine.CreateTableAsync();
        await using Transaction transaction = rig.Begin();
        await transaction.InsertAsync(table, 1);
        await transaction.PrepareAsync("p", default, default);
        await Assert.ThrowsAsync<InvariantException>(() => transaction.InsertAsync(table, 2));
        Assert.Throws<InvariantException>(() => transaction.Read(table.Id));
        await Assert.ThrowsAsync<InvariantException>(async () => await transaction.CommitAsync(true, default));
        await transaction.RollbackAsync(); // as a session does that ends
        await rig.CommitAsync("p");
        Assert.Equal([1], await rig.ReadAsync(table));
    }

    [Fact]
    public async Task Temporary_tables_commit_with_the_rest()
    {
        await using PreparedRig rig = new();
        TableEntry kept = await rig.Engine.CreateTableAsync(), passing = TestDatabase.Entry(rig.Engine, "temp") with { IsTemporary = true };
        await rig.PrepareAsync("p", async transaction =>
        {
            transaction.Change(new PutObject(passing));
            await transaction.InsertAsync(passing.Id, TestDatabase.Rows((7, "x")), default);
            await transaction.InsertAsync(kept.Id, TestDatabase.Rows((8, "y")), default);
        });
        Assert.Single(rig.Engine.Prepared);
        await rig.CommitAsync("p");
        Assert.Equal([7], await rig.ReadAsync(passing));
        Assert.Equal([8], await rig.ReadAsync(kept));
    }

    [Fact]
    public async Task A_full_disk_rolls_back_what_is_to_be_prepared_and_leaves_what_is_to_be_decided()
    {
        await using PreparedRig rig = new();
        TableEntry table = await rig.Engine.CreateTableAsync();
        await rig.PrepareAsync("p", transaction => transaction.InsertAsync(table, 1));
        rig.Files.Change(new FaultPlan { ShortWrites = 1 });
        await Assert.ThrowsAsync<SqlException>(() => rig.PrepareAsync("q", transaction => transaction.InsertAsync(table, 2)));
        await Assert.ThrowsAsync<SqlException>(async () => await rig.CommitAsync("p"));
        rig.Files.Change(new FaultPlan());
        Assert.Equal("p", Assert.Single(rig.Engine.Prepared).GlobalId);
        await rig.PrepareAsync("q", transaction => transaction.InsertAsync(table, 2));
        await rig.CommitAsync("q");
        await rig.CommitAsync("p");
        Assert.Equal([1, 2], await rig.ReadAsync(table));
    }

    [Theory]
    [InlineData(Passage.Nothing)]
    [InlineData(Passage.Crash)]
    public async Task A_sequence_that_it_has_restarted_goes_on_where_it_was_when_it_is_rolled_back(Passage passage)
    {
        await using PreparedRig rig = new();
        TableEntry table = await rig.Engine.CreateTableAsync();
        SequenceEntry sequence = new(rig.Engine.NextOid(), CatalogSnapshot.PublicOid, "s");
        await using (Transaction maker = rig.Begin())
        {
            maker.Change(new PutObject(sequence));
            await maker.CommitAsync(true, default);
        }
        rig.Engine.SetSequenceValue(sequence, 70, isCalled: true);
        await rig.PrepareAsync("p", async transaction =>
        {
            transaction.RestartSequence(sequence, 1);
            await transaction.InsertAsync(table, 1);
        });
        await rig.PassAsync(passage);
        await rig.Engine.RollbackPreparedAsync("p");
        Assert.Equal(71, rig.Engine.TakeSequenceValues(sequence, 1).First);
    }

    private static async Task<List<(long Id, string? Name, long RowId)>> RowsAsync(PreparedRig rig, TableEntry table)
    {
        await using Transaction reader = await rig.Engine.BeginAsync(new CommitTimestamp(Assert.Single(rig.Engine.Prepared).Earliest.Value - 1));
        return reader.Scan(table);
    }

    private static int Segments(PreparedRig rig) =>
        rig.Files.ListFiles("/data/segments").Count(static name => name.EndsWith(".arrow", StringComparison.Ordinal));
}
