namespace VecSQL.Engine.Tests;

/// <summary>A test class with a database and a session of its own.</summary>
public abstract class EngineTest : IAsyncLifetime
{
    protected EngineTest() => Session = Database.Session();

    protected TestDatabase Database { get; } = new();

    protected TestSession Session { get; }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Session.DisposeAsync();
        await Database.DisposeAsync();
    }
}
