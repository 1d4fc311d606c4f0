using VecSQL.Catalog.Placement;

namespace VecSQL.Cluster.Replication;

/// <summary>Who wants an entry in the log, and hears what became of it: exactly one of the two, once.</summary>
public interface IProposal
{
    /// <summary>The entry is in the log for good, as far as was asked for, and applied.</summary>
    void Acknowledged(LogPosition position);

    /// <summary>The node is the primary no more: the entry may be in the log, or not.</summary>
    void Abandoned();
}
