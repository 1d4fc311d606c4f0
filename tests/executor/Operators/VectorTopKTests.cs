using System.Runtime.InteropServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Executor.Tests.Operators;

public sealed class VectorTopKTests
{
    private const int Dimensions = 5;

    private static async Task<(TestTable Table, List<object?[]> Rows)> FillAsync(SqlType type, int count)
    {
        TestTable table = await TestTable.CreateAsync(
            new ColumnEntry(1, "id", SqlType.Int8) { IsNotNull = true },
            new ColumnEntry(2, "kind", SqlType.Int4),
            new ColumnEntry(3, "embedding", type));
        var random = new Random(count);
        List<object?[]> rows = [];
        for (int i = 0; i < count; i++)
            rows.Add([(long)i, random.Next(5) == 0 ? null : random.Next(4), random.Next(9) == 0 ? null
                : Vector(type, random)]);
        for (int start = 0; start < count; start += 3000)
        {
            await table.InsertAsync(Rig.Batch(table.Types, [.. rows.Skip(start).Take(3000)]));
            if (start == 3000)
                await table.Engine.CheckpointAsync(default); // some rows in segments, some in memory
        }
        return (table, rows);
    }

    // Few distinct coordinates, so that distances tie and some vectors are zero.
    private static byte[] Vector(SqlType type, Random random)
    {
        float[] values = [.. Enumerable.Range(0, Dimensions).Select(_ => random.Next(3) - 1f)];
        if (random.Next(20) == 0)
            values = new float[Dimensions];
        return type.Oid switch
        {
            TypeOid.HalfVector => MemoryMarshal.AsBytes(values.Select(value =>
                (Half)value).ToArray().AsSpan()).ToArray(),
            TypeOid.SparseVector => Sparse(values),
            TypeOid.Bit => [Dimensions, 0, 0, 0, (byte)(values.Select((value, i) => value > 0 ? 128 >> i : 0).Sum())],
            _ => MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        };
    }

    private static byte[] Sparse(float[] values)
    {
        int[] indexes = [.. Enumerable.Range(0, values.Length).Where(i => values[i] != 0)];
        int[] head = [values.Length, indexes.Length, .. indexes];
        float[] tail = [.. indexes.Select(i => values[i])];
        return [.. MemoryMarshal.AsBytes(head.AsSpan()), .. MemoryMarshal.AsBytes(tail.AsSpan())];
    }

    private static double? Distance(SqlType type, VectorMetric metric, byte[]? x, byte[]? y)
    {
        if (x is null || y is null)
            return null;
        if (type.Oid == TypeOid.Bit)
            return BitDistances.Between(metric == VectorMetric.Hamming ? BitMetric.Hamming
                : BitMetric.Jaccard, x.AsSpan(4), y.AsSpan(4));
        DistanceMetric kernel = (DistanceMetric)metric;
        return type.Oid switch
        {
            TypeOid.HalfVector => Distances.Between(kernel, MemoryMarshal.Cast<byte, Half>(x), MemoryMarshal.Cast<byte,
                Half>(y)),
            TypeOid.SparseVector => SparseDistances.Between(kernel, View(x), View(y)),
            _ => Distances.Between(kernel, MemoryMarshal.Cast<byte, float>(x), MemoryMarshal.Cast<byte, float>(y)),
        };
    }

    private static SparseView View(byte[] value)
    {
        int count = MemoryMarshal.Cast<byte, int>(value)[1];
        return new SparseView(MemoryMarshal.Cast<byte, int>(value).Slice(2, count), MemoryMarshal.Cast<byte,
            float>(value)[(2 + count)..]);
    }

    private static VectorTopKPlan Plan(TestTable table, SqlType type, VectorMetric metric,
        byte[]? query, long? limit, long offset, bool hasFilter) =>
        new(table.Id, "t", 3, metric, Rig.Constant(type, query), Rig.Long(limit), Rig.Long(offset), [1, 2])
        {
            FilterColumns = hasFilter ? [2] : [],
            Filter = hasFilter ? Rig.Operator("<", Rig.Input(SqlType.Int4, 0), Rig.Constant(SqlType.Int4, 2)) : null,
            Output = [SqlType.Int8, SqlType.Int4, SqlType.Float8],
        };

    public static TheoryData<uint, VectorMetric> TypesAndMetrics => new()
    {
        { TypeOid.Vector, VectorMetric.L2 }, { TypeOid.Vector, VectorMetric.Cosine },
        { TypeOid.Vector, VectorMetric.NegativeInnerProduct }, { TypeOid.Vector, VectorMetric.L1 },
        { TypeOid.HalfVector, VectorMetric.L2 }, { TypeOid.HalfVector, VectorMetric.Cosine },
        { TypeOid.SparseVector, VectorMetric.L2 }, { TypeOid.SparseVector, VectorMetric.Cosine },
        { TypeOid.Bit, VectorMetric.Hamming }, { TypeOid.Bit, VectorMetric.Jaccard },
    };

    [Theory, MemberData(nameof(TypesAndMetrics))]
    public async Task It_gives_what_measuring_and_sorting_all_rows_gives(uint typeOid, VectorMetric metric)
    {
        var type = new SqlType(typeOid, Dimensions);
        (TestTable table, List<object?[]> rows) = await FillAsync(type, 20000);
        await using (table)
        {
            await DeleteSomeAsync(table, rows);
            foreach ((long? limit, long offset) in
                new (long?, long)[] { (10, 0), (1, 3), (5000, 100), (0, 0), (1L << 50, 19000), (null, 0) })
            {
                foreach (bool hasFilter in new[] { false, true })
                {
                    byte[]? query = offset == 3 ? null : Vector(type, new Random(7));
                    List<object?[]> expected =
                    [
                        .. rows.Where(row => !hasFilter || row[1] is int and < 2)
                            .Select(row =>
                                new object?[] { row[0], row[1], Distance(type, metric, (byte[]?)row[2], query) })
                            .Order(Comparer<object?[]>.Create((x, y) => ModelOrder.Compare(x[2], y[2])))
                            .Skip((int)offset).Take((int)Math.Min(limit ?? int.MaxValue, int.MaxValue)),
                    ];
                    foreach (int workers in new[] { 1, 3 })
                    {
                        await using Transaction transaction = table.Begin();
                        var rig = new Rig { Transaction = transaction, ParallelismMax = workers };
                        Assert.Equal(Rig.Lines(expected), Rig.Lines(await rig.RunAsync(
                            Plan(table, type, metric, query, limit, offset, hasFilter))));
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(VectorMetric.L2)]
    [InlineData(VectorMetric.Cosine)]
    [InlineData(VectorMetric.NegativeInnerProduct)]
    public async Task Searching_again_by_codes_gives_what_the_first_search_gave(VectorMetric metric)
    {
        const int dimensions = 32, count = 20_000;
        var type = new SqlType(TypeOid.Vector, dimensions);
        await using TestTable table = await TestTable.CreateAsync(
            new ColumnEntry(1, "id", SqlType.Int8) { IsNotNull = true },
            new ColumnEntry(2, "kind", SqlType.Int4),
            new ColumnEntry(3, "embedding", type));
        var random = new Random(11);
        byte[] Next() => MemoryMarshal.AsBytes(
            Enumerable.Range(0, dimensions).Select(_ => (float)(random.NextDouble() + random.NextDouble() - 1)).ToArray()
                .AsSpan()).ToArray();
        List<object?[]> rows = [.. Enumerable.Range(0, count).Select(i => new object?[] { (long)i, i % 4, Next() })];
        await table.InsertAsync(Rig.Batch(table.Types, [.. rows]));
        await table.Engine.CheckpointAsync(default);
        await DeleteSomeAsync(table, rows);
        for (int search = 0; search < 4; search++) // the codes are made by the second
        {
            byte[] query = Next();
            foreach (bool hasFilter in new[] { false, true })
            {
                List<object?[]> expected =
                [
                    .. rows.Where(row => !hasFilter || row[1] is int and < 2)
                        .Select(row => new object?[] { row[0], row[1], Distance(type, metric, (byte[]?)row[2], query) })
                        .Order(Comparer<object?[]>.Create((x, y) => ModelOrder.Compare(x[2], y[2]))).Take(10),
                ];
                await using Transaction transaction = table.Begin();
                var rig = new Rig { Transaction = transaction, ParallelismMax = 2 };
                Assert.Equal(Rig.Lines(expected),
                    Rig.Lines(await rig.RunAsync(Plan(table, type, metric, query, 10, 0, hasFilter))));
            }
        }
    }

    private static async Task DeleteSomeAsync(TestTable table, List<object?[]> rows)
    {
        await using Transaction transaction = table.Begin();
        ColumnBatch keys = Rig.Batch([SqlType.Int8], [.. rows.Where((_, i) =>
            i % 7 == 3).Select(row => new[] { row[0] })]);
        ColumnBatch found = transaction.Read(table.Id).Lookup(table.Entry.Indexes[0].Oid, keys, []).Rows;
        RowId[] ids = [.. ((Columnar.Columns.FixedColumn<long>)found.Columns[^1]).Values.ToArray().Select(id =>
            new RowId(id))];
        await transaction.DeleteAsync(table.Id, ids, default);
        await transaction.CommitAsync(isDurable: false, default);
        rows.RemoveAll(row => (long)row[0]! % 7 == 3);
    }

    [Fact]
    public async Task A_query_of_other_dimensions_is_an_error()
    {
        (TestTable table, _) = await FillAsync(new SqlType(TypeOid.Vector, Dimensions), 100);
        await using (table)
        {
            await using Transaction transaction = table.Begin();
            SqlException error = await Assert.ThrowsAsync<SqlException>(() =>
                new Rig { Transaction = transaction }.RunAsync(
                Plan(table, SqlType.Vector, VectorMetric.L2, new byte[12], 3, 0, false)));
            Assert.Equal(("22000", "different vector dimensions 5 and 3"), (error.State.Code, error.Message));
        }
    }
}
