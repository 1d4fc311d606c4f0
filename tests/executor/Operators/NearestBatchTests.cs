using System.Collections.Immutable;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Tests.Operators;

/// <summary>Searches for many outer rows, which are done together, against searches one at a time.</summary>
public sealed class NearestBatchTests
{
    private const int Dimensions = 6, Slot = 3;

    public static TheoryData<uint, VectorMetric> TypesAndMetrics => new()
    {
        { TypeOid.Vector, VectorMetric.L2 }, { TypeOid.Vector, VectorMetric.Cosine },
        { TypeOid.Vector, VectorMetric.NegativeInnerProduct }, { TypeOid.Vector, VectorMetric.L1 },
        { TypeOid.HalfVector, VectorMetric.L2 }, { TypeOid.HalfVector, VectorMetric.Cosine },
        { TypeOid.HalfVector, VectorMetric.NegativeInnerProduct },
    };

    [Theory, MemberData(nameof(TypesAndMetrics))]
    public async Task Together_they_find_what_each_finds_alone(uint typeOid, VectorMetric metric)
    {
        var type = new SqlType(typeOid, Dimensions);
        await using TestTable table = await FillAsync(type, 9000);
        var random = new Random(3);
        // More than are searched for at once, with ties, zeros and nulls.
        List<object?[]> asked = [.. Enumerable.Range(0, 300).Select(i =>
            new object?[] { (long)i, random.Next(12) == 0 ? null : Vector(type, random) })];
        foreach ((long? limit, long offset, bool hasFilter, bool nullsFirst) in new (long?, long, bool, bool)[]
            { (10, 0, false, false), (3, 4, true, false), (7, 0, true, true), (0, 0, false, false), (60, 0, false, false) })
        {
            VectorTopKPlan Search(ScalarExpression query) => Plan(table, type, metric, query, limit, offset, hasFilter) with
            {
                NullsFirst = nullsFirst,
            };
            List<object?[]> expected = [];
            foreach (object?[] row in asked)
            {
                List<object?[]> alone = await RunAsync(table, 1, _ => Search(Rig.Constant(type, row[1])));
                expected.AddRange(alone.Select(found => new[] { row[0] }.Concat(found).ToArray()));
                if (alone.Count == 0)
                    expected.Add([row[0], null, null, null]);
            }
            foreach (int workers in new[] { 1, 3 })
            {
                List<object?[]> found = await RunAsync(table, workers, rig =>
                    Apply(PhysicalJoinKind.Left, rig.Source([SqlType.Int8, type], asked), type, Search(new OuterExpression(type, Slot))));
                Assert.Equal(Rig.Lines(expected), Rig.Lines(found.Select(static row => new[] { row[0] }.Concat(row[2..]).ToArray())));
            }
        }
    }

    [Fact]
    public async Task A_query_of_other_dimensions_is_an_error_when_it_is_reached()
    {
        var type = new SqlType(TypeOid.Vector, Dimensions);
        await using TestTable table = await FillAsync(type, 500);
        var random = new Random(9);
        List<object?[]> asked = [.. Enumerable.Range(0, 20).Select(i =>
            new object?[] { (long)i, i == 17 ? new byte[12] : Vector(type, random) })];
        PhysicalPlan Joined(Rig rig) => Apply(PhysicalJoinKind.Inner, rig.Source([SqlType.Int8, SqlType.Vector], asked), SqlType.Vector,
            Plan(table, type, VectorMetric.L2, new OuterExpression(SqlType.Vector, Slot), 3, 0, hasFilter: false));
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => RunAsync(table, 2, Joined));
        Assert.Equal(("22000", "different vector dimensions 6 and 3"), (error.State.Code, error.Message));
        asked.RemoveRange(17, 3);
        Assert.Equal(17 * 3, (await RunAsync(table, 2, Joined)).Count);
    }

    [Fact]
    public async Task A_filter_by_the_outer_row_is_that_of_each()
    {
        var type = new SqlType(TypeOid.Vector, Dimensions);
        await using TestTable table = await FillAsync(type, 3000);
        var random = new Random(4);
        List<object?[]> asked = [.. Enumerable.Range(0, 40).Select(i => new object?[] { i % 4, Vector(type, random) })];
        List<object?[]> found = await RunAsync(table, 2, rig => new ApplyPlan(
            PhysicalJoinKind.Inner, rig.Source([SqlType.Int4, type], asked),
            Plan(table, type, VectorMetric.L2, new OuterExpression(type, Slot), 5, 0, hasFilter: false) with
            {
                FilterColumns = [2],
                Filter = Rig.Operator("=", Rig.Input(SqlType.Int4, 0), new OuterExpression(SqlType.Int4, Slot + 1)),
            },
            [new OuterValue(Slot, Rig.Input(type, 1)), new OuterValue(Slot + 1, Rig.Input(SqlType.Int4, 0))], null, [0, 1, 2, 3, 4])
        {
            Output = [SqlType.Int4, type, SqlType.Int8, SqlType.Int4, SqlType.Float8],
        });
        Assert.Equal(200, found.Count);
        Assert.All(found, static row => Assert.Equal(row[0], row[3]));
    }

    [Fact]
    public async Task Searches_done_together_stop_when_cancelled()
    {
        var type = new SqlType(TypeOid.Vector, Dimensions);
        await using TestTable table = await FillAsync(type, 3000);
        var random = new Random(4);
        List<object?[]> asked = [.. Enumerable.Range(0, 40).Select(i => new object?[] { (long)i, Vector(type, random) })];
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(table, 2, rig =>
            Apply(PhysicalJoinKind.Inner, rig.Source([SqlType.Int8, type], asked), type,
                Plan(table, type, VectorMetric.L2, new OuterExpression(type, Slot), 3, 0, hasFilter: false)), cancelled.Token));
    }

    private static ApplyPlan Apply(PhysicalJoinKind kind, PhysicalPlan left, SqlType type, VectorTopKPlan right) =>
        new(kind, left, right, [new OuterValue(Slot, Rig.Input(type, 1))], null, [.. Enumerable.Range(0, 2 + right.Output.Length)])
        {
            Output = [SqlType.Int8, type, .. right.Output],
        };

    private static VectorTopKPlan Plan(
        TestTable table, SqlType type, VectorMetric metric, ScalarExpression query, long? limit, long offset, bool hasFilter) =>
        new(table.Id, "t", 3, metric, query, Rig.Long(limit), Rig.Long(offset), [1, 2])
        {
            FilterColumns = hasFilter ? [2] : [],
            Filter = hasFilter ? Rig.Operator("<", Rig.Input(SqlType.Int4, 0), Rig.Constant(SqlType.Int4, 2)) : null,
            Output = ImmutableArray.Create(SqlType.Int8, SqlType.Int4, SqlType.Float8),
        };

    private static async Task<List<object?[]>> RunAsync(
        TestTable table, int workers, Func<Rig, PhysicalPlan> plan, CancellationToken cancellation = default)
    {
        await using Transaction transaction = table.Begin();
        var rig = new Rig { Transaction = transaction, ParallelismMax = workers };
        return await rig.RunAsync(plan(rig), cancellation);
    }

    private static async Task<TestTable> FillAsync(SqlType type, int count)
    {
        TestTable table = await TestTable.CreateAsync(
            new ColumnEntry(1, "id", SqlType.Int8) { IsNotNull = true },
            new ColumnEntry(2, "kind", SqlType.Int4),
            new ColumnEntry(3, "embedding", type));
        var random = new Random(count);
        List<object?[]> rows = [.. Enumerable.Range(0, count).Select(i => new object?[]
        {
            (long)i, random.Next(5) == 0 ? null : random.Next(4), random.Next(40) == 0 ? null : Vector(type, random),
        })];
        for (int start = 0; start < count; start += 3000)
        {
            await table.InsertAsync(Rig.Batch(table.Types, [.. rows.Skip(start).Take(3000)]));
            if (start == 3000)
                await table.Engine.CheckpointAsync(default); // some rows in segments, some in memory
        }
        return table;
    }

    // Half of them of few distinct coordinates, so that distances tie and some vectors are zero.
    private static byte[] Vector(SqlType type, Random random)
    {
        bool isCoarse = random.Next(2) == 0;
        float[] values = [.. Enumerable.Range(0, Dimensions).Select(_ => isCoarse ? random.Next(3) - 1f : (float)(random.NextDouble() - 0.5))];
        if (random.Next(20) == 0)
            values = new float[Dimensions];
        return type.Oid == TypeOid.HalfVector
            ? MemoryMarshal.AsBytes(values.Select(static value => (Half)value).ToArray().AsSpan()).ToArray()
            : MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }
}
