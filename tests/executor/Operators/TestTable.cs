using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Storage;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Tests.Operators;

/// <summary>A storage engine in a directory of its own, with one table.</summary>
internal sealed class TestTable : IAsyncDisposable
{
    private readonly string _directory;

    private TestTable(string directory, StorageEngine engine, TableEntry entry) =>
        (_directory, Engine, Entry) = (directory, engine, entry);

    public StorageEngine Engine { get; }

    public TableEntry Entry { get; }

    public TableId Id => Entry.Id;

    public static async Task<TestTable> CreateAsync(params ColumnEntry[] columns)
    {
        string directory = Directory.CreateTempSubdirectory("vecsql-executor-").FullName;
        StorageEngine engine = StorageEngine.Open(new StorageOptions { Directory = directory,
            RunsBackgroundWork = false });
        var entry = new TableEntry(engine.NextOid(), CatalogSnapshot.PublicOid, "t")
        {
            Columns = [.. columns],
            Indexes = [new IndexEntry(engine.NextOid(), "t_pkey", [1]) { IsUnique = true, IsPrimary = true }],
        };
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        transaction.Change(new PutObject(entry));
        await transaction.CommitAsync(isDurable: false, default);
        return new TestTable(directory, engine, entry);
    }

    public Transaction Begin() => Engine.Begin(IsolationLevel.ReadCommitted);

    public async Task InsertAsync(ColumnBatch rows)
    {
        await using Transaction transaction = Begin();
        await transaction.InsertAsync(Id, rows, default);
        await transaction.CommitAsync(isDurable: false, default);
    }

    public SqlType[] Types => [.. Entry.LiveColumns.Select(column => column.Type)];

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
