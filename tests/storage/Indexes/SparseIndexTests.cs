using System.Buffers.Binary;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Sparse;

namespace VecSQL.Storage.Tests.Indexes;

public sealed class SparseIndexTests
{
    private const int Dimensions = 300, Rows = 5000;

    private readonly SegmentIndexRig _rig = new(".sidx");

    [Theory]
    [InlineData("sparsevec_ip_ops", Rows * 9 / 10)]
    [InlineData("sparsevec_l2_ops", Rows * 9 / 10)]
    [InlineData("sparsevec_cosine_ops", Rows * 8 / 10)] // which has no angle to zeros
    public async Task It_is_built_over_the_tables_segments_and_found_again_after_a_restart(string operatorClass, int rows)
    {
        StorageEngine engine = _rig.Open();
        TableEntry table = await CreateAsync(engine, operatorClass);
        await InsertAsync(engine, table);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Equal(rows, SegmentIndexRig.Find<SparseIndex>(engine, table)?.RowCount);
        Assert.Equal(rows, engine.StatusOf(table.Id, Definition(table)).RowsIndexed);
        byte[] written = _rig.Bytes();
        await engine.DisposeAsync();

        engine = _rig.Open();
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Equal(rows, SegmentIndexRig.Find<SparseIndex>(engine, table)?.RowCount);
        Assert.Null(engine.StatusOf(table.Id, Definition(table)).BuildSeconds);
        Assert.Equal(written, _rig.Bytes());
        await engine.RebuildIndexAsync(table.Id, Definition(table), default);
        Assert.Equal(written, _rig.Bytes());
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_damaged_file_is_built_again_wherever_the_damage_is()
    {
        StorageEngine engine = _rig.Open();
        TableEntry table = await CreateAsync(engine, "sparsevec_ip_ops");
        await InsertAsync(engine, table);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        byte[] written = _rig.Bytes();
        await engine.DisposeAsync();
        foreach (int place in (int[])[0, 8, 40, written.Length / 3, written.Length / 2, written.Length - 9])
        {
            _rig.Damage(place, [written[place]]);
            engine = _rig.Open();
            await engine.BuildIndexAsync(table.Id, Definition(table), default);
            Assert.Equal(Rows * 9 / 10, SegmentIndexRig.Find<SparseIndex>(engine, table)?.RowCount);
            Assert.Equal(written, _rig.Bytes());
            await engine.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_merge_brings_the_new_segment_with_one_and_a_drop_takes_its_file()
    {
        await using StorageEngine engine = _rig.Open();
        TableEntry table = await CreateAsync(engine, "sparsevec_ip_ops");
        for (int part = 0; part < 2; part++)
        {
            await InsertAsync(engine, table);
            await engine.CheckpointAsync(default);
            await engine.RunBackgroundWorkAsync(default);
        }
        await engine.CompactAsync(table.Id, default);
        Assert.Single(_rig.Names);
        Assert.Equal(2 * Rows * 9 / 10, SegmentIndexRig.Find<SparseIndex>(engine, table)?.RowCount);
        await using (Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted))
        {
            transaction.Change(new PutObject(table with { Indexes = [] }));
            await transaction.CommitAsync(isDurable: true, default);
        }
        Assert.Empty(_rig.Names);
    }

    [Fact]
    public void Distances_that_are_no_inner_products_have_none()
    {
        TableEntry table = Table(16_400, 16_401, "sparsevec_l1_ops");
        Assert.Null(SegmentIndexDefinition.Of(table, table.Indexes[0]));
    }

    private static TableEntry Table(uint oid, uint indexOid, string operatorClass) => new(oid, CatalogSnapshot.PublicOid, "t")
    {
        Columns = [new ColumnEntry(1, "s", new SqlType(TypeOid.SparseVector, Dimensions))],
        Indexes = [new IndexEntry(indexOid, "t_s", [1]) { Method = "hnsw", OperatorClasses = [operatorClass] }],
    };

    private static async Task<TableEntry> CreateAsync(StorageEngine engine, string operatorClass)
    {
        TableEntry table = Table(engine.NextOid(), engine.NextOid(), operatorClass);
        return await SegmentIndexRig.CreateAsync(engine, table);
    }

    private static SegmentIndexDefinition Definition(TableEntry table) =>
        SegmentIndexDefinition.Of(table, table.Indexes[0]) ?? throw new InvalidOperationException("not an index by segments");

    /// <summary>Every tenth row has no vector, and every tenth no values.</summary>
    private static async Task InsertAsync(StorageEngine engine, TableEntry table)
    {
        BatchBuilder rows = new([PhysicalType.Binary]);
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        for (int row = 0; row < Rows; row++)
        {
            int count = row % 10 == 1 ? 0 : 5;
            byte[] value = new byte[8 + (8 * count)];
            BinaryPrimitives.WriteInt32LittleEndian(value, Dimensions);
            BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(4), count);
            for (int i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(8 + (4 * i)), (row % 50) + (50 * i));
                BinaryPrimitives.WriteSingleLittleEndian(value.AsSpan(8 + (4 * (count + i))), (row % 7) - 3.5f);
            }
            if (row % 10 == 0)
                rows.Columns[0].AppendNull();
            else
                ((BinaryColumnBuilder)rows.Columns[0]).Append(value);
            rows.EndRow();
            if (rows.RowCount == ColumnBatch.RowsMax || row == Rows - 1)
                await transaction.InsertAsync(table.Id, rows.Build(), default);
        }
        await transaction.CommitAsync(isDurable: true, default);
    }
}
