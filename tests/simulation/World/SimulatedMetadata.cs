using VecSQL.Catalog.Metadata;

namespace VecSQL.Simulation.Tests.World;

/// <summary>The metadata store at place 0 of the network.</summary>
internal sealed class SimulatedMetadata
{
    private const long ExpiryInterval = 50 * EventLoop.Millisecond;

    private readonly EventLoop _loop;
    private long _seen = MetadataModel.FirstRevision;

    public SimulatedMetadata(EventLoop loop)
    {
        _loop = loop;
        loop.After(ExpiryInterval, Expire);
    }

    public MetadataModel Model { get; } = new();

    /// <summary>Answers nobody; leases do not end meanwhile, as when the store has no leader.</summary>
    public bool IsDown { get; set; }

    /// <summary>Told of each new revision.</summary>
    public event Action? Changed;

    public TimeSpan Now => TimeSpan.FromMicroseconds(_loop.Now);

    public MetadataOutcome Commit(MetadataTransaction transaction)
    {
        (MetadataOutcome outcome, MetadataStep? step) = Model.Decide(transaction);
        Take(step);
        return outcome;
    }

    public LeaseId Grant(TimeSpan timeToLive)
    {
        MetadataStep step = Model.Grant(timeToLive);
        Take(step);
        return step.Granted;
    }

    public void End(LeaseId lease) => Take(Model.End(lease));

    private void Take(MetadataStep? step)
    {
        if (step is null)
            return;
        Model.Apply(step, Now);
        if (Model.Revision != _seen)
        {
            _seen = Model.Revision;
            Changed?.Invoke();
        }
    }

    private void Expire()
    {
        while (!IsDown && Model.FindOverdue(Now) is { } lease)
            End(lease);
        _loop.After(ExpiryInterval, Expire);
    }
}
