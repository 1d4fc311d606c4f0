using VecSQL.Catalog.Metadata;

namespace VecSQL.Cluster.Replication;

/// <summary>Whether this process may still act for its node.</summary>
public interface IServingLease
{
    /// <summary>Whether the process's lease is this one and cannot have run out yet, whatever the clocks do within their bounds.</summary>
    bool Holds(LeaseId lease);
}
