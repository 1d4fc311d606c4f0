using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>The transaction that a branch is of: what it was begun with, and its definitions.</summary>
/// <remarks>Threads: the transaction's own; <see cref="LockPatience"/> any.</remarks>
public interface IBranchOrigin
{
    IsolationLevel Isolation { get; }

    bool IsReadOnly { get; }

    /// <summary>Whether it reads at one moment that is past, which replicas that follow may serve too.</summary>
    bool ReadsPast => false;

    /// <inheritdoc cref="ICatalogSource.DefinedAt"/>
    CommitTimestamp DefinedAt(uint oid) => default;

    /// <summary>How long a wait for a lock that begins now may last.</summary>
    TimeSpan LockPatience { get; }

    /// <summary>Whether what is done with rows now is to fail with 55P03 where it would have to wait for a lock.</summary>
    bool Tries => false;

    /// <summary>What names the transaction at all its shards; none has it again.</summary>
    string GlobalId { get; }

    /// <summary>The newest committed catalog that the transaction has taken in.</summary>
    CatalogSnapshot Committed { get; }

    /// <summary>The same with the transaction's own changes.</summary>
    CatalogSnapshot Catalog { get; }

    /// <summary>The transaction's own changes of definitions.</summary>
    IReadOnlyList<CatalogChange> Definitions { get; }
}
