using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Memory;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor;

/// <summary>Tells which keys come for the first time.</summary>
/// <remarks>Threads: one at a time. Memory: every key that has come, until it is disposed.</remarks>
public sealed class DistinctKeys(ImmutableArray<SqlType> types, MemoryBudget memory) : IDisposable
{
    private readonly KeyTable _seen = KeyTable.Create(KeyKinds.Of(types.AsSpan()), nullsMatch: false);
    private readonly MemoryGrant _grant = new(memory);

    /// <summary>The rows whose key, which is the whole row, is new. Keys with a null are passed over.</summary>
    /// <exception cref="Core.Errors.SqlException">53200: the memory has no more.</exception>
    public ColumnBatch TakeNew(ColumnBatch keys)
    {
        ColumnBatch fresh = DistinctRows.TakeNew(keys, keys.Columns, _seen);
        _grant.Set(_seen.SizeBytes);
        return fresh;
    }

    public void Dispose() => _grant.Dispose();
}
