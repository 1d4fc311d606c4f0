using VecSQL.Vectors.Cells;

namespace VecSQL.Vectors.Tests.Cells;

public sealed class RecallCurveTests
{
    private static readonly RecallCurve Curve = new([
        new RecallPoint(10, 1, 0.5f), new RecallPoint(10, 10, 0.9f), new RecallPoint(10, 100, 0.99f),
        new RecallPoint(100, 1, 0.3f), new RecallPoint(100, 40, 0.9f), new RecallPoint(100, 400, 0.99f),
    ]);

    [Fact]
    public void More_recall_and_more_neighbours_take_more_cells()
    {
        int before = 0;
        foreach (double recall in new[] { 0.3, 0.6, 0.85, 0.9, 0.95, 0.98 })
        {
            int ten = Curve.CellsFor(recall, 10, 1000), thirty = Curve.CellsFor(recall, 30, 1000);
            int hundred = Curve.CellsFor(recall, 100, 1000), thousand = Curve.CellsFor(recall, 1000, 1000);
            Assert.InRange(ten, before, 100);
            Assert.True(ten <= thirty && thirty <= hundred && hundred <= thousand, $"{ten} {thirty} {hundred} {thousand}");
            before = ten;
        }
    }

    [Fact]
    public void The_cells_reach_the_recall_with_a_fifth_fewer_misses()
    {
        Assert.InRange(Curve.CellsFor(0.875, 1000), 10, 11); // 1 − 0.125 · 0.8 = 0.9, give or take rounding
        Assert.InRange(Curve.CellsFor(0.875, 100, 1000), 40, 41);
        Assert.Equal(0.9f, Curve.RecallAt(10, 1000), 1e-6);
        Assert.InRange(Curve.RecallAt(11, 1000), 0.9001, 0.99);
    }

    [Fact]
    public void Where_no_number_of_cells_was_enough_all_are_taken()
    {
        Assert.Equal(1000, Curve.CellsFor(0.9999, 1000));
        Assert.Equal(1000, Curve.CellsFor(1, 1000));
        Assert.Equal(7, new RecallCurve([]).CellsFor(0.5, 7));
        Assert.Equal(1, Curve.RecallAt(1000, 1000));
    }

    [Fact]
    public void Points_that_do_not_ascend_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new RecallCurve([new RecallPoint(10, 5, 0.5f), new RecallPoint(10, 5, 0.6f)]));
        Assert.Throws<ArgumentException>(() => new RecallCurve([new RecallPoint(10, 5, 0.5f), new RecallPoint(1, 6, 0.6f)]));
        Assert.Throws<ArgumentException>(() => new RecallCurve([new RecallPoint(10, 5, float.NaN)]));
        Assert.Throws<ArgumentException>(() => new RecallCurve([new RecallPoint(0, 0, 0.5f)]));
    }
}
