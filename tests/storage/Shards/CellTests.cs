using System.Collections.Immutable;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Shards;

namespace VecSQL.Storage.Tests.Shards;

public sealed class CellTests
{
    private static readonly ShardId[] Shards = [new(4), new(7), new(9)];

    [Fact]
    public void A_vector_is_in_the_shard_of_the_cell_whose_centroid_is_nearest_and_one_that_is_null_in_the_first_shard()
    {
        ShardGroupEntry group = Group() with { Slots = [2, 0, 1, 0], Centroids = Bytes(0, 0, 10, 0, 0, 10, -10, 0) };
        RowRouter router = new(Table(new SqlType(TypeOid.Vector), group), group);
        Assert.Equal([9, 4, 7, 4, 4], Route(router, Vectors([1, 1], [6, 1], [1, 6], null, [-100, 0])));
        Assert.Equal([new ShardId(7)], router.Within([Vectors([1, 9])], default, default));
        Assert.Equal(Shards, router.Within([], default, default));
    }

    [Fact]
    public void Halves_are_in_the_cells_of_their_values()
    {
        ShardGroupEntry group = Group() with { Slots = [2, 0], Centroids = Bytes(0, 0, 10, 0) };
        BinaryColumnBuilder halves = new(2);
        halves.Append(MemoryMarshal.AsBytes<Half>([(Half)1, (Half)0]));
        halves.Append(MemoryMarshal.AsBytes<Half>([(Half)9, (Half)0]));
        Assert.Equal([9, 4], Route(new RowRouter(Table(SqlType.HalfVector, group), group), halves.Build()));
    }

    [Fact]
    public void Before_there_are_cells_equal_vectors_are_together_and_all_shards_have_some()
    {
        ShardGroupEntry group = Group();
        RowRouter router = new(Table(new SqlType(TypeOid.Vector), group), group);
        int[] shards = Route(router, Vectors([.. Enumerable.Range(0, 100).Select(static i => new float[] { i % 50, 1 })]));
        Assert.Equal(shards[..50], shards[50..]);
        Assert.Equal([4, 7, 9], shards.Distinct().Order());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(40)]
    public void Cells_are_given_to_shards_by_their_rows_near_ones_together(int shards)
    {
        float[] centroids = [.. Enumerable.Range(0, 40).SelectMany(static i => new float[] { i * 7 % 40, 0 })]; // on a line
        int[] rows = [.. Enumerable.Range(0, 40).Select(static i => 10 + (i % 3))];
        ushort[] places = CellGroups.Of(centroids, rows, shards);
        int[] ofShard = new int[shards];
        for (int cell = 0; cell < rows.Length; cell++)
            ofShard[places[cell]] += rows[cell];
        Assert.All(ofShard, count => Assert.InRange(count, 1, (rows.Sum() / shards) + 12));
        int[] alongLine = [.. Enumerable.Range(0, 40).OrderBy(cell => centroids[2 * cell]).Select(cell => (int)places[cell])];
        Assert.Equal(shards - 1, alongLine.Zip(alongLine.Skip(1)).Count(static pair => pair.First != pair.Second));
    }

    [Fact]
    public void Cells_without_rows_and_cells_at_one_place_are_given_to_shards_too()
    {
        Assert.Equal([0, 1, 2], CellGroups.Of(new float[6], [0, 0, 0], 3).Select(static place => (int)place).Order());
        Assert.Equal([0, 1, 2], CellGroups.Of([1, 1, 1, 1, 5, 5], [100, 0, 0], 3).Select(static place => (int)place).Order());
    }

    private static ShardGroupEntry Group() => ShardGroupEntry.Even(20_000, "vector", [.. Shards]) with { Method = ShardMethod.Vector };

    private static TableEntry Table(SqlType type, ShardGroupEntry group) => new(20_001, 2200, "t")
    {
        Columns = [new ColumnEntry(1, "v", type with { Modifier = 2 })], Placement = new TablePlacement(group.Oid, [1]),
    };

    private static int[] Route(RowRouter router, Column vectors) => [.. router.Route([vectors], vectors.Length).Select(static shard => (int)shard.Value)];

    private static byte[] Bytes(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static Column Vectors(params float[]?[] vectors)
    {
        BinaryColumnBuilder built = new(vectors.Length);
        foreach (float[]? vector in vectors)
        {
            if (vector is null)
                built.AppendNull();
            else
                built.Append(Bytes(vector));
        }
        return built.Build();
    }
}
