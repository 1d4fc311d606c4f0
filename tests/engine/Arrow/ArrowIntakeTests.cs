using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Engine.Arrow;

namespace VecSQL.Engine.Tests.Arrow;

/// <summary>What comes in as Arrow and is not what a client with good intentions sends.</summary>
public sealed class ArrowIntakeTests : IAsyncDisposable
{
    private static readonly ArrowType Texts = ArrowType.Dictionary(0, ArrowTypeKind.Int32, new ArrowType(ArrowTypeKind.Utf8));

    private readonly TestDatabase _database = new();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData(int.MinValue + 1)]
    [InlineData(-2_440_589)]
    [InlineData(2_145_042_906)]
    public async Task Days_beyond_the_calendar_are_refused(int day)
    {
        ArrowArray days = new(new ArrowType(ArrowTypeKind.Date32), 1, 0, [default, ColumnBuffer.Wrap(new[] { day })]);
        Assert.Equal("22008", await RefusalAsync("date", days));
    }

    [Theory]
    [InlineData(1L << 40, "54000")]
    [InlineData(-1L << 40, "22000")]
    public async Task Dimensions_beyond_any_vector_are_refused(long dimensions, string state) => Assert.Equal(state, await RefusalAsync("sparsevec",
        Sparse(Lists(Integers(0)), new ArrowArray(new ArrowType(ArrowTypeKind.Int64), 1, 0, [default, ColumnBuffer.Wrap(new[] { dimensions })]))));

    [Fact]
    public async Task Members_of_other_types_make_no_sparse_vector()
    {
        Assert.Equal("42804", await RefusalAsync("sparsevec", Sparse(Lists(Integers(0)), Text("5"))));
        ArrowArray structs = new(ArrowType.Struct([]), 1, 0, [default]);
        Assert.Equal("42804", await RefusalAsync("sparsevec", Sparse(Lists(structs), Integers(5))));
    }

    [Fact]
    public async Task Names_are_cut_as_those_of_statements()
    {
        await using TestSession session = _database.Session();
        string table = new('t', 100), column = new('c', 100);
        ArrowSchema schema = new([new ArrowField(column, new ArrowType(ArrowTypeKind.Int32), true, [])], []);
        foreach (ArrowIngestMode mode in new[] { ArrowIngestMode.Create, ArrowIngestMode.Append, ArrowIngestMode.CreateAppend })
            Assert.Equal(1, await session.IngestAsync(new ArrowIngestTarget(null, table, mode), schema, new ArrowBatch(schema, 1, [Integers(7)])));
        Assert.Equal("3", await session.ValueAsync($"SELECT count({column[..63]}) FROM {table[..63]}"));
    }

    [Fact]
    public async Task No_name_has_a_zero()
    {
        await using TestSession session = _database.Session();
        ArrowSchema schema = new([new ArrowField("a\0b", new ArrowType(ArrowTypeKind.Int32), true, [])], []);
        SqlException refused = await Assert.ThrowsAsync<SqlException>(() => session.IngestAsync(
            new ArrowIngestTarget(null, "t", ArrowIngestMode.Create), schema, new ArrowBatch(schema, 1, [Integers(7)])));
        Assert.Equal("22021", refused.State.ToString());
        refused = await Assert.ThrowsAsync<SqlException>(() => session.RunAsync("SELECT 'a\0b'"));
        Assert.Equal("22021", refused.State.ToString());
    }

    [Fact]
    public void A_long_value_that_is_named_often_is_taken_a_few_rows_at_once()
    {
        ArrowArray dictionary = Text(new string('x', 1 << 20));
        ArrowArray named = new(Texts, 4096, 0, [default, ColumnBuffer.Wrap(new int[4096])], dictionary: dictionary);
        Assert.Equal(64, ArrowChunks.RowsNext([named], 0, 4096));
        Assert.Equal(32, ArrowChunks.RowsNext([named], 4064, 4096));
        ArrowArray row = new(ArrowType.List(Texts), 1, 0, [default, ColumnBuffer.Wrap(new[] { 0, 4096 })], [named]);
        Assert.Equal(SqlState.ProgramLimitExceeded, Assert.Throws<SqlException>(() => ArrowChunks.RowsNext([row], 0, 1)).State);
        byte[] view = new byte[16];
        BitConverter.TryWriteBytes(view, 1 << 20);
        ArrowArray views = new(new ArrowType(ArrowTypeKind.BinaryView), 4096, 0,
            [default, ColumnBuffer.Wrap(Enumerable.Repeat(view, 4096).SelectMany(static bytes => bytes).ToArray()), ColumnBuffer.Wrap(new byte[1 << 20])]);
        Assert.Equal(64, ArrowChunks.RowsNext([views], 0, 4096));
        Assert.Equal(4096, ArrowChunks.RowsNext([Integers(new int[10_000])], 0, 10_000));
    }

    private static ArrowArray Integers(params int[] values) =>
        new(new ArrowType(ArrowTypeKind.Int32), values.Length, 0, [default, ColumnBuffer.Wrap(values)]);

    private static ArrowArray Text(string value)
    {
        BinaryColumnBuilder texts = new();
        texts.Append(System.Text.Encoding.UTF8.GetBytes(value));
        return ColumnArrays.ToArray(texts.Build(), new ArrowType(ArrowTypeKind.Utf8));
    }

    /// <summary>A list of one element.</summary>
    private static ArrowArray Lists(ArrowArray element) => new(ArrowType.List(element.Type), 1, 0, [default, ColumnBuffer.Wrap(new[] { 0, 1 })], [element]);

    private static ArrowArray Sparse(ArrowArray indices, ArrowArray dimensions)
    {
        ArrowArray values = Lists(new ArrowArray(new ArrowType(ArrowTypeKind.Float32), 1, 0, [default, ColumnBuffer.Wrap(new[] { 1.5f })]));
        return new ArrowArray(ArrowType.Struct(
        [
            new ArrowField("indices", indices.Type, false, []), new ArrowField("values", values.Type, false, []),
            new ArrowField("dimensions", dimensions.Type, false, []),
        ]), 1, 0, [default], [indices, values, dimensions]);
    }

    private async Task<string> RefusalAsync(string type, ArrowArray array)
    {
        await using TestSession session = _database.Session();
        await session.RunAsync($"CREATE TABLE t (a {type})");
        ArrowSchema schema = new([new ArrowField("a", array.Type, true, [])], []);
        SqlException refused = await Assert.ThrowsAsync<SqlException>(() =>
            session.IngestAsync(new ArrowIngestTarget(null, "t"), schema, new ArrowBatch(schema, 1, [array])));
        await session.RunAsync("DROP TABLE t");
        return refused.State.ToString();
    }
}
