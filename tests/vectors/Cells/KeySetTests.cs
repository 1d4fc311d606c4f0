using VecSQL.Vectors.Cells;

namespace VecSQL.Vectors.Tests.Cells;

/// <summary>Sets of numbers against sets that hold each number by itself.</summary>
public sealed class KeySetTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(30, 100)]
    [InlineData(5000, 10_000)]
    [InlineData(5000, 1L << 40)]
    [InlineData(3000, long.MaxValue)]
    public void A_set_has_just_the_numbers_it_was_made_of(int count, long width)
    {
        var random = new Random(count);
        long[] numbers = [.. Enumerable.Range(0, count).Select(_ => random.NextInt64(-width, Math.Max(1, width)))];
        HashSet<long> known = [.. numbers];
        KeySet set = KeySet.Of(numbers.ToArray());
        KeySet others = set.Not();
        foreach (long number in known.SelectMany(static number => new[] { number - 1, number, number + 1 })
            .Concat([long.MinValue, long.MaxValue, 0]))
        {
            Assert.Equal(known.Contains(number), set.Contains(number));
            Assert.Equal(!known.Contains(number), others.Contains(number));
        }
        Assert.Equal(set.Ranges.ToArray(), others.Not().Ranges.ToArray());
        Assert.Equal(0, set.And(others).Ranges.Length);
        Assert.Equal(set.Ranges.ToArray(), KeySet.Of(numbers.Select(static number => new KeyRange(number, number))).Ranges.ToArray());
    }

    [Fact]
    public void Ranges_are_apart_up_to_the_ends_of_all_numbers()
    {
        KeySet set = KeySet.Of((KeyRange[])[new(5, 9), new(long.MaxValue - 1, long.MaxValue), new(10, 12), new(3, 2), new(7, 8), new(long.MinValue, -1)]);
        Assert.Equal([new(long.MinValue, -1), new(5, 12), new(long.MaxValue - 1, long.MaxValue)], set.Ranges.ToArray());
        Assert.Equal([new(0, 4), new(13, long.MaxValue - 2)], set.Not().Ranges.ToArray());
        Assert.Equal([new(6, 12), new(long.MaxValue, long.MaxValue)],
            set.And(KeySet.Of((KeyRange[])[new(6, 20), new(long.MaxValue, long.MaxValue)])).Ranges.ToArray());
        Assert.Equal([new(long.MinValue, long.MaxValue)], KeySet.None.Not().Ranges.ToArray());
        Assert.False(KeySet.None.Contains(0));
    }
}
