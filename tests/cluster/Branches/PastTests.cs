using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Branches;

/// <summary>Transactions over shards that read what is past.</summary>
public sealed class PastTests
{
    public static TheoryData<Place> Places => [Place.Local, Place.Remote, Place.Mixed];

    [Theory, MemberData(nameof(Places))]
    public async Task All_of_a_transaction_sees_one_moment_of_all_shards(Place place)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(place);
        TableEntry table = await Tables.CreateAsync(storage, 3), whole = await Tables.CreateAsync(storage, 0, "w");
        CommitTimestamp empty = await WriteAsync(storage, table, whole, 1, 2, 3), first = await WriteAsync(storage, table, whole, 4, 5, 6);
        Assert.Equal([1, 2, 3, 4, 5, 6], await ReadAsync(storage, new ReadAt(first), table));
        await using ITransaction past = storage.Begin(IsolationLevel.ReadCommitted);
        Assert.Equal([1, 2, 3], await ReadAsync(past, new ReadAt(empty), table));
        await WriteAsync(storage, table, whole, 7);
        Assert.Equal([1, 2, 3], await ReadAsync(past, null, whole)); // it keeps to its moment
        Assert.Equal([1, 2, 3], await ReadAsync(past, null, table));
        await past.CommitAsync();
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], await ReadAsync(storage, new ReadAt(), table));
        SqlException future = await Assert.ThrowsAsync<SqlException>(() => ReadAsync(storage, new ReadAt(new CommitTimestamp(first.Value + 3_600_000_000)), table));
        Assert.Equal(SqlState.InvalidParameterValue, future.State);
        SqlException old = await Assert.ThrowsAsync<SqlException>(() => ReadAsync(storage, new ReadAt { Ago = TimeSpan.FromDays(365_000) }, table));
        Assert.Contains(old.State.Code, (string[])["72000", "XX000"]);
        Assert.Empty(rig.Engine(0).TableLocks);
    }

    [Fact]
    public async Task A_replica_at_hand_says_how_old_what_is_read_may_be_unless_it_is_only_being_made()
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(Place.Local);
        TableEntry table = await Tables.CreateAsync(storage, 3), whole = await Tables.CreateAsync(storage, 0, "w");
        CommitTimestamp first = await WriteAsync(storage, table, whole, 1, 2, 3);
        await WriteAsync(storage, table, whole, 4, 5, 6);
        rig.Reached[new ShardId(2)] = first;
        Assert.Equal([1, 2, 3], await ReadAsync(storage, new ReadAt(), table));
        Assert.Equal([1, 2, 3, 4, 5, 6], await ReadAsync(storage, new ReadAt { StalenessMax = TimeSpan.FromSeconds(1) }, table));
        Assert.Equal([1, 2, 3, 4, 5, 6], await ReadAsync(storage, new ReadAt(), whole));
        rig.Reached[new ShardId(2)] = default;
        Assert.Equal([1, 2, 3, 4, 5, 6], await ReadAsync(storage, new ReadAt(), table));
    }

    private static async Task<CommitTimestamp> WriteAsync(ShardedStorage storage, TableEntry table, TableEntry whole, params long[] ids)
    {
        await using ITransaction writer = storage.Begin(IsolationLevel.ReadCommitted);
        await writer.InsertAsync(table, ids);
        await writer.InsertAsync(whole, ids);
        return await writer.CommitAsync(isDurable: true, default);
    }

    private static async Task<List<long>> ReadAsync(ShardedStorage storage, ReadAt? at, TableEntry table)
    {
        await using ITransaction reader = storage.Begin(IsolationLevel.ReadCommitted);
        return await ReadAsync(reader, at, table);
    }

    private static async Task<List<long>> ReadAsync(ITransaction reader, ReadAt? at, TableEntry table)
    {
        reader.BeginStatement();
        await reader.EnterAsync(new StatementEntry([(table.Id, TableLockMode.AccessShare)], Only: null, IsAlone: false, at), default);
        TableView view = reader.Read(table.Id);
        List<long> ids = [];
        foreach (ScanUnit unit in view.Units)
        {
            using UnitReader rows = unit.Open([1], withRowId: false, []);
            while (rows.Next() is { } batch)
                ids.AddRange(((FixedColumn<long>)batch.Columns[0].Expand()).Values);
        }
        view.Release();
        ids.Sort();
        return ids;
    }
}
