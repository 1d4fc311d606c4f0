using VecSQL.Bench.Allocations;

namespace VecSQL.Bench.Tests;

/// <summary>Memory is a gate, since it is the same on every machine; time is not.</summary>
[Collection(nameof(OneAtATime))]
public sealed class AllocationTests
{
    [Fact]
    public async Task Every_operation_allocates_at_most_what_it_may()
    {
        IReadOnlyDictionary<string, long> limits = AllocationLimits.Read();
        IReadOnlyList<(string Name, long Bytes)> figures = await AllocationMeter.MeasureAsync(vectorCount: 50_000);
        Assert.Equal(limits.Keys.Order(), figures.Select(figure => figure.Name).Order());
        Assert.All(figures, figure => Assert.True(
            figure.Bytes <= limits[figure.Name], $"{figure.Name} allocates {figure.Bytes} bytes, more than {limits[figure.Name]}"));
    }
}
