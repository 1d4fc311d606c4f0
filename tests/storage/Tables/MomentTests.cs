using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Kit;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Files;

namespace VecSQL.Storage.Tests.Tables;

/// <summary>Reads as of a moment, and the timestamps that commits get.</summary>
public sealed class MomentTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Hour = TimeSpan.FromHours(1);

    private readonly FaultyFileSystem _files = new();
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Rows_are_read_as_they_were_at_a_time_for_as_long_as_history_is_kept()
    {
        await using StorageEngine engine = Open(Hour);
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2);
        DateTimeOffset before = Tick();
        await engine.DeleteCommittedAsync(table, 1);
        await engine.InsertCommittedAsync(table, 3);
        DateTimeOffset after = Tick();
        await engine.InsertCommittedAsync(table, 4);
        for (int round = 0; round < 2; round++)
        {
            Assert.Equal([1, 2], await IdsAsync(engine, table, before));
            Assert.Equal([2, 3], await IdsAsync(engine, table, after));
            await using (Transaction reader = await engine.BeginAsync(CommitTimestamp.At(before)))
                Assert.Equal(["n1", null], reader.Lookup(table, 1, 3));
            await engine.CompactAsync(table.Id, default);
        }
        _time.Advance(2 * Hour);
        await engine.CompactAsync(table.Id, default);
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => IdsAsync(engine, table, after));
        Assert.Equal("72000", error.State.Code);
        Assert.Equal("snapshot too old", error.Message);
        Assert.Equal([2, 3, 4], await IdsAsync(engine, table, _time.GetUtcNow()));
    }

    [Fact]
    public async Task What_was_dropped_before_a_start_is_not_taken_for_history_after_it()
    {
        DateTimeOffset before;
        await using (StorageEngine engine = Open(TimeSpan.Zero))
        {
            TableEntry table = await engine.CreateTableAsync();
            await engine.InsertCommittedAsync(table, 1);
            before = Tick();
            await engine.DeleteCommittedAsync(table, 1);
            await engine.CompactAsync(table.Id, default);
        }
        await using StorageEngine again = Open(Hour);
        SqlException error = await Assert.ThrowsAsync<SqlException>(async () => await again.BeginAsync(CommitTimestamp.At(before)));
        Assert.Equal("72000", error.State.Code);
    }

    [Fact]
    public async Task A_table_that_was_truncated_is_not_read_as_of_an_earlier_time()
    {
        StorageEngine engine = Open(Hour);
        TableEntry table = await engine.CreateTableAsync(), other = await engine.CreateTableAsync("u");
        await engine.InsertCommittedAsync(table, 1);
        await engine.InsertCommittedAsync(other, 1);
        DateTimeOffset before = Tick();
        await using (Transaction writer = engine.Begin(IsolationLevel.ReadCommitted))
        {
            await writer.TruncateAsync(table.Id, default);
            await writer.CommitAsync(isDurable: true, default);
        }
        for (int round = 0; round < 2; round++)
        {
            SqlException error = await Assert.ThrowsAsync<SqlException>(() => IdsAsync(engine, table, before));
            Assert.Equal("72000", error.State.Code);
            Assert.Equal([1], await IdsAsync(engine, other, before));
            Assert.Empty(await IdsAsync(engine, table, Tick()));
            await engine.DisposeAsync();
            engine = Open(Hour);
        }
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_snapshot_waits_for_commits_that_began_at_its_moment_or_before()
    {
        TestTimestamps timestamps = new();
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        WatchedFileSystem files = new(_files);
        await using StorageEngine engine = Open(Hour, timestamps, files);
        TableEntry table = await engine.CreateTableAsync();
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        await writer.InsertAsync(table, 1);
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        files.BeforeFlush = path =>
        {
            begun.TrySetResult();
            gate.Task.Wait();
        };
        Task<CommitTimestamp> commit = Task.Run(() => writer.CommitAsync(isDurable: true, default).AsTask());
        await begun.Task.WaitAsync(Patience);
        Task<Transaction> reader = engine.BeginAsync(timestamps.Next()).AsTask();
        using CancellationTokenSource source = new();
        Task<Transaction> cancelled = engine.BeginAsync(timestamps.Next(), cancellation: source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(reader.IsCompleted);
        gate.SetResult();
        await using Transaction sees = await reader.WaitAsync(Patience);
        Assert.Equal([1], sees.Ids(table));
        await commit;
    }

    [Fact]
    public async Task No_commit_gets_a_timestamp_at_or_below_that_of_a_snapshot_which_was_served_though_its_source_gave_one()
    {
        TestTimestamps timestamps = new();
        await using StorageEngine engine = Open(Hour, timestamps);
        TableEntry table = await engine.CreateTableAsync();
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        await writer.InsertAsync(table, 1);
        TaskCompletionSource handOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
        timestamps.Delay = handOver.Task;
        Task<CommitTimestamp> commit = writer.CommitAsync(isDurable: true, default).AsTask();
        CommitTimestamp moment = timestamps.Next();
        await using Transaction reader = await engine.BeginAsync(moment);
        Assert.Empty(reader.Ids(table));
        handOver.SetResult();
        Assert.True(await commit.WaitAsync(Patience) > moment);
        Assert.Empty(reader.Ids(table));
        reader.BeginStatement();
        Assert.Empty(reader.Ids(table));
        await reader.BeginStatementAsync(timestamps.Next(), default);
        Assert.Equal([1], reader.Ids(table));
    }

    [Fact]
    public async Task A_commit_whose_timestamp_cannot_be_had_fails_alone()
    {
        TestTimestamps timestamps = new();
        await using StorageEngine engine = Open(Hour, timestamps);
        TableEntry table = await engine.CreateTableAsync();
        timestamps.Delay = Task.FromException(new SqlException(SqlState.CannotConnectNow, "no timestamp"));
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => engine.InsertCommittedAsync(table, 1));
        Assert.Equal("no timestamp", error.Message);
        await engine.InsertCommittedAsync(table, 2);
        Assert.Equal([2], await engine.IdsAsync(table));
    }

    [Fact]
    public async Task Timestamps_follow_the_clock_and_never_go_back()
    {
        await using StorageEngine engine = Open(TimeSpan.Zero);
        TableEntry table = await engine.CreateTableAsync();
        CommitTimestamp last = await CommitAsync(engine, table, 1);
        _time.Advance(Hour);
        CommitTimestamp later = await CommitAsync(engine, table, 2);
        Assert.Equal(CommitTimestamp.At(_time.GetUtcNow()), later);
        Assert.Equal(_time.GetUtcNow().UtcTicks / 10, later.Time.UtcTicks / 10);
        Assert.True(last < later);
        _time.Advance(-Hour);
        Assert.Equal(new CommitTimestamp(later.Value + 1), await CommitAsync(engine, table, 3));
    }

    private static async Task<CommitTimestamp> CommitAsync(StorageEngine engine, TableEntry table, long id)
    {
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        await writer.InsertAsync(table, id);
        return await writer.CommitAsync(isDurable: true, default);
    }

    private static async Task<List<long>> IdsAsync(StorageEngine engine, TableEntry table, DateTimeOffset at)
    {
        await using Transaction reader = await engine.BeginAsync(CommitTimestamp.At(at));
        return reader.Ids(table);
    }

    /// <summary>A time after what was done and before what is done next.</summary>
    private DateTimeOffset Tick()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        DateTimeOffset now = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(1));
        return now;
    }

    private StorageEngine Open(TimeSpan kept, TestTimestamps? timestamps = null, IFileSystem? files = null) =>
        StorageEngine.Open(new StorageOptions
        {
            Directory = "/data",
            Files = files ?? _files,
            RunsBackgroundWork = false,
            HistoryKept = kept,
            Time = _time,
            Timestamps = timestamps,
        });
}
