using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Replication;

/// <summary>Who wants an entry in the log, and hears what became of it: exactly one of the three, once.</summary>
public interface IProposal
{
    /// <summary>The entry is in the log for good, as far as was asked for, and applied.</summary>
    void Acknowledged(LogPosition position);

    /// <summary>The node is the primary no more: the entry may be in the log, or not.</summary>
    void Abandoned();

    /// <summary>The entry is not in the log, and will not be.</summary>
    void Refused(SqlException error);
}

/// <summary>An entry that somebody wants in the log.</summary>
/// <param name="Acks">On the word of so many it is acknowledged, if that is less than the shard's mode asks for; null for the mode's own.</param>
public readonly record struct ProposedEntry(LogEntry Entry, ReplicationMode? Acks, IProposal? Proposal);
