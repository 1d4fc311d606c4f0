using System.Collections.Immutable;
using VecSQL.Catalog.Metadata;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Metadata;
using VecSQL.Cluster.Replication;
using VecSQL.Cluster.Shards;

namespace VecSQL.Cluster.Nodes;

/// <summary>What a node does while it is the controller, beginning with what it knows already.</summary>
/// <remarks>Threads: the mailbox's.</remarks>
internal sealed class ControllerOffice
{
    private readonly ReplicaRepair _repair;
    private readonly PrimaryHandover _handover;
    private readonly JobRunner _jobs;
    private readonly JobPlanner _planner;

    public ControllerOffice(IMetadataStore store, ControllerTerm term, NodeLease lease, IMessageSink sink, ClusterNodeOptions options, TimeProvider time)
    {
        Term = term;
        Failover = new FailoverController(store, term.Fence, sink, time, options.Failover);
        _repair = new ReplicaRepair(Failover, options.ReplicaCount, time);
        _handover = new PrimaryHandover(Failover, time);
        _jobs = new JobRunner(store, term.Fence, Failover, time);
        _planner = new JobPlanner(store, term.Fence, time);
        Oracle = new TimestampOracle(store, term.Fence, lease, term.Lease, time, options.OracleAhead, options.Failover.Bug);
    }

    public ControllerTerm Term { get; }

    public FailoverController Failover { get; }

    public TimestampOracle Oracle { get; }

    public void Tick(ClusterView view, Func<ImmutableArray<NodeView>> describe)
    {
        Failover.Tick();
        _repair.Tick(view, describe);
        _handover.Tick(view);
        _jobs.Tick(view);
        _planner.Tick(view, describe);
        Oracle.Tick();
    }
}
