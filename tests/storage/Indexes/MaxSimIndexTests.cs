using System.Runtime.InteropServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.MultiVectors;

namespace VecSQL.Storage.Tests.Indexes;

public sealed class MaxSimIndexTests
{
    /// <summary>Every tenth row has no array, and every tenth one without vectors.</summary>
    private const int Dimensions = 12, Rows = 5000, Indexed = Rows * 8 / 10;

    private readonly SegmentIndexRig _rig = new(".midx");

    [Theory]
    [InlineData(TypeOid.VectorArray, "vector_maxsim_ops")]
    [InlineData(TypeOid.HalfVectorArray, "halfvec_maxsim_ops")]
    public async Task It_is_built_over_the_tables_segments_and_found_again_after_a_restart(uint type, string operatorClass)
    {
        StorageEngine engine = _rig.Open();
        TableEntry table = await CreateAsync(engine, type, operatorClass);
        await InsertAsync(engine, table);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        MaxSimIndex index = SegmentIndexRig.Find<MaxSimIndex>(engine, table) ?? throw new InvalidOperationException("not built");
        Assert.Equal((Indexed, Rows), (index.RowCount, index.RowsOfSegment));
        Assert.Equal(Enumerable.Range(0, Rows).Where(static row => row % 10 < 2), index.Missing(Rows).ToArray());
        Assert.Equal(Enumerable.Range(0, Rows).Sum(static row => row % 10 < 2 ? 0 : 1 + (row % 4)), index.Cells.RowCount);
        VectorIndexStatus status = engine.StatusOf(table.Id, Definition(table));
        Assert.Equal((Indexed, index.CellCount), (status.RowsIndexed, status.CellCount));
        Assert.InRange(status.RecallFor(0.9) ?? 0, 0.9, 1);
        byte[] written = _rig.Bytes();
        await engine.DisposeAsync();

        engine = _rig.Open();
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        Assert.Equal(index.Efforts.Points.ToArray(), SegmentIndexRig.Find<MaxSimIndex>(engine, table)?.Efforts.Points.ToArray());
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
        TableEntry table = await CreateAsync(engine, TypeOid.VectorArray, "vector_maxsim_ops");
        await InsertAsync(engine, table);
        await engine.BuildIndexAsync(table.Id, Definition(table), default);
        byte[] written = _rig.Bytes();
        await engine.DisposeAsync();
        foreach (int place in (int[])[0, 8, 40, written.Length / 3, written.Length - 9])
        {
            _rig.Damage(place, [written[place]]);
            engine = _rig.Open();
            await engine.BuildIndexAsync(table.Id, Definition(table), default);
            Assert.Equal(Indexed, SegmentIndexRig.Find<MaxSimIndex>(engine, table)?.RowCount);
            Assert.Equal(written, _rig.Bytes());
            await engine.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_merge_brings_the_new_segment_with_one_and_a_drop_takes_its_file()
    {
        await using StorageEngine engine = _rig.Open();
        TableEntry table = await CreateAsync(engine, TypeOid.VectorArray, "vector_maxsim_ops");
        for (int part = 0; part < 2; part++)
        {
            await InsertAsync(engine, table);
            await engine.CheckpointAsync(default);
            await engine.RunBackgroundWorkAsync(default);
        }
        await engine.CompactAsync(table.Id, default);
        Assert.Single(_rig.Names);
        Assert.Equal(2 * Indexed, SegmentIndexRig.Find<MaxSimIndex>(engine, table)?.RowCount);
        await using (Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted))
        {
            transaction.Change(new PutObject(table with { Indexes = [] }));
            await transaction.CommitAsync(isDurable: true, default);
        }
        Assert.Empty(_rig.Names);
    }

    private static async Task<TableEntry> CreateAsync(StorageEngine engine, uint type, string operatorClass)
    {
        TableEntry table = new(engine.NextOid(), CatalogSnapshot.PublicOid, "t")
        {
            Columns = [new ColumnEntry(1, "v", new SqlType(type, Dimensions))],
            Indexes = [new IndexEntry(engine.NextOid(), "t_v", [1]) { Method = "vecsql", OperatorClasses = [operatorClass] }],
        };
        return await SegmentIndexRig.CreateAsync(engine, table);
    }

    private static SegmentIndexDefinition Definition(TableEntry table) =>
        SegmentIndexDefinition.Of(table, table.Indexes[0]) ?? throw new InvalidOperationException("not an index by segments");

    private static async Task InsertAsync(StorageEngine engine, TableEntry table)
    {
        bool isHalf = table.Columns[0].Type.Oid == TypeOid.HalfVectorArray;
        ArrayBuilder array = new(isHalf ? TypeOid.HalfVector : TypeOid.Vector);
        BatchBuilder rows = new([PhysicalType.Binary]);
        Random random = new(4);
        await using Transaction transaction = engine.Begin(IsolationLevel.ReadCommitted);
        for (int row = 0; row < Rows; row++)
        {
            for (int i = 0; row % 10 > 1 && i <= row % 4; i++)
                ((BinaryColumnBuilder)array.Elements).Append(Vector(random, isHalf));
            if (row % 10 == 0)
                rows.Columns[0].AppendNull();
            else
                array.AppendTo((BinaryColumnBuilder)rows.Columns[0]);
            rows.EndRow();
            if (rows.RowCount == ColumnBatch.RowsMax || row == Rows - 1)
                await transaction.InsertAsync(table.Id, rows.Build(), default);
        }
        await transaction.CommitAsync(isDurable: true, default);
    }

    private static byte[] Vector(Random random, bool isHalf)
    {
        float[] values = new float[Dimensions];
        int kind = random.Next(40);
        for (int i = 0; i < values.Length; i++)
            values[i] = MathF.Sin(kind * (i + 1) * 0.7f) + (0.2f * random.NextSingle());
        return isHalf
            ? MemoryMarshal.AsBytes(Array.ConvertAll(values, static value => (Half)value).AsSpan()).ToArray()
            : MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }
}
