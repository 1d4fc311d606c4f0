using System.Collections.Immutable;
using System.Text;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Shards;

namespace VecSQL.Storage.Tests.Shards;

public sealed class RowRouterTests
{
    private static readonly ImmutableArray<SqlType> Types = [SqlType.Int4, SqlType.Text];

    [Fact]
    public void Ranges_begin_with_their_bounds_and_end_before_the_next()
    {
        RowRouter router = Router(Types, Bound(10), Bound(20, "b"), Bound(30));
        Assert.Equal(
            [1, 1, 2, 2, 2, 3, 3, 4, 4],
            Route(router, (-5, "z"), (9, "z"), (10, ""), (20, "a"), (20, "azz"), (20, "b"), (20, null), (30, ""), (null, "a")));
    }

    [Fact]
    public void Limits_name_all_places_of_keys_within_them_and_few_others()
    {
        RowRouter router = Router(Types, Bound(10), Bound(20, "b"), Bound(30));
        int?[] numbers = [-1, 9, 10, 11, 19, 20, 21, 29, 30, 31, null];
        string?[] texts = ["", "a", "b", "c", null];
        (int?, string?)[] keys = [.. numbers.SelectMany(number => texts, static (number, text) => (number, text))];
        int[] homes = Route(router, keys);
        foreach (int limit in new[] { -1, 9, 10, 15, 20, 30, 40 })
        {
            foreach (bool isInclusive in new[] { true, false })
            {
                KeyLimit at = new(Ints(limit), isInclusive);
                Assert.Empty(Homes(number => number > limit || (isInclusive && number == limit)).Except(Within(router, [], at, default)));
                Assert.Empty(Homes(number => number < limit || (isInclusive && number == limit)).Except(Within(router, [], default, at)));
            }
            Assert.Empty(Homes(number => number == limit).Except(Within(router, [Ints(limit)], default, default)));
        }
        Assert.Equal([1], Within(router, [], default, new KeyLimit(Ints(10), IsInclusive: false)));
        Assert.Equal([3, 4], Within(router, [], new KeyLimit(Ints(20), IsInclusive: false), default));
        Assert.Equal([2, 3], Within(router, [Ints(20)], default, default));
        Assert.Equal([3], Within(router, [Ints(20)], new KeyLimit(Texts("b"), IsInclusive: true), default));
        Assert.Equal([2], Within(router, [Ints(20)], default, new KeyLimit(Texts("b"), IsInclusive: false)));
        Assert.Equal([1, 2, 3, 4], Within(router, [], default, default));

        IEnumerable<int> Homes(Predicate<int> isAmong) => keys.Zip(homes).Where(pair => pair.First.Item1 is { } number && isAmong(number)).Select(static pair => pair.Second);
    }

    [Fact]
    public void Integers_of_all_widths_and_numbers_of_all_scales_have_one_order()
    {
        Assert.Equal(RowRouter.RangeKey([SqlType.Int2], [new FixedColumn<short>([(short)-7])]), RowRouter.RangeKey([SqlType.Int8], [new FixedColumn<long>([-7L])]));
        Assert.True(RowRouter.RangeKey([SqlType.Int4], [Ints(-1)]).AsSpan().SequenceCompareTo(RowRouter.RangeKey([SqlType.Int4], [Ints(1)])) < 0);
    }

    private static int[] Within(RowRouter router, Column[] prefix, KeyLimit low, KeyLimit high) =>
        [.. router.Within(prefix, low, high).Select(static shard => (int)shard.Value)];

    private static int[] Route(RowRouter router, params (int? Number, string? Text)[] keys)
    {
        ColumnBuilder numbers = ColumnBuilder.Create(PhysicalType.Int32, keys.Length);
        var texts = new BinaryColumnBuilder(keys.Length);
        foreach ((int? number, string? text) in keys)
        {
            if (number is { } known)
                numbers.AppendFrom(Ints(known), 0);
            else
                numbers.AppendNull();
            if (text is null)
                texts.AppendNull();
            else
                texts.Append(Encoding.UTF8.GetBytes(text));
        }
        return [.. router.Route([numbers.Build(), texts.Build()], keys.Length).Select(static shard => (int)shard.Value)];
    }

    private static RowRouter Router(ImmutableArray<SqlType> types, params RangeBound[] bounds)
    {
        ImmutableArray<ShardId> shards = [.. Enumerable.Range(1, bounds.Length + 1).Select(static number => new ShardId((uint)number))];
        ShardGroupEntry group = new(20_000, "range", shards, []) { Method = ShardMethod.Range, Bounds = [.. bounds] };
        TableEntry table = new(20_001, 2200, "t")
        {
            Columns = [.. types.Select(static (type, place) => new ColumnEntry((short)(place + 1), $"c{place}", type))],
            Placement = new TablePlacement(group.Oid, [1, 2]),
        };
        return new RowRouter(table, group);
    }

    private static RangeBound Bound(int number, string? text = null) =>
        new(RowRouter.RangeKey(Types, text is null ? [Ints(number)] : [Ints(number), Texts(text)]), "");

    private static FixedColumn<int> Ints(int value) => new([value]);

    private static Column Texts(string value)
    {
        var texts = new BinaryColumnBuilder(1);
        texts.Append(Encoding.UTF8.GetBytes(value));
        return texts.Build();
    }
}
