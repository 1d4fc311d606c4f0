using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Core.Threads;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Log;

public sealed class CommitQueueTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Commits_that_come_while_one_is_being_written_share_its_successors_flush_and_keep_their_order()
    {
        FaultyFileSystem files = new();
        TestTimestamps timestamps = new();
        await using StorageEngine engine = Open(files, timestamps);
        TableEntry table = await engine.CreateTableAsync();
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        timestamps.Delay = gate.Task;
        Transaction[] transactions = [.. Enumerable.Range(0, 20).Select(_ =>
            engine.Begin(IsolationLevel.ReadCommitted))];
        for (int i = 0; i < transactions.Length; i++)
            await transactions[i].InsertAsync(table, i);
        Task<CommitTimestamp> first = transactions[0].CommitAsync(true, default).AsTask();
        long calls = files.CallCount;
        Task<CommitTimestamp>[] others = [.. transactions.Skip(1).Select(transaction =>
            transaction.CommitAsync(true, default).AsTask())];
        Assert.Equal(calls, files.CallCount);
        Assert.Empty(await engine.IdsAsync(table));
        gate.SetResult();
        CommitTimestamp before = await first.WaitAsync(Patience);
        foreach (Task<CommitTimestamp> other in others)
        {
            CommitTimestamp timestamp = await other.WaitAsync(Patience);
            Assert.True(before < timestamp);
            before = timestamp;
        }
        Assert.Equal(4, files.CallCount - calls); // a write and a flush for one, a write and a flush for nineteen
        Assert.Equal(20, (await engine.IdsAsync(table)).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_thread_that_has_others_to_serve_waits_for_no_disk(bool hasOthers)
    {
        WritingThreads timestamps = new();
        await using StorageEngine engine = Open(new FaultyFileSystem(), timestamps);
        TableEntry table = await engine.CreateTableAsync();
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        await writer.InsertAsync(table, 1);
        timestamps.Last = null;
        (Thread caller, Task<CommitTimestamp> commit) = Sessions.Run(hasOthers, () => writer.CommitAsync(true, default).AsTask());
        await commit.WaitAsync(Patience);
        Assert.NotNull(timestamps.Last);
        Assert.Equal(hasOthers, timestamps.Last != caller);
        Assert.Equal([1], await engine.IdsAsync(table));
    }

    [Fact]
    public async Task A_relaxed_commit_is_visible_at_once_and_durable_after_the_next_round_of_background_work()
    {
        FaultyFileSystem files = new();
        StorageEngine engine = Open(files);
        TableEntry table = await engine.CreateTableAsync();
        foreach (long id in new long[] { 1, 2 })
        {
            await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
            await writer.InsertAsync(table, id);
            await writer.CommitAsync(isDurable: false, default);
            Assert.Contains(id, await engine.IdsAsync(table));
            if (id == 1)
                await engine.State.Maintenance.RunOnceAsync(default);
        }
        files.CrashAndRestart();
        await using StorageEngine again = Open(files);
        Assert.Equal([1], await again.IdsAsync(table));
    }

    [Fact]
    public async Task Sequence_values_that_were_committed_are_not_given_out_again_after_a_crash()
    {
        FaultyFileSystem files = new();
        StorageEngine engine = Open(files);
        TableEntry table = await engine.CreateTableAsync();
        SequenceEntry sequence = new(20_000, 2200, "s"), bounded = new(20_001, 2200, "b") { MaxValue = 2 };
        for (int i = 1; i <= 50; i++)
        {
            Assert.Equal(i, engine.TakeSequenceValues(sequence, 1).First);
            await engine.InsertCommittedAsync(table, i);
        }
        engine.SetSequenceValue(bounded, 2, isCalled: false);
        Assert.Equal(2, engine.TakeSequenceValues(bounded, 1).First);
        SqlException error = Assert.Throws<SqlException>(() => engine.TakeSequenceValues(bounded, 1).First);
        Assert.Equal("2200H", error.State.Code);
        Assert.Equal("nextval: reached maximum value of sequence \"b\" (2)", error.Message);
        await using (Transaction reader = engine.Begin(IsolationLevel.ReadCommitted))
            await reader.CommitAsync(true, default); // nextval without a write: its commit logs the position
        files.CrashAndRestart();
        await using StorageEngine again = Open(files);
        Assert.InRange(again.TakeSequenceValues(sequence, 1).First, 51, 51 + 33);
        Assert.Throws<SqlException>(() => again.TakeSequenceValues(bounded, 1).First);
    }

    private static StorageEngine Open(FaultyFileSystem files, ITimestampSource? timestamps = null) =>
        StorageEngine.Open(new StorageOptions
    {
        Directory = "/data",
        Files = files,
        Timestamps = timestamps,
        RunsBackgroundWork = false,
    });

    /// <summary>Tells which thread has written the last commit.</summary>
    private sealed class WritingThreads : ITimestampSource
    {
        internal Thread? Last { get; set; }

        public ValueTask<long> NextAsync(long after, int count)
        {
            Last = Thread.CurrentThread;
            return new ValueTask<long>(after + 1);
        }
    }

    private sealed class Sessions(bool hasOthers) : SessionThreads
    {
        public override bool HasOthers => hasOthers;

        public override void Post(Action action) => ThreadPool.QueueUserWorkItem(static action => action(), action, preferLocal: false);

        /// <summary>Begins something on a thread of its own, and tells which it was.</summary>
        public static (Thread Thread, T Begun) Run<T>(bool hasOthers, Func<T> begin)
        {
            T? begun = default;
            Thread thread = new(() =>
            {
                Current = new Sessions(hasOthers);
                begun = begin();
            });
            thread.Start();
            thread.Join();
            return (thread, begun ?? throw new InvalidOperationException("not begun"));
        }
    }
}
