using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Log;

/// <summary>
/// The machine stops at every single write, flush, rename and deletion of a workload that does everything once.
/// </summary>
public sealed class CrashTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public async Task Acknowledged_commits_are_whole_and_others_absent_wherever_the_machine_stops(double keepUnflushed)
    {
        FaultyFileSystem counting = new();
        Workload whole = new(counting);
        await whole.RunAsync();
        Assert.True(counting.CallCount > 100, "the workload touches the disk often");
        for (long call = 0; call < counting.CallCount; call++)
        {
            FaultyFileSystem files = new(new FaultPlan { Seed = (int)call + 1, CrashAtCall = call });
            Workload workload = new(files);
            await Assert.ThrowsAnyAsync<Exception>(workload.RunAsync);
            Assert.True(files.HasCrashed);
            files.CrashAndRestart(keepUnflushed);
            await workload.CheckAsync(call);
        }
    }

    private sealed class Workload(FaultyFileSystem files)
    {
        /// <summary>What may be found: the state after the last durable step, and each later one.</summary>
        private List<long[]> _allowed = [[]];
        private TableEntry? _table;
        private bool _hasTable;

        internal async Task RunAsync()
        {
            StorageEngine engine = Open(files);
            _table = TestDatabase.Entry(engine);
            await StepAsync(engine, isDurable: true, t =>
                { t.Change(new PutObject(_table)); return Task.CompletedTask; }, []);
            _hasTable = true;
            await StepAsync(engine, true, t => InsertAsync(t, 1, 2, 3), [1, 2, 3]);
            await StepAsync(engine, true, t => t.DeleteByIdAsync(_table, 2), [1, 3]);
            await engine.CheckpointAsync(default);
            await StepAsync(engine, true, t => InsertAsync(t, [.. Enumerable.Range(100, 200).Select(id => (long)id)]),
                [1, 3, .. Enumerable.Range(100, 200).Select(id => (long)id)]);
            await StepAsync(engine, true, t =>
                t.DeleteByIdAsync(_table, [1, .. Enumerable.Range(110, 190).Select(id => (long)id)]),
                [3, .. Enumerable.Range(100, 10).Select(id => (long)id)]);
            await engine.CompactAsync(_table.Id, default);
            await StepAsync(engine, isDurable: false, t =>
                InsertAsync(t, 4), [3, 4, .. Enumerable.Range(100, 10).Select(id => (long)id)]);
            await StepAsync(engine, isDurable: false, t =>
                t.DeleteByIdAsync(_table, 3), [4, .. Enumerable.Range(100, 10).Select(id => (long)id)]);
            await engine.CheckpointAsync(default);
            _allowed = [_allowed[^1]];
            await StepAsync(engine, true, async t =>
            {
                await t.TruncateAsync(_table.Id, default);
                await InsertAsync(t, 7, 8);
            }, [7, 8]);
            await StepAsync(engine, true, t => t.UpdateByIdAsync(_table, 8, 9, "nine"), [7, 9]);
            await engine.CompactAsync(_table.Id, default);
            await StepAsync(engine, true, t => InsertAsync(t, 10), [7, 9, 10]);
            await engine.DisposeAsync();
        }

        internal async Task CheckAsync(long call)
        {
            long[] found;
            await using (StorageEngine engine = Open(files))
            {
                bool isThere = _table is not null && engine.Catalog.TryFindTable(_table.Id, out _);
                Assert.True(isThere || !_hasTable, $"the table is gone after a stop at call {call}");
                if (!isThere)
                    return;
                found = [.. await engine.IdsAsync(_table!)];
                Assert.True(_allowed.Any(state => state.SequenceEqual(found)),
                    $"after a stop at call {call} there is {string.Join(',', found)}");
                await engine.InsertCommittedAsync(_table!, 5000);
                await engine.CompactAsync(_table!.Id, default);
            }
            await using StorageEngine again = Open(files);
            Assert.Equal([.. found, 5000], await again.IdsAsync(_table));
        }

        private async Task StepAsync(StorageEngine engine, bool isDurable, Func<Transaction, Task> act, long[] after)
        {
            await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
            await act(transaction);
            _allowed.Add(after);
            await transaction.CommitAsync(isDurable, default);
            if (isDurable)
                _allowed = [after];
        }

        private async Task InsertAsync(Transaction transaction, params long[] ids) => await transaction.InsertAsync(
            _table!.Id, TestDatabase.Rows([.. ids.Select(id => ((long?)id, (string?)$"n{id}"))]), default);

        private static StorageEngine Open(FaultyFileSystem files) => StorageEngine.Open(new StorageOptions
        {
            Directory = "/data",
            Files = files,
            RunsBackgroundWork = false,
            DirectSegmentBytes = 2000,
        });
    }
}
