using System.Text;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Files;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Files;

namespace VecSQL.Storage.Tests.Indexes;

public sealed class TextIndexTests
{
    private const int Rows = 3000;

    private readonly SegmentIndexRig _rig = new(".tidx");

    [Fact]
    public async Task It_is_built_over_the_tables_segments_and_found_again_after_a_restart()
    {
        (byte[] written, TableEntry table) = await BuildAsync();
        await using StorageEngine engine = _rig.Open();
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Equal(written, _rig.Bytes());
        Assert.Equal(Rows / 3, SegmentIndexRig.Find<TextIndex>(engine, table)?.Find(1)?.CountOf("third"));
        Assert.Equal(Rows - (Rows / 10), SegmentIndexRig.Find<TextIndex>(engine, table)?.Find(1)?.DocumentsWithText);
        Assert.Null(SegmentIndexRig.Find<TextIndex>(engine, table)?.Find(2));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.999)]
    public async Task A_damaged_file_is_built_again(double place)
    {
        (byte[] written, TableEntry table) = await BuildAsync();
        long at = (long)(place * (written.Length - 8));
        _rig.Damage(at, written.AsSpan((int)at, 8));
        await using StorageEngine engine = _rig.Open();
        await engine.RunBackgroundWorkAsync(default);
        Assert.Equal(written, _rig.Bytes());
        Assert.Equal(Rows / 3, SegmentIndexRig.Find<TextIndex>(engine, table)?.Find(1)?.CountOf("third"));
    }

    [Fact]
    public async Task A_lost_file_is_built_again()
    {
        (byte[] written, TableEntry table) = await BuildAsync();
        _rig.Files.Delete(Path.Combine("/data/segments", Assert.Single(_rig.Names)));
        await using StorageEngine engine = _rig.Open();
        await engine.RunBackgroundWorkAsync(default);
        Assert.Equal(written, _rig.Bytes());
        Assert.NotNull(SegmentIndexRig.Find<TextIndex>(engine, table));
    }

    [Fact]
    public async Task A_file_of_another_tokenizer_is_built_again()
    {
        (_, TableEntry table) = await BuildAsync();
        await using StorageEngine engine = _rig.Open();
        await engine.BuildIndexAsync(table.Id, Definition(table) with { Analyzer = VecSQL.Text.Analysis.Analyzer.Simple }, default);
        Assert.Equal(Rows, SegmentIndexRig.Find<TextIndex>(engine, table)?.Find(1)?.CountOf("texts") + (Rows / 10));
    }

    [Fact]
    public async Task A_crash_while_it_is_written_leaves_no_half_file()
    {
        StorageEngine engine = _rig.Open();
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table);
        await engine.CheckpointAsync(default);
        using (IFile half = _rig.Files.Open($"/data/segments/0000000000000001.{table.Indexes[0].Oid}.tidx.new", FileOpening.Create))
        {
            half.Write(0, [1, 2, 3]);
            half.Flush();
        }
        _rig.Files.FlushDirectory("/data/segments");
        _rig.Files.CrashAndRestart();
        engine = _rig.Open();
        Assert.DoesNotContain(_rig.Files.ListFiles("/data/segments"), name => name.Contains(".tidx", StringComparison.Ordinal));
        await engine.RunBackgroundWorkAsync(default);
        Assert.Equal(Rows / 3, SegmentIndexRig.Find<TextIndex>(engine, table)?.Find(1)?.CountOf("third"));
        await engine.DisposeAsync();
    }

    private async Task<(byte[] Written, TableEntry Table)> BuildAsync()
    {
        await using StorageEngine engine = _rig.Open();
        TableEntry table = await CreateAsync(engine);
        await InsertAsync(engine, table);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        return (_rig.Bytes(), table);
    }

    private static async Task<TableEntry> CreateAsync(StorageEngine engine)
    {
        TableEntry table = new(engine.NextOid(), CatalogSnapshot.PublicOid, "t")
        {
            Columns = [new ColumnEntry(1, "body", SqlType.Text)],
            Indexes = [new IndexEntry(engine.NextOid(), "t_body", [1]) { Method = TextIndexOptions.Method }],
        };
        return await SegmentIndexRig.CreateAsync(engine, table);
    }

    private static TextIndexDefinition Definition(TableEntry table) =>
        TextIndexDefinition.Of(table, table.Indexes[0]) ?? throw new InvalidOperationException("not a full-text index");

    // One text in ten is missing; one in three has a word of its own.
    private static async Task InsertAsync(StorageEngine engine, TableEntry table)
    {
        BatchBuilder rows = new([PhysicalType.Binary]);
        for (int row = 0; row < Rows; row++)
        {
            if (row % 10 == 1)
                rows.Columns[0].AppendNull();
            else
                ((BinaryColumnBuilder)rows.Columns[0]).Append(Encoding.UTF8.GetBytes($"texts number{row} {(IsThird(row) ? "third" : "")}"));
            rows.EndRow();
        }
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        await transaction.InsertAsync(table.Id, rows.Build(), default);
        await transaction.CommitAsync(isDurable: true, default);
    }

    private static bool IsThird(int row) => row % 30 is 0 or 2 or 3 or 4 or 5 or 6 or 7 or 8 or 9 or 10;
}
