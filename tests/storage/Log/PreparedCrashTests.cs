using VecSQL.Catalog.Objects;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Log;

/// <summary>The machine stops at every write, flush, rename and deletion while transactions are prepared and decided.</summary>
public sealed class PreparedCrashTests
{
    [Theory]
    [InlineData(0.0, true)]
    [InlineData(0.5, false)]
    [InlineData(0.5, true)]
    [InlineData(1.0, false)]
    public async Task What_was_prepared_waits_and_what_was_decided_is_done_wherever_the_machine_stops(double keepUnflushed, bool commits)
    {
        FaultyFileSystem counting = new();
        await new Workload(counting).RunAsync();
        Assert.True(counting.CallCount > 60, "the workload touches the disk often");
        for (long call = 0; call < counting.CallCount; call++)
        {
            FaultyFileSystem files = new(new FaultPlan { Seed = (int)call + 1, CrashAtCall = call });
            Workload workload = new(files);
            await Assert.ThrowsAnyAsync<Exception>(workload.RunAsync);
            Assert.True(files.HasCrashed);
            files.CrashAndRestart(keepUnflushed);
            await workload.CheckAsync(commits, $"after a stop at call {call}");
        }
    }

    /// <summary>Ids that are there, and prepared transactions with what they add and take away.</summary>
    private sealed record State(SortedSet<long> Ids, SortedDictionary<string, (long[] Added, long[] Deleted)> Prepared)
    {
        internal State Copy() => new([.. Ids], new SortedDictionary<string, (long[], long[])>(Prepared));

        internal void Apply((long[] Added, long[] Deleted) work)
        {
            Ids.UnionWith(work.Added);
            Ids.ExceptWith(work.Deleted);
        }
    }

    private sealed class Workload(FaultyFileSystem files)
    {
        private readonly TestTimestamps _timestamps = new();
        private readonly Dictionary<long, long> _rows = []; // the last version of each
        private List<State> _allowed = [new([], [])];
        private TableEntry? _table;

        internal async Task RunAsync()
        {
            StorageEngine engine = Open();
            _table = await engine.CreateTableAsync();
            await CommitAsync(engine, [1, 2, 3], []);
            await PrepareAsync(engine, "p", [10], [1]);
            await engine.CheckpointAsync(default);
            await PrepareAsync(engine, "q", [.. Enumerable.Range(100, 200)], [2]);
            await CommitAsync(engine, [4], []);
            await DecideAsync(engine, "p", commits: true);
            await engine.CheckpointAsync(default);
            await CommitAsync(engine, [5], [10, 4]);
            await engine.CompactAsync(_table.Id, default);
            await DecideAsync(engine, "q", commits: false);
            await PrepareAsync(engine, "r", [.. Enumerable.Range(400, 200)], [3]);
            await engine.CheckpointAsync(default);
            await DecideAsync(engine, "r", commits: true);
            await engine.CompactAsync(_table.Id, default);
            await PrepareAsync(engine, "s", [10], [5]);
            await engine.DisposeAsync();
        }

        internal async Task CheckAsync(bool commits, string when)
        {
            State found;
            await using (StorageEngine engine = Open())
            {
                if (_table is null || !engine.Catalog.TryFindTable(_table.Id, out _))
                    return;
                List<string> prepared = [.. engine.Prepared.Select(static state => state.GlobalId).Order(StringComparer.Ordinal)];
                List<State> allowed = [.. _allowed.Where(state => state.Prepared.Keys.SequenceEqual(prepared)).Select(static state => state.Copy())];
                foreach (string id in prepared)
                {
                    if (commits)
                        await engine.CommitPreparedAsync(id, _timestamps.Next());
                    else
                        await engine.RollbackPreparedAsync(id);
                    if (commits)
                        allowed.ForEach(state => state.Apply(state.Prepared[id]));
                }
                List<long> ids = await engine.IdsAsync(_table);
                found = allowed.Find(state => state.Ids.SequenceEqual(ids))
                    ?? throw new Xunit.Sdk.XunitException($"{when} there is {string.Join(',', ids)}, prepared {string.Join(',', prepared)}");
                await engine.InsertCommittedAsync(_table, 5000);
                await engine.CompactAsync(_table.Id, default);
            }
            await using StorageEngine again = Open();
            Assert.Equal([.. found.Ids, 5000], await again.IdsAsync(_table));
            Assert.Empty(again.Prepared);
        }

        private async Task CommitAsync(StorageEngine engine, int[] added, int[] deleted)
        {
            await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
            (long[] Added, long[] Deleted) work = await WorkAsync(transaction, added, deleted);
            await StepAsync(state => state.Apply(work), async () => await transaction.CommitAsync(isDurable: true, default));
        }

        private async Task PrepareAsync(StorageEngine engine, string id, int[] added, int[] deleted)
        {
            await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
            (long[] Added, long[] Deleted) work = await WorkAsync(transaction, added, deleted);
            await StepAsync(state => state.Prepared.Add(id, work), async () => await transaction.PrepareAsync(id, default, default));
        }

        private Task DecideAsync(StorageEngine engine, string id, bool commits) => StepAsync(
            state =>
            {
                if (commits)
                    state.Apply(state.Prepared[id]);
                state.Prepared.Remove(id);
            },
            async () => await (commits ? engine.CommitPreparedAsync(id, _timestamps.Next()) : engine.RollbackPreparedAsync(id)));

        private async Task StepAsync(Action<State> change, Func<Task> act)
        {
            State after = _allowed[^1].Copy();
            change(after);
            _allowed.Add(after);
            await act();
            _allowed = [after];
        }

        private async Task<(long[] Added, long[] Deleted)> WorkAsync(Transaction transaction, int[] added, int[] deleted)
        {
            if (deleted.Length > 0)
            {
                RowId[] rows = [.. _rows.Where(row => deleted.Contains((int)row.Key)).Select(row => new RowId(row.Value))];
                Assert.Equal(deleted.Length, await transaction.DeleteAsync(_table!.Id, rows, default));
            }
            RowIds ids = await transaction.InsertAsync(
                _table!.Id, TestDatabase.Rows([.. added.Select(static id => ((long?)id, (string?)$"n{id}"))]), default);
            for (int i = 0; i < added.Length; i++)
                _rows[added[i]] = ids.Values[i];
            return ([.. added.Select(static id => (long)id)], [.. deleted.Select(static id => (long)id)]);
        }

        private StorageEngine Open() => StorageEngine.Open(new StorageOptions
        {
            Directory = "/data",
            Files = files,
            Timestamps = _timestamps,
            RunsBackgroundWork = false,
            DirectSegmentBytes = 2000,
        });
    }
}
