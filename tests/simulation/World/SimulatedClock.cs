namespace VecSQL.Simulation.Tests.World;

/// <summary>A node's clock: it runs a little fast or slow, and shows a time of its own.</summary>
internal sealed class SimulatedClock(EventLoop loop, double rate, long offset) : TimeProvider
{
    public override long TimestampFrequency => EventLoop.Second;

    public override long GetTimestamp() => (long)(loop.Now * rate) + offset;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMicroseconds(GetTimestamp());
}
