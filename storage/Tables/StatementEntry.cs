using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Storage.Locking;

namespace VecSQL.Storage.Tables;

/// <summary>What a statement is about to read and change.</summary>
/// <param name="Only">The shard that all of it is in; null where it may be in several.</param>
/// <param name="IsAlone">The transaction has done nothing before it, is expected to do nothing after it, and the statement is run again where it fails
/// for what passes by itself.</param>
/// <param name="ReadAt">Where the statement only reads, and need not see what is newest: what it is to see. With the first that says so the transaction
/// becomes one that only reads at that moment.</param>
public readonly record struct StatementEntry((TableId Table, TableLockMode Mode)[] Tables, ShardId? Only, bool IsAlone, ReadAt? ReadAt = null);
