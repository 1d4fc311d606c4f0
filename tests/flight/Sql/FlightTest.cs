namespace VecSQL.Flight.Tests.Sql;

/// <summary>A test class with a node of its own, which anybody may use.</summary>
public abstract class FlightTest : IAsyncLifetime
{
    private protected FlightNode Node { get; } = FlightNode.Start();

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await Node.DisposeAsync();
}
