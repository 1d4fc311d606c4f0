using System.Reflection;
using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Branches;

/// <summary>Rows that go to several shards do so at once, as if they went to one after the other.</summary>
public sealed class WriteTests
{
    public static TheoryData<Place> Places => BranchTests.Places;

    [Theory, MemberData(nameof(Places))]
    public async Task Rows_are_on_their_way_to_all_shards_before_one_has_answered(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage plain = rig.Coordinator(place);
        TableEntry table = await Tables.CreateAsync(plain, 3);
        Meeting meeting = new(3);
        ShardedStorage storage = rig.Coordinator(place, wrap: shard => MeetingShard.Of(shard, meeting));
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        long[] ids = [.. Enumerable.Range(1, 30).Select(static id => (long)id)];
        await transaction.InsertAsync(table, ids).WaitAsync(TimeSpan.FromMinutes(1));
        RowId[] rows = await transaction.RowsAsync(table, ids);
        await transaction.UpdateAsync(table.Id, rows, Tables.Rows([.. ids.Select(static id => (id, (string?)"other"))]), default).AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        await transaction.DeleteAsync(table.Id, await transaction.RowsAsync(table, ids), default).AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(3, meeting.Count);
    }

    [Theory, MemberData(nameof(Places))]
    public async Task Who_waits_at_a_shard_holds_nothing_at_those_behind_it(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(place), other = rig.Coordinator(place);
        TableEntry table = await Tables.CreateAsync(storage, 3);
        (long first, long second, long third) = await KeysAsync(storage, table);
        await using ITransaction holder = storage.Begin(IsolationLevel.ReadCommitted);
        await holder.InsertAsync(table, second);
        await using ITransaction waiter = storage.Begin(IsolationLevel.ReadCommitted);
        waiter.Savepoint();
        Task<RowIds> waiting = waiter.InsertAsync(table, third, second, first);
        while (rig.Engine(2).ListWaits().Count == 0)
            await Task.Yield();
        await using (ITransaction passer = other.Begin(IsolationLevel.ReadCommitted))
            await passer.InsertAsync(table, third);
        Assert.False(waiting.IsCompleted);
        await holder.RollbackAsync();
        RowIds stored = await waiting;
        Assert.Equal(new long[] { 3, 2, 1 }, stored.Values.ToArray().Select(static row => row >> 48));
        int mark = waiter.Savepoint();
        await waiter.InsertAsync(table, first + 1000, second + 1000, third + 1000);
        waiter.RollbackTo(mark);
        await waiter.CommitAsync();
        long[] found = await other.IdsAsync(table);
        Assert.Equal(new[] { first, second, third }.Order(), found);
    }

    [Theory, MemberData(nameof(Places))]
    public async Task Of_keys_that_are_taken_at_several_shards_the_first_row_is_told_of(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(place);
        TableEntry table = await Tables.CreateAsync(storage, 3);
        (long first, long second, long third) = await KeysAsync(storage, table);
        await using (ITransaction earlier = storage.Begin(IsolationLevel.ReadCommitted))
        {
            await earlier.InsertAsync(table, first, second, third);
            await earlier.CommitAsync();
        }
        foreach (long[] order in (long[][])[[first, third, second], [third, first, second], [second, third, first], [1000, second, first]])
        {
            await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
            SqlException taken = await Assert.ThrowsAsync<SqlException>(() => transaction.InsertAsync(table, order));
            Assert.Equal($"Key (id)=({order.First(static id => id < 1000)}) already exists.", taken.Detail);
        }
    }

    /// <summary>A key of each shard.</summary>
    private static async Task<(long First, long Second, long Third)> KeysAsync(ShardedStorage storage, TableEntry table)
    {
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        RowIds rows = await transaction.InsertAsync(table, [.. Enumerable.Range(0, 100).Select(static id => (long)id)]);
        long[] shards = [.. rows.Values.ToArray().Select(static row => row >> 48)];
        return (Array.IndexOf(shards, 1), Array.IndexOf(shards, 2), Array.IndexOf(shards, 3));
    }

    /// <summary>Calls that go on once all have come.</summary>
    private sealed class Meeting(int size)
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _there;

        /// <summary>How often all were there.</summary>
        public int Count { get; private set; }

        public Task ComeAsync()
        {
            lock (_gate)
            {
                Task all = _all.Task;
                if (++_there == size)
                {
                    (_there, Count) = (0, Count + 1);
                    _all.SetResult();
                    _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
                return all;
            }
        }
    }

    /// <summary>A shard whose branches meet before they write.</summary>
    public class MeetingShard : DispatchProxy
    {
        private IShard? _shard;
        private Meeting? _meeting;

        internal static IShard Of(IShard shard, object meeting)
        {
            IShard proxy = Create<IShard, MeetingShard>();
            ((MeetingShard)(object)proxy)._shard = shard;
            ((MeetingShard)(object)proxy)._meeting = (Meeting)meeting;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            object? result = targetMethod!.Invoke(_shard, args);
            return result is IBranch branch ? MeetingBranch.Of(branch, _meeting!) : result;
        }
    }

    public class MeetingBranch : DispatchProxy
    {
        private IBranch? _branch;
        private Meeting? _meeting;

        internal static IBranch Of(IBranch branch, object meeting)
        {
            IBranch proxy = Create<IBranch, MeetingBranch>();
            ((MeetingBranch)(object)proxy)._branch = branch;
            ((MeetingBranch)(object)proxy)._meeting = (Meeting)meeting;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            nameof(ITransaction.InsertAsync) => Meet(() => (ValueTask<RowIds>)targetMethod.Invoke(_branch, args)!),
            nameof(ITransaction.UpdateAsync) => Meet(() => (ValueTask<RowIds>)targetMethod.Invoke(_branch, args)!),
            nameof(ITransaction.DeleteAsync) => Meet(() => (ValueTask<int>)targetMethod.Invoke(_branch, args)!),
            _ => targetMethod.Invoke(_branch, args),
        };

        private object Meet<T>(Func<ValueTask<T>> act) => new ValueTask<T>(MeetAsync(act));

        private async Task<T> MeetAsync<T>(Func<ValueTask<T>> act)
        {
            await _meeting!.ComeAsync();
            return await act();
        }
    }
}
