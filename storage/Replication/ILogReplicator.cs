using VecSQL.Catalog.Placement;

namespace VecSQL.Storage.Replication;

/// <summary>The log of an engine that has none of its own: replicas keep it alike, and apply its entries to the engine.</summary>
/// <remarks>Threads: any; nothing that it calls back waits for it.</remarks>
public interface ILogReplicator
{
    /// <summary>
    /// Has entries put at the end of the log, together and in order; returns when they are on their way there, which may be at once. Each proposal hears
    /// what becomes of it. Waits while too much is on its way to the other replicas.
    /// </summary>
    /// <param name="term">At which the engine was told to lead: at no other are they put there.</param>
    /// <exception cref="Core.Errors.SqlException">57P03: too much has been on its way for too long. Nothing was done, and no proposal will be told
    /// anything.</exception>
    ValueTask ProposeAsync(IReadOnlyList<ProposedEntry> entries, Term term);

    /// <summary>Returns when the entry and all before it are on this node's disk, and committed.</summary>
    ValueTask SettledAsync(LogPosition position, CancellationToken cancellation);

    /// <summary>Whether this node is the shard's primary, and nobody else can be: what was read by a snapshot that was taken before is what is newest.</summary>
    bool IsServing { get; }

    /// <summary>Returns when all is applied here that anybody was told of before the call, whichever this replica's part is.</summary>
    /// <exception cref="Core.Errors.SqlException">57P03: the primary does not answer.</exception>
    ValueTask ReachNewestAsync(CancellationToken cancellation);

    /// <summary>What has kept an entry from being applied may be gone; or what the engine holds durably has changed.</summary>
    void Wake();
}
