using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Files;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Shards;

/// <summary>The machine stops at every single disk call of transactions over several engines.</summary>
public sealed class ShardedCrashTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public async Task A_transaction_over_shards_is_whole_or_absent_wherever_the_machine_stops(double keepUnflushed)
    {
        FaultyFileSystem counting = new();
        await new Workload(counting).RunAsync();
        Assert.True(counting.CallCount > 200, "the workload touches the disk often");
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

    /// <summary>Each step changes rows of several shards, and a table that is whole.</summary>
    private sealed class Workload(FaultyFileSystem files)
    {
        private readonly List<(long[] Divided, long[] Whole)> _allowed = [([], [])];
        private TableEntry? _divided, _whole;
        private bool _hasTables;

        internal async Task RunAsync()
        {
            ShardedStorage storage = await ShardedRig.OpenAsync(files);
            // The tables come with their first rows: who finds one finds the other.
            await StepAsync(storage, async transaction =>
            {
                _divided = ShardedRig.Divided(storage, transaction, 3);
                _whole = TestDatabase.Entry(storage, "w");
                transaction.Change(new PutObject(_whole));
                await transaction.InsertAsync(_divided, 1, 2, 3, 4, 5, 6);
                await transaction.InsertAsync(_whole, 1);
            }, [1, 2, 3, 4, 5, 6], [1]);
            _hasTables = true;
            await StepAsync(storage, async transaction =>
            {
                await transaction.DeleteAsync(_divided!.Id, await transaction.RowsAsync(_divided, 1, 2, 3), default);
                await transaction.InsertAsync(_divided, 11, 12, 13);
            }, [4, 5, 6, 11, 12, 13], [1]);
            await storage.CheckpointAsync(default);
            await StepAsync(storage, async transaction =>
            {
                RowId[] rows = await transaction.RowsAsync(_divided!, 4, 5, 6);
                await transaction.UpdateAsync(_divided!.Id, rows, TestDatabase.Rows((24, "x"), (25, "x"), (26, "x")), default);
                await transaction.InsertAsync(_whole!, 2);
            }, [11, 12, 13, 24, 25, 26], [1, 2]);
            await StepAsync(storage, async transaction =>
            {
                await transaction.TruncateAsync(_divided!.Id, default);
                await transaction.InsertAsync(_divided, [.. Enumerable.Range(100, 300).Select(static id => (long)id)]); // some by way of segments
            }, [.. Enumerable.Range(100, 300).Select(static id => (long)id)], [1, 2]);
            await StepAsync(storage, async transaction => await transaction.InsertAsync(_divided!, 7), // in one shard
                [7, .. Enumerable.Range(100, 300).Select(static id => (long)id)], [1, 2]);
            await storage.DisposeAsync();
        }

        internal async Task CheckAsync(long call)
        {
            await using ShardedStorage storage = await ShardedRig.OpenAsync(files);
            bool isThere = _divided is not null && storage.Catalog.TryFindTable(_divided.Id, out _);
            Assert.True(isThere || !_hasTables, $"the tables are gone after a stop at call {call}");
            if (!isThere)
                return;
            long[] divided = [.. await storage.IdsAsync(_divided!)], whole = [.. await storage.IdsAsync(_whole!)];
            Assert.True(_allowed.Any(state => state.Divided.SequenceEqual(divided) && state.Whole.SequenceEqual(whole)),
                $"after a stop at call {call} there are {string.Join(',', divided)} and {string.Join(',', whole)}");
            await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
            await transaction.InsertAsync(_divided!, 5001, 5002, 5003, 5004);
            await transaction.CommitAsync();
            Assert.Equal([.. divided, 5001, 5002, 5003, 5004], await storage.IdsAsync(_divided!));
        }

        private async Task StepAsync(ShardedStorage storage, Func<ITransaction, Task> act, long[] divided, long[] whole)
        {
            await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
            await act(transaction);
            _allowed.Add((divided, whole));
            await transaction.CommitAsync(isDurable: true, default);
            _allowed.RemoveRange(0, _allowed.Count - 1);
        }
    }
}
