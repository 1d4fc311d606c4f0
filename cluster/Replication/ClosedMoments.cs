using VecSQL.Catalog.Placement;

namespace VecSQL.Cluster.Replication;

/// <summary>Up to which moment a replica that is not the primary has all that was or will be committed: so it can be read at moments that are past.</summary>
/// <remarks>
/// Why:     the primary asks the cluster's clock for a moment, lets no commit that is under way have it or an earlier one, and closes it while it holds its
///          lease. Who is the primary after it gets its timestamps later, and so greater ones.
/// Order:   a moment goes with the last entry that the others may take for committed, where that is not before the last that was applied when it was
///          closed. It holds where as much is applied.
/// Paper:   Taft et al., "CockroachDB: The Resilient Geo-Distributed SQL Database", 2.5.
/// Threads: the replica's.
/// </remarks>
internal sealed class ClosedMoments(ReplicaContext context)
{
    private LogSequence _through;
    private long _moment, _told;

    /// <summary>The primary says that nothing after an entry is committed at a moment or before.</summary>
    public void Take(LogSequence through, long moment)
    {
        if (moment > _moment)
            (_through, _moment) = (through, moment);
    }

    /// <summary>Tells the machine, once what it takes is applied.</summary>
    public void Tell()
    {
        bool isApplied = context.Machine.Applied.Sequence >= _through || context.Options.Bug == PlantedBug.CloseBeforeApplied;
        if (_moment <= _told || !isApplied || context.Machine.Applied.Sequence > context.Committed)
            return;
        _told = _moment;
        context.Machine.Close(_moment);
    }

    /// <summary>What was said is of a log that this one may not be any more.</summary>
    public void Forget() => (_through, _moment, _told) = (default, 0, 0);
}
