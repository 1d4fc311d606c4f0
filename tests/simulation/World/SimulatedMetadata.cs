using VecSQL.Catalog.Metadata;

namespace VecSQL.Simulation.Tests.World;

/// <summary>The metadata store at place 0 of the network.</summary>
internal sealed class SimulatedMetadata
{
    private const long ExpiryInterval = 50 * EventLoop.Millisecond;

    private readonly EventLoop _loop;
    private readonly List<Action> _watches = [];
    private long _told = MetadataModel.FirstRevision;

    public SimulatedMetadata(EventLoop loop)
    {
        _loop = loop;
        loop.After(ExpiryInterval, Expire);
    }

    public MetadataModel Model { get; private set; } = new();

    /// <summary>Answers nobody; leases do not end meanwhile, as when the store has no leader.</summary>
    public bool IsDown { get; set; }

    /// <summary>Whether it has gone back to an older state: from then on nothing can be hoped for but that nothing wrong is said.</summary>
    public bool IsRestored { get; private set; }

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

    /// <summary>Serves a watch now if there is something to tell, or when there is.</summary>
    public void Watch(Func<bool> serve)
    {
        if (serve())
            return;
        _watches.Add(() => Watch(serve));
    }

    /// <summary>An older state comes back. Leases are named by chance, so that none of it is named as one that was given since.</summary>
    public void Restore(MetadataState state)
    {
        Model = new MetadataModel(state with { LastLease = Model.Capture().LastLease + 1000 }, Now);
        IsRestored = true;
        _told = 0;
        Tell();
    }

    private void Take(MetadataStep? step)
    {
        if (step is null)
            return;
        Model.Apply(step, Now);
        Tell();
    }

    private void Tell()
    {
        if (Model.Revision == _told)
            return;
        _told = Model.Revision;
        Action[] watches = [.. _watches];
        _watches.Clear();
        foreach (Action watch in watches)
            watch();
    }

    private void Expire()
    {
        while (!IsDown && Model.FindOverdue(Now) is { } lease)
            End(lease);
        if (!IsDown)
            Tell();
        _loop.After(ExpiryInterval, Expire);
    }
}
