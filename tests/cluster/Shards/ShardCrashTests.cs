using VecSQL.Core.Errors;
using VecSQL.Storage;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Shards;

/// <summary>The machine of a shard's primary, or of another of its replicas, stops at every write, flush, rename and deletion of a workload.</summary>
public sealed class ShardCrashTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_that_was_acknowledged_is_lost_wherever_a_machine_stops(bool isPrimary)
    {
        long calls = await RunAsync(isPrimary, long.MaxValue);
        Assert.True(calls > 60, $"the workload touches the disk only {calls} times");
        for (long call = 0; call < calls; call++)
            await RunAsync(isPrimary, call);
    }

    /// <returns>Calls to the disk of the machine.</returns>
    private static async Task<long> RunAsync(bool isPrimary, long crashAt)
    {
        await using Run run = new(crashAt);
        return await run.RunAsync(isPrimary);
    }

    private sealed class Run(long crashAt) : IAsyncDisposable
    {
        private readonly ShardRig _rig = new(3);
        private readonly SortedSet<long> _acknowledged = [], _unknown = [], _gone = [];
        private ShardRig.RigNode _victim = null!;

        public ValueTask DisposeAsync() => _rig.DisposeAsync();

        internal async Task<long> RunAsync(bool isPrimary)
        {
            await _rig.PromoteAsync();
            await _rig.Primary.InsertAsync(1, 2, 3);
            _acknowledged.UnionWith([1, 2, 3]);
            _victim = isPrimary ? _rig.Primary : _rig.Nodes.First(node => node != _rig.Primary);
            _victim.Files.Change(new FaultPlan { Seed = (int)(crashAt % 1000) + 1, CrashAtCall = crashAt });
            await DoAsync(primary => InsertAsync(primary, 10, 11));
            await DoAsync(primary => DeleteAsync(primary, 2));
            await DoAsync(_ => _victim.Engine.CheckpointAsync(default).AsTask(), isVictims: true);
            await DoAsync(primary => InsertAsync(primary, [.. Enumerable.Range(100, 150).Select(static id => (long)id)]));
            await DoAsync(primary => PrepareAsync(primary, 20));
            await DoAsync(_ => _victim.Engine.CheckpointAsync(default).AsTask(), isVictims: true);
            await DoAsync(primary => InsertAsync(primary, 12));
            await DoAsync(DecideAsync);
            await DoAsync(_ => _victim.Engine.CompactAsync(_rig.Table.Id, default).AsTask(), isVictims: true);
            await DoAsync(primary => InsertAsync(primary, 13));
            await _rig.TickAsync();
            long calls = _victim.Files.CallCount;
            await RestartAsync();
            _victim.Files.Change(new FaultPlan()); // it has not stopped, and does so no more
            await DoAsync(DecideAsync);
            await _rig.ConvergeAsync();
            List<long> ids = _rig.Primary.Ids();
            Assert.True(_acknowledged.IsSubsetOf(ids), $"at call {crashAt} were lost: {string.Join(',', _acknowledged.Except(ids))}");
            Assert.True(_gone.Overlaps(ids) == false, $"at call {crashAt} came back: {string.Join(',', _gone.Intersect(ids))}");
            Assert.True(new SortedSet<long>(_acknowledged.Union(_unknown)).IsSupersetOf(ids), $"at call {crashAt} there is too much");
            Assert.True(!ids.Contains(100) || Enumerable.Range(100, 150).All(id => ids.Contains(id)), $"at call {crashAt} a half of a transaction is there");
            return calls;
        }

        /// <summary>Does a step, if need be on another primary once the machine has stopped.</summary>
        private async Task DoAsync(Func<ShardRig.RigNode, Task> step, bool isVictims = false)
        {
            if (_victim.Files.HasCrashed)
                await RestartAsync();
            try
            {
                isVictims |= _rig.Primary == _victim;
                Task done = step(_rig.Primary);
                while (!done.IsCompleted && !_victim.Files.HasCrashed)
                    await Task.WhenAny(done, _rig.TickAsync());
                if (_victim.Files.HasCrashed && !isVictims) // what runs on the machine itself ends first: it must not go on after the stop
                    await RestartAsync();
                await done.WaitAsync(ShardRig.Patience);
            }
            catch (Exception error) when (_victim.Files.HasCrashed || error is SqlException or OperationCanceledException or SimulatedCrashException)
            {
                // Of the victim's engine, or not known.
            }
        }

        private async Task RestartAsync()
        {
            if (!_victim.Files.HasCrashed)
                return;
            bool wasPrimary = _rig.Primary == _victim;
            _victim.Crash(keepUnflushed: crashAt % 3 / 2.0);
            if (wasPrimary)
                await _rig.PromoteAsync();
            _victim.Start();
            _rig.Configure(static state => state);
        }

        private async Task InsertAsync(ShardRig.RigNode primary, params long[] ids)
        {
            _unknown.UnionWith(ids);
            await primary.InsertAsync(ids);
            _acknowledged.UnionWith(ids);
        }

        private async Task DeleteAsync(ShardRig.RigNode primary, long id)
        {
            _acknowledged.Remove(id);
            _unknown.Add(id);
            await using Transaction transaction = primary.Engine.Begin(IsolationLevel.ReadCommitted);
            await transaction.DeleteAsync(_rig.Table.Id, new[] { new RowId(primary.Scan(transaction).Single(row => row.Id == id).Row) }, default);
            await transaction.CommitAsync(isDurable: true, default);
            _gone.Add(id);
        }

        private async Task PrepareAsync(ShardRig.RigNode primary, long id)
        {
            _unknown.Add(id);
            await using Transaction transaction = primary.Engine.Begin(IsolationLevel.ReadCommitted);
            await transaction.InsertAsync(_rig.Table.Id, ShardRig.Rows((id, "prepared")), default);
            await transaction.PrepareAsync("p", default, default);
            _acknowledged.Add(id); // it will be decided
        }

        private async Task DecideAsync(ShardRig.RigNode primary)
        {
            if (primary.Engine.Prepared.Count > 0)
                await primary.Engine.CommitPreparedAsync("p", new CommitTimestamp(await _rig.Timestamps.NextAsync(0, 1)));
        }
    }
}
