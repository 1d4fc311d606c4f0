namespace VecSQL.Engine.Tests.Queries;

public sealed class LimitTests : EngineTest
{
    [Fact]
    public async Task More_columns_than_the_protocol_can_count_are_refused()
    {
        Assert.Equal("54011: target lists can have at most 1664 entries",
            await Session.ErrorAsync($"SELECT {string.Join(",", Enumerable.Repeat("1", 1665))}"));
        Assert.Single(await Session.RowsAsync($"SELECT {string.Join(",", Enumerable.Repeat("1", 1664))}"));
    }
}
