using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;

namespace VecSQL.Columnar.Tests.Ipc;

public sealed class IpcFileTests
{
    // Around a byte, a word, and many rows.
    public static TheoryData<int, double, bool> Shapes
    {
        get
        {
            TheoryData<int, double, bool> shapes = [];
            foreach (int rows in new[] { 0, 1, 7, 8, 9, 63, 64, 65, 129, 4096 })
            {
                foreach (double nulls in new[] { 0.0, 0.3, 1.0 })
                {
                    shapes.Add(rows, nulls, true);
                    shapes.Add(rows, nulls, false);
                }
            }
            return shapes;
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Every_type_is_read_as_it_was_written(int rowCount, double nulls, bool isCompressed)
    {
        Random random = new(rowCount);
        ArrowSchema schema = IpcSamples.Schema(isCompressed);
        Column[][] batches = [.. Enumerable.Range(0, 2).Select(_ =>
            IpcSamples.Types.Select(type => IpcSamples.Random(type, rowCount, random, nulls)).ToArray())];
        IpcFileReader reader = IpcSamples.Open(IpcSamples.Write(schema, batches));
        Assert.Equal(2, reader.Blocks.Count);
        for (int b = 0; b < 2; b++)
        {
            IpcBatch batch = reader.ReadBatch(b);
            Assert.Equal(rowCount, batch.RowCount);
            for (int i = 0; i < batches[b].Length; i++)
                IpcSamples.AssertEqual(batches[b][i], batch.ReadColumn(i));
        }
    }

    [Fact]
    public void The_schema_comes_back_with_its_metadata()
    {
        ArrowSchema schema = IpcSamples.Schema(isCompressed: true);
        ArrowSchema read = IpcSamples.Open(IpcSamples.Write(schema)).Schema;
        Assert.Equal(schema.Metadata, read.Metadata);
        Assert.Equal(schema.Fields.Select(field => (field.Name, field.Type)),
            read.Fields.Select(field => (field.Name, field.Type)));
        Assert.Equal("3", read.Fields[3].Find("number"));
        Assert.Equal("", read.Fields[3].Find("ö"));
        Assert.Null(read.Fields[3].Find("absent"));
    }

    [Fact]
    public void Constant_sliced_and_taken_columns_are_written_row_by_row()
    {
        ArrowSchema schema = new(
            [new("a", new(ArrowTypeKind.Int64), true, []), new("b", new(ArrowTypeKind.Utf8), true, [])], []);
        BinaryColumnBuilder texts = new();
        foreach (string text in new[] { "zero", "one", "two", "three", "four" })
            texts.Append(System.Text.Encoding.UTF8.GetBytes(text));
        Column[] columns = [FixedColumn<long>.Constant(7, 3), texts.Build().Slice(1, 4).Take([3, 0, 1])];
        IpcBatch batch = IpcSamples.Open(IpcSamples.Write(schema, columns)).ReadBatch(0);
        Assert.Equal([7L, 7L, 7L], ((FixedColumn<long>)batch.ReadColumn(0)).Values.ToArray());
        BinaryColumn read = (BinaryColumn)batch.ReadColumn(1);
        Assert.Equal("four"u8, read[0]);
        Assert.Equal("two"u8, read[2]);
    }

    [Fact]
    public void Raw_values_lie_aligned_and_are_handed_out_in_place()
    {
        ArrowSchema schema = new(
            [new("a", new(ArrowTypeKind.Int16), true, []),
             new("v", ArrowType.FixedSizeList(ArrowTypeKind.Float32, 3), true, [], IsCompressed: false)], []);
        Random random = new(1);
        Column[] columns = [.. schema.Fields.Select(field => IpcSamples.Random(field.Type, 100, random, 0.1))];
        byte[] file = IpcSamples.Write(schema, columns);
        IpcBatch batch = IpcSamples.Open(file).ReadBatch(0);
        Assert.True(batch.TryMap(1, out ColumnBuffer data, out Bitmap validity));
        Assert.Equal(1200, data.LengthBytes);
        Assert.Equal(columns[1].Validity.CountSet(), validity.CountSet());
        Assert.True(file.AsSpan().Overlaps(data.Bytes, out int offset));
        Assert.Equal(0, offset % 64);
        Assert.False(batch.TryMap(0, out _, out _) && file.Length == 0);
    }

    [Fact]
    public void Values_of_the_wrong_length_or_kind_are_refused()
    {
        ArrowSchema schema = new([new("v", ArrowType.FixedSizeList(ArrowTypeKind.Float32, 3), false, [])], []);
        Assert.Throws<ArgumentException>(() => IpcSamples.Write(schema, [BinaryColumn.Constant(new byte[8], 2)]));
        Assert.Throws<ArgumentException>(() => IpcSamples.Write(schema, [new FixedColumn<int>([1])]));
        Assert.Throws<ArgumentException>(() => IpcSamples.Write(schema, [Column.Nulls(PhysicalType.Binary, 2)]));
    }

    [Fact]
    public void A_cut_file_is_told_as_such()
    {
        byte[] file = IpcSamples.Write(IpcSamples.Schema(isCompressed: true));
        IpcException cut = Assert.Throws<IpcException>(() => IpcSamples.Open(file[..^1]));
        Assert.Contains("cut off", cut.Message, StringComparison.Ordinal);
        Assert.Throws<IpcException>(() => IpcSamples.Open([]));
        Assert.Throws<IpcException>(() => IpcSamples.Open([.. "NOTARROW"u8, .. file[8..]]));
    }

    [Fact]
    public void Damaged_files_fail_with_a_place_or_give_other_values_but_do_no_harm()
    {
        Random random = new(20_241);
        Column[] columns = [.. IpcSamples.Types.Select(type => IpcSamples.Random(type, 90, random, 0.2))];
        byte[] file = IpcSamples.Write(IpcSamples.Schema(isCompressed: true), columns);
        int refused = 0;
        for (int round = 0; round < 6000; round++)
        {
            byte[] damaged = file.ToArray();
            int changes = random.Next(1, 4);
            for (int i = 0; i < changes; i++)
            {
                int at = round % 2 == 0 ? random.Next(damaged.Length) : damaged.Length - 1 - random.Next(3000);
                damaged[at] = (byte)(random.Next(
                    3) switch { 0 => 0xFF, 1 => damaged[at] ^ (1 << random.Next(8)), _ => random.Next(256) });
            }
            refused += IsRefused(damaged[..(random.Next(8) == 0 ? random.Next(damaged.Length) : damaged.Length)]) ? 1
                : 0;
        }
        Assert.InRange(refused, 1000, 5999);
    }

    private static bool IsRefused(byte[] file)
    {
        try
        {
            IpcFileReader reader = IpcSamples.Open(file);
            for (int b = 0; b < reader.Blocks.Count; b++)
            {
                IpcBatch batch = reader.ReadBatch(b);
                for (int i = 0; i < reader.Schema.Fields.Count; i++)
                {
                    Column column = batch.ReadColumn(i);
                    for (int row = 0; row < column.Length; row++)
                        IpcSamples.ValueOf(column, row);
                    batch.TryMap(i, out _, out _);
                }
            }
            return false;
        }
        catch (IpcException refusal)
        {
            Assert.Equal("test.arrow", refusal.SourceName);
            return true;
        }
    }
}
