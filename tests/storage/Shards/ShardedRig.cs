using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Files;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Shards;

/// <summary>Engines that share a table t(id bigint primary key, name text), and short ways to use it.</summary>
internal static class ShardedRig
{
    public static ValueTask<ShardedStorage> OpenAsync(IFileSystem files) => ShardedStorage.OpenAsync(new StorageOptions
    {
        Directory = "/data",
        Files = files,
        RunsBackgroundWork = false,
        DirectSegmentBytes = 2000,
    });

    /// <summary>A table divided by its id among new shards, numbered from 1.</summary>
    public static TableEntry Divided(ShardedStorage storage, ITransaction transaction, int shards, string name = "t")
    {
        ShardGroupEntry group = ShardGroupEntry.Even(
            storage.NextOid(), $"hash {shards}", [.. Enumerable.Range(1, shards).Select(number => new ShardId((uint)number))]);
        TableEntry table = TestDatabase.Entry(storage, name) with { Placement = new TablePlacement(group.Oid, [1]) };
        transaction.Change(new PutObject(group));
        transaction.Change(new PutObject(table));
        return table;
    }

    public static async Task<TableEntry> CreateAsync(ShardedStorage storage, int shards)
    {
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        TableEntry table = Divided(storage, transaction, shards);
        await transaction.CommitAsync(isDurable: true, default);
        return table;
    }

    public static async Task<RowIds> InsertAsync(this ITransaction transaction, TableEntry table, params long[] ids)
    {
        await transaction.LockTableAsync(table.Id, TableLockMode.RowExclusive, LockWaitPolicy.Block, default);
        return await transaction.InsertAsync(table.Id, TestDatabase.Rows([.. ids.Select(id => ((long?)id, (string?)$"n{id}"))]), default);
    }

    public static async Task CommitAsync(this ITransaction transaction) => await transaction.CommitAsync(isDurable: true, default);

    /// <summary>The rows that a statement of the transaction sees which begins now, by id.</summary>
    public static async Task<List<(long Id, string? Name, long RowId)>> ScanAsync(this ITransaction transaction, TableEntry table)
    {
        transaction.BeginStatement();
        await transaction.LockTableAsync(table.Id, TableLockMode.AccessShare, LockWaitPolicy.Block, default);
        TableView view = transaction.Read(table.Id);
        try
        {
            return TestDatabase.Scan(view);
        }
        finally
        {
            view.Release();
        }
    }

    public static async Task<List<long>> IdsAsync(this IStorage storage, TableEntry table)
    {
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        return [.. (await transaction.ScanAsync(table)).Select(static row => row.Id)];
    }

    public static async Task<RowId[]> RowsAsync(this ITransaction transaction, TableEntry table, params long[] ids) =>
        [.. (await transaction.ScanAsync(table)).Where(row => ids.Contains(row.Id)).Select(static row => new RowId(row.RowId))];
}
