using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Tables;

/// <summary>A table t(id bigint primary key, name text) and short ways to use it.</summary>
internal static class TestDatabase
{
    public static StorageEngine Open(StorageOptions? options = null) =>
        StorageEngine.Open(options ?? new StorageOptions
        {
            Directory = "/data",
            Files = new FaultyFileSystem(),
            RunsBackgroundWork = false,
        });

    public static TableEntry Entry(IStorage engine, string name = "t", bool hasKey = true)
    {
        uint oid = engine.NextOid();
        return new TableEntry(oid, CatalogSnapshot.PublicOid, name)
        {
            Columns =
            [
                new ColumnEntry(1, "id", SqlType.Int8) { IsNotNull = hasKey },
                new ColumnEntry(2, "name", SqlType.Text),
            ],
            Indexes = hasKey
                ? [new IndexEntry(engine.NextOid(), $"{name}_pkey", [1]) { IsUnique = true, IsPrimary = true }]
                : [],
        };
    }

    public static async Task<TableEntry> CreateTableAsync(this StorageEngine engine, string name = "t",
        bool hasKey = true)
    {
        TableEntry table = Entry(engine, name, hasKey);
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        transaction.Change(new PutObject(table));
        await transaction.CommitAsync(isDurable: true, default);
        return table;
    }

    public static ColumnBatch Rows(params (long? Id, string? Name)[] rows)
    {
        BatchBuilder builder = new([PhysicalType.Int64, PhysicalType.Binary]);
        foreach ((long? id, string? name) in rows)
        {
            if (id is { } value)
                ((FixedColumnBuilder<long>)builder.Columns[0]).Append(value);
            else
                builder.Columns[0].AppendNull();
            if (name is not null)
                ((BinaryColumnBuilder)builder.Columns[1]).Append(System.Text.Encoding.UTF8.GetBytes(name));
            else
                builder.Columns[1].AppendNull();
            builder.EndRow();
        }
        return builder.Build();
    }

    public static async Task<long> InsertAsync(this Transaction transaction, TableEntry table, long? id,
        string? name = "x") =>
        (await transaction.InsertAsync(table.Id, Rows((id, name)), default)).Values[0];

    public static async Task InsertCommittedAsync(this StorageEngine engine, TableEntry table, params long[] ids)
    {
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        foreach (long id in ids)
            await transaction.InsertAsync(table, id, $"n{id}");
        await transaction.CommitAsync(isDurable: true, default);
    }

    public static async Task DeleteCommittedAsync(this StorageEngine engine, TableEntry table, params long[] ids)
    {
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        await transaction.DeleteByIdAsync(table, ids);
        await transaction.CommitAsync(isDurable: true, default);
    }

    public static Task<int> DeleteByIdAsync(this Transaction transaction, TableEntry table, params long[] ids)
    {
        RowId[] rows = [.. transaction.Scan(table).Where(row => ids.Contains(row.Id)).Select(row =>
            new RowId(row.RowId))];
        return transaction.DeleteAsync(table.Id, rows, default).AsTask();
    }

    public static async Task UpdateByIdAsync(this Transaction transaction, TableEntry table, long id, long newId,
        string name)
    {
        RowId row = new(transaction.Scan(table).Single(found => found.Id == id).RowId);
        await transaction.UpdateAsync(table.Id, new[] { row }, Rows((newId, name)), default);
    }

    /// <summary>All visible rows, by id.</summary>
    public static List<(long Id, string? Name, long RowId)> Scan(this Transaction transaction, TableEntry table) =>
        Scan(transaction.Read(table.Id));

    public static List<(long Id, string? Name, long RowId)> Scan(TableView view)
    {
        List<(long Id, string? Name, long RowId)> rows = [];
        foreach (ScanUnit unit in view.Units)
        {
            using UnitReader reader = unit.Open([1, 2], withRowId: true, []);
            while (reader.Next() is { } batch)
            {
                Assert.NotEqual(0, batch.RowCount);
                for (int row = 0; row < batch.RowCount; row++)
                    rows.Add((Id(batch, row), Name(batch, row), ((FixedColumn<long>)batch[2])[row]));
            }
        }
        rows.Sort();
        return rows;
    }

    public static List<long> Ids(this Transaction transaction, TableEntry table) =>
        [.. transaction.Scan(table).Select(row => row.Id)];

    /// <summary>The ids that a new transaction sees.</summary>
    public static async Task<List<long>> IdsAsync(this StorageEngine engine, TableEntry table)
    {
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        return transaction.Ids(table);
    }

    public static List<string?> Lookup(this Transaction transaction, TableEntry table, params long?[] ids)
    {
        ColumnBatch keys = Rows([.. ids.Select(id => (id, (string?)""))]);
        LookupResult result = transaction.Read(table.Id)
            .Lookup(table.Indexes[0].Oid, new ColumnBatch([keys[0]], keys.RowCount), [2]);
        string?[] names = new string?[ids.Length];
        for (int i = 0; i < result.Rows.RowCount; i++)
            names[result.KeyOrdinals[i]] = Name(new ColumnBatch([result.Rows[0], result.Rows[0]],
                result.Rows.RowCount), i);
        return [.. names];
    }

    /// <summary>All names found for one id.</summary>
    public static List<string?> LookupAll(this Transaction transaction, TableEntry table, long id)
    {
        LookupResult result = transaction.Read(table.Id)
            .Lookup(table.Indexes[0].Oid, new ColumnBatch([Rows((id, ""))[0]], 1), [1, 2]);
        List<string?> names = [];
        for (int row = 0; row < result.Rows.RowCount; row++)
            names.Add(Name(result.Rows, row));
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private static long Id(ColumnBatch batch, int row) =>
        batch[0].IsNull(row) ? -1 : ((FixedColumn<long>)batch[0])[row];

    public static string? Name(ColumnBatch batch, int row) =>
        batch[1].IsNull(row) ? null : System.Text.Encoding.UTF8.GetString(((BinaryColumn)batch[1])[row]);
}
