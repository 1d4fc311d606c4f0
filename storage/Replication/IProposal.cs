using VecSQL.Catalog.Placement;
using VecSQL.Core.Errors;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Replication;

/// <summary>Who wants an entry in the log, and hears what became of it: exactly one of these, once.</summary>
public interface IProposal
{
    /// <summary>The entry is in the log for good, as far as was asked for, and applied.</summary>
    void Acknowledged(LogPosition position);

    /// <summary>The node is the primary no more: the entry is in the log for good, as the shard's mode has it, and applied; whether on as many disks as were asked
    /// for is not known.</summary>
    void Unconfirmed();

    /// <summary>The node is the primary no more: the entry may be in the log, or not.</summary>
    void Abandoned();

    /// <summary>The entry is not in the log, and will not be.</summary>
    void Refused(SqlException error);
}

/// <summary>An entry that somebody wants in the log.</summary>
/// <param name="Acks">On the word of so many it is acknowledged, be that fewer or more than the shard's mode asks for; null for the mode's own.</param>
public readonly record struct ProposedEntry(LogEntry Entry, ReplicationMode? Acks, IProposal? Proposal)
{
    /// <summary>Whether fewer than the shard's mode asks for will not do: what other shards count on is not to be lost.</summary>
    public bool IsCountedOn { get; init; }
}
