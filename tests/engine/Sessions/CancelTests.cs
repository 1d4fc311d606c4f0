using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests.Sessions;

public sealed class CancelTests : EngineTest
{
    private ISqlSession Client => Session.Session;

    [Fact]
    public async Task A_cancel_between_two_batches_ends_the_statement()
    {
        await using IStatementResult result = await OpenAsync("SELECT g FROM generate_series(1, 1000000) g");
        Assert.NotNull(await result.NextAsync(0, default));
        Client.Cancel(); // as it comes while rows are being sent
        SqlException error = await Assert.ThrowsAsync<SqlException>(async () => await result.NextAsync(0, default));
        Assert.Equal(SqlState.QueryCanceled, error.State);
        await Client.EndScriptAsync(failed: true, default);
        Assert.Equal("1", await Session.ValueAsync("SELECT 1"));
    }

    [Fact]
    public async Task A_cancel_of_nothing_leaves_the_next_statement_alone()
    {
        Client.Cancel();
        Assert.Equal("1", await Session.ValueAsync("SELECT 1"));
        Client.Cancel();
        Assert.Equal("2", await Session.ValueAsync("SELECT 2"));
    }

    private async Task<IStatementResult> OpenAsync(string sql) =>
        await Client.RunAsync(Assert.Single(Client.ParseScript(sql)), default);
}
