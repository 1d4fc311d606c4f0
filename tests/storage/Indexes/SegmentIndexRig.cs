using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Files;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Indexes;

/// <summary>An engine on files of the test's own, whose segments get indexes with one file name extension.</summary>
internal sealed class SegmentIndexRig(string extension)
{
    private const string Segments = "/data/segments";

    public FaultyFileSystem Files { get; } = new();

    /// <summary>The names of the index files there are.</summary>
    public IEnumerable<string> Names =>
        Files.ListFiles(Segments).Where(name => name.EndsWith(extension, StringComparison.Ordinal));

    public StorageEngine Open() => StorageEngine.Open(new StorageOptions
    {
        Directory = "/data", Files = Files, RunsBackgroundWork = false,
    });

    public static async Task<TableEntry> CreateAsync(StorageEngine engine, TableEntry table)
    {
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        transaction.Change(new PutObject(table));
        await transaction.CommitAsync(isDurable: true, default);
        return table;
    }

    /// <summary>The index of the table's first segment, null where there is none of the kind.</summary>
    public static T? Find<T>(StorageEngine engine, TableEntry table)
        where T : class
    {
        Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        try
        {
            return transaction.Read(table.Id).Units[0].FindIndex(table.Indexes[0].Oid, out _) as T;
        }
        finally
        {
            transaction.DisposeAsync().AsTask().Wait();
        }
    }

    /// <summary>What the only index file holds.</summary>
    public byte[] Bytes()
    {
        MappedFile file = Files.Map(Path.Combine(Segments, Assert.Single(Names)));
        return file.Span(0, (int)file.Length).ToArray();
    }

    /// <summary>Turns bytes of the only index file to their opposite.</summary>
    public void Damage(long place, ReadOnlySpan<byte> written)
    {
        byte[] damaged = written.ToArray();
        foreach (ref byte value in damaged.AsSpan())
            value = (byte)~value;
        using IFile file = Files.Open(Path.Combine(Segments, Assert.Single(Names)), FileOpening.Write);
        file.Write(place, damaged);
        file.Flush();
    }
}
