using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Locking;

public sealed class ConcurrencyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task An_insert_of_a_key_waits_for_the_transaction_that_is_inserting_it()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        foreach (bool commits in new[] { false, true })
        {
            await using Transaction first = engine.Begin(IsolationLevel.ReadCommitted);
            await using Transaction second = engine.Begin(IsolationLevel.ReadCommitted);
            await first.InsertAsync(table, 1);
            Task<long> waiting = second.InsertAsync(table, 1);
            Assert.False(waiting.IsCompleted);
            if (!commits)
            {
                await first.RollbackAsync();
                await waiting.WaitAsync(Patience);
                continue;
            }
            await first.CommitAsync(true, default);
            SqlException error = await Assert.ThrowsAsync<SqlException>(() => waiting.WaitAsync(Patience));
            Assert.Equal(SqlState.UniqueViolation, error.State);
        }
    }

    [Fact]
    public async Task An_insert_of_a_key_waits_for_the_transaction_that_is_deleting_it()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        foreach (bool inSegment in new[] { false, true })
        {
            await engine.InsertCommittedAsync(table, 1);
            if (inSegment)
                await engine.CheckpointAsync(default);
            await using Transaction first = engine.Begin(IsolationLevel.ReadCommitted);
            await using Transaction second = engine.Begin(IsolationLevel.ReadCommitted);
            await first.DeleteByIdAsync(table, 1);
            Task<long> waiting = second.InsertAsync(table, 1);
            Assert.False(waiting.IsCompleted);
            await first.CommitAsync(true, default);
            await waiting.WaitAsync(Patience);
            await second.RollbackAsync();
        }
    }

    [Fact]
    public async Task A_second_change_of_a_row_waits_and_then_conflicts_or_goes_on()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2);
        await using (Transaction first = engine.Begin(IsolationLevel.ReadCommitted))
        await using (Transaction second = engine.Begin(IsolationLevel.ReadCommitted))
        {
            await first.DeleteByIdAsync(table, 1);
            Task<int> waiting = second.DeleteByIdAsync(table, 1);
            Assert.False(waiting.IsCompleted);
            await first.RollbackAsync();
            Assert.Equal(1, await waiting.WaitAsync(Patience));
        }
        await using (Transaction first = engine.Begin(IsolationLevel.ReadCommitted))
        await using (Transaction second = engine.Begin(IsolationLevel.ReadCommitted))
        {
            await first.UpdateByIdAsync(table, 1, 1, "first");
            Task waiting = second.UpdateByIdAsync(table, 1, 1, "second");
            await first.CommitAsync(true, default);
            WriteConflictException error = await Assert.ThrowsAsync<WriteConflictException>(() =>
                waiting.WaitAsync(Patience));
            Assert.Equal("could not serialize access due to concurrent update", error.Message);
        }
    }

    [Fact]
    public async Task A_change_that_notes_conflicts_stops_at_one_and_throws_nothing()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2);
        await using Transaction first = engine.Begin(IsolationLevel.ReadCommitted);
        await using Transaction second = engine.Begin(IsolationLevel.ReadCommitted);
        await first.UpdateByIdAsync(table, 1, 1, "first");
        second.NotesConflicts = true;
        int savepoint = second.Savepoint();
        Task waiting = second.UpdateByIdAsync(table, 1, 1, "second");
        await first.CommitAsync(true, default);
        await waiting.WaitAsync(Patience);
        Assert.True(second.HasConflict);
        Assert.True(second.TakeConflict());
        Assert.False(second.TakeConflict());
        second.RollbackTo(savepoint);
        second.BeginStatement();
        await second.UpdateByIdAsync(table, 1, 1, "second");
        Assert.False(second.HasConflict);
        await second.CommitAsync(true, default);
    }

    [Fact]
    public async Task A_rollback_to_a_savepoint_lets_waiters_go_on()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await using Transaction first = engine.Begin(IsolationLevel.ReadCommitted);
        await using Transaction second = engine.Begin(IsolationLevel.ReadCommitted);
        int savepoint = first.Savepoint();
        await first.InsertAsync(table, 1);
        Task<long> waiting = second.InsertAsync(table, 1);
        Assert.False(waiting.IsCompleted);
        first.RollbackTo(savepoint);
        await waiting.WaitAsync(Patience);
    }

    [Fact]
    public async Task The_transaction_that_closes_a_circle_is_told_of_a_deadlock()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2);
        await using Transaction first = engine.Begin(IsolationLevel.ReadCommitted);
        await using Transaction second = engine.Begin(IsolationLevel.ReadCommitted);
        await first.DeleteByIdAsync(table, 1);
        await second.LockTableAsync(table.Id, TableLockMode.Share, LockWaitPolicy.Block, default);
        Task waiting = first.LockTableAsync(table.Id, TableLockMode.RowExclusive, LockWaitPolicy.Block,
            default).AsTask();
        Assert.False(waiting.IsCompleted);
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => second.DeleteByIdAsync(table, 1));
        Assert.Equal(SqlState.DeadlockDetected, error.State);
        Assert.Equal("deadlock detected", error.Message);
        Assert.Contains("waits for ShareLock on transaction", error.Detail, StringComparison.Ordinal);
        Assert.Contains("waits for RowExclusiveLock on relation", error.Detail, StringComparison.Ordinal);
        await second.RollbackAsync();
        await waiting.WaitAsync(Patience);
    }

    [Fact]
    public async Task Row_locks_wait_fail_or_skip_as_asked()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2);
        await using Transaction first = engine.Begin(IsolationLevel.ReadCommitted);
        await using Transaction second = engine.Begin(IsolationLevel.ReadCommitted);
        RowId[] rows = [.. first.Scan(table).Select(row => new RowId(row.RowId))];
        await first.LockRowsAsync(table.Id, rows.AsMemory(0, 1), RowLockStrength.Share, LockWaitPolicy.Block, default);
        bool[] locked = await second.LockRowsAsync(table.Id, rows, RowLockStrength.Share, LockWaitPolicy.NoWait,
            default);
        Assert.True(locked is [true, true]);
        locked = await second.LockRowsAsync(table.Id, rows, RowLockStrength.Update, LockWaitPolicy.SkipLocked, default);
        Assert.True(locked is [false, true]);
        SqlException error = await Assert.ThrowsAsync<SqlException>(() =>
            second.LockRowsAsync(table.Id, rows, RowLockStrength.Update, LockWaitPolicy.NoWait, default).AsTask());
        Assert.Equal(SqlState.LockNotAvailable, error.State);
        Assert.Equal("could not obtain lock on row in relation \"t\"", error.Message);
        Task<bool[]> waiting = second.LockRowsAsync(table.Id, rows, RowLockStrength.Update, LockWaitPolicy.Block,
            default).AsTask();
        Assert.False(waiting.IsCompleted);
        await first.RollbackAsync();
        Assert.True(await waiting.WaitAsync(Patience) is [true, true]);
    }

    [Theory]
    // Source: the table of conflicts in PostgreSQL's manual, "Table-Level Locks".
    [InlineData(TableLockMode.AccessShare, "X")]
    [InlineData(TableLockMode.RowShare, "EX")]
    [InlineData(TableLockMode.RowExclusive, "SREX")]
    [InlineData(TableLockMode.ShareUpdateExclusive, "USREX")]
    [InlineData(TableLockMode.Share, "rUREX")]
    [InlineData(TableLockMode.ShareRowExclusive, "rUSREX")]
    [InlineData(TableLockMode.Exclusive, "srUSREX")]
    [InlineData(TableLockMode.AccessExclusive, "asrUSREX")]
    public async Task Table_locks_conflict_as_in_PostgreSQL(TableLockMode held, string conflicts)
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await using Transaction holder = engine.Begin(IsolationLevel.ReadCommitted);
        await holder.LockTableAsync(table.Id, held, LockWaitPolicy.Block, default);
        const string Letters = "asrUSREX";
        for (int mode = 0; mode < Letters.Length; mode++)
        {
            await using Transaction other = engine.Begin(IsolationLevel.ReadCommitted);
            Task attempt = other.LockTableAsync(table.Id, (TableLockMode)mode, LockWaitPolicy.NoWait, default).AsTask();
            if (conflicts.Contains(Letters[mode], StringComparison.Ordinal))
                Assert.Equal("could not obtain lock on relation \"t\"", (await Assert.ThrowsAsync<SqlException>(() =>
                    attempt)).Message);
            else
                await attempt;
        }
    }

    [Fact]
    public async Task A_waiting_strong_table_lock_is_not_overtaken_and_can_be_cancelled()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await using Transaction reader = engine.Begin(IsolationLevel.ReadCommitted);
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        await using Transaction late = engine.Begin(IsolationLevel.ReadCommitted);
        await reader.LockTableAsync(table.Id, TableLockMode.AccessShare, LockWaitPolicy.Block, default);
        using CancellationTokenSource cancel = new();
        Task strong = writer.LockTableAsync(table.Id, TableLockMode.AccessExclusive, LockWaitPolicy.Block,
            cancel.Token).AsTask();
        Task weak = late.LockTableAsync(table.Id, TableLockMode.AccessShare, LockWaitPolicy.Block, default).AsTask();
        Assert.False(strong.IsCompleted || weak.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => strong.WaitAsync(Patience));
        await weak.WaitAsync(Patience);
    }

    [Fact]
    public async Task ON_CONFLICT_reports_the_row_in_the_way()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1);
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        long existing = writer.Scan(table)[0].RowId;
        InsertOutcome[] outcomes = await writer.TryInsertAsync(
            table.Id, TestDatabase.Rows((1, "a"), (2, "b"), (2, "c"), (3, "d")), [], default);
        Assert.Equal([false, true, false, true], outcomes.Select(outcome => outcome.IsInserted));
        Assert.Equal(new RowId(existing), outcomes[0].Row);
        Assert.Equal(outcomes[1].Row, outcomes[2].Row);
        Assert.Equal([false, false, true, false], outcomes.Select(outcome => outcome.IsOwnStatement));
        Assert.Equal([1, 2, 3], writer.Ids(table));
        writer.BeginStatement();
        Assert.False((await writer.TryInsertAsync(table.Id, TestDatabase.Rows((2, "e")), [],
            default))[0].IsOwnStatement);
        Assert.Equal(2, (await writer.FetchAsync(table.Id, new[] { outcomes[0].Row, outcomes[3].Row }, default)).RowCount);
    }

    [Fact]
    public async Task Two_tables_of_one_name_cannot_both_be_committed()
    {
        await using StorageEngine engine = TestDatabase.Open();
        await using Transaction first = engine.Begin(IsolationLevel.ReadCommitted);
        await using Transaction second = engine.Begin(IsolationLevel.ReadCommitted);
        first.Change(new PutObject(TestDatabase.Entry(engine)));
        second.Change(new PutObject(TestDatabase.Entry(engine)));
        await first.CommitAsync(true, default);
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => second.CommitAsync(true, default).AsTask());
        Assert.Equal("duplicate key value violates unique constraint \"pg_class_relname_nsp_index\"", error.Message);
        Assert.Equal("Key (relname, relnamespace)=(t, 2200) already exists.", error.Detail);
    }

    [Fact]
    public async Task No_update_is_lost_between_threads_while_segments_are_flushed_and_merged()
    {
        const int Accounts = 20, Transfers = 150, Writers = 6;
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await using (Transaction writer = engine.Begin(IsolationLevel.ReadCommitted))
        {
            await writer.InsertAsync(table.Id, TestDatabase.Rows([.. Enumerable.Range(0, Accounts).Select(id =>
                ((long?)id, (string?)"100"))]), default);
            await writer.CommitAsync(true, default);
        }
        using CancellationTokenSource stop = new();
        Task maintenance = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await engine.CompactAsync(table.Id, default);
        });
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
            TransferAsync(engine, table, writer, Transfers, Accounts))));
        await stop.CancelAsync();
        await maintenance;
        await using Transaction reader = engine.Begin(IsolationLevel.ReadCommitted);
        List<(long Id, string? Name, long RowId)> rows = reader.Scan(table);
        Assert.Equal(Enumerable.Range(0, Accounts).Select(id => (long)id), rows.Select(row => row.Id));
        Assert.Equal(Accounts * 100, rows.Sum(row => int.Parse(row.Name!)));
    }

    private static async Task TransferAsync(StorageEngine engine, TableEntry table, int seed, int count, int accounts)
    {
        Random random = new(seed);
        for (int done = 0; done < count;)
        {
            await using Transaction transaction = engine.Begin(IsolationLevel.RepeatableRead);
            try
            {
                int from = random.Next(accounts), to = (from + 1 + random.Next(accounts - 1)) % accounts,
                    amount = random.Next(10);
                List<(long Id, string? Name, long RowId)> rows = transaction.Scan(table);
                Assert.Equal(accounts * 100, rows.Sum(row => int.Parse(row.Name!)));
                Assert.Equal(rows[from].Name, transaction.Lookup(table, from)[0]);
                await transaction.UpdateByIdAsync(table, from, from, $"{int.Parse(rows[from].Name!) - amount}");
                await transaction.UpdateByIdAsync(table, to, to, $"{int.Parse(rows[to].Name!) + amount}");
                await transaction.CommitAsync(isDurable: random.Next(2) == 0, default);
                done++;
            }
            catch (WriteConflictException)
            {
            }
            catch (SqlException error) when (error.State == SqlState.DeadlockDetected)
            {
            }
        }
    }
}
