using VecSQL.Vectors.Cells;

namespace VecSQL.Vectors.Tests.Cells;

public sealed class RerankBoundTests
{
    [Fact]
    public void Rows_are_measured_until_the_rest_is_beyond_twice_the_greatest_error()
    {
        float[] estimates = [.. Enumerable.Range(0, 100).Select(static i => (float)i)];
        RerankBound bound = new(estimates, wanted: 10);
        int measured = 0;
        for (; !bound.EndsAt(measured, double.PositiveInfinity); measured++)
            bound.Add(measured, estimates[measured] + (measured == 4 ? 3 : 0));
        Assert.Equal(16, measured); // the tenth is 9, and 9 + 2 · 3 = 15 may still be nearer
    }

    [Fact]
    public void What_others_have_found_ends_it_sooner()
    {
        float[] estimates = [.. Enumerable.Range(0, 100).Select(static i => (float)i)];
        RerankBound bound = new(estimates, wanted: 50);
        for (int i = 0; i < 50; i++)
        {
            Assert.False(bound.EndsAt(i, limit: 12)); // so many are wanted
            bound.Add(i, estimates[i]);
        }
        Assert.True(bound.EndsAt(50, limit: 12));
    }

    [Fact]
    public void Without_numbers_it_never_ends()
    {
        RerankBound bound = new([.. Enumerable.Repeat(1f, 20)], wanted: 1);
        for (int i = 0; i < 20; i++)
        {
            Assert.False(bound.EndsAt(i, double.PositiveInfinity));
            bound.Add(i, double.NaN);
        }
    }
}
