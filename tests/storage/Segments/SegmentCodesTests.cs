using VecSQL.Storage.Segments;
using VecSQL.Vectors.Codes;

namespace VecSQL.Storage.Tests.Segments;

public sealed class SegmentCodesTests
{
    private static readonly float[] Rows = [.. Enumerable.Range(0, 640).Select(i => MathF.Sin(i))];

    [Fact]
    public void Codes_are_made_when_they_are_wanted_again_and_kept()
    {
        VectorCodeBudget budget = new(1 << 20);
        SegmentCodes codes = new(budget, batchCount: 2);
        Assert.Null(codes.Get(0, Rows, 10));
        VectorCodes? made = codes.Get(0, Rows, 10);
        Assert.Equal(64, made?.RowCount);
        Assert.Same(made, codes.Get(0, Rows, 10));
        Assert.Equal(VectorCodes.BytesOf(10, 64), budget.UsedBytes);
        Assert.Null(codes.Get(1, Rows, 10)); // each batch for itself
    }

    [Fact]
    public void No_codes_are_made_beyond_the_budget()
    {
        VectorCodeBudget budget = new(VectorCodes.BytesOf(10, 64));
        SegmentCodes codes = new(budget, batchCount: 2);
        for (int i = 0; i < 2; i++)
            codes.Get(0, Rows, 10);
        for (int i = 0; i < 3; i++)
            Assert.Null(codes.Get(1, Rows, 10));
        Assert.NotNull(codes.Get(0, Rows, 10));
        Assert.Equal(VectorCodes.BytesOf(10, 64), budget.UsedBytes);
    }
}
