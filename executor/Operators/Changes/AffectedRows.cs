using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Storage.Keys;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Changes;

/// <summary>Rows that a statement has changed already: a join may give one several times, and only the first counts.</summary>
internal sealed class AffectedRows(OperatorContext context) : IDisposable
{
    private readonly KeyTable _seen = KeyTable.Create([KeyKind.Int64], nullsMatch: false);
    private readonly MemoryGrant _grant = new(context.Memory);

    /// <summary>The rows of the batch whose id, in the first column, comes for the first time.</summary>
    internal ColumnBatch TakeNew(ColumnBatch batch)
    {
        ColumnBatch fresh = DistinctRows.TakeNew(batch, batch.Columns.AsSpan(0, 1), _seen);
        _grant.Set(_seen.SizeBytes);
        return fresh;
    }

    internal static RowId[] Ids(ColumnBatch batch)
    {
        ReadOnlySpan<long> values = ((FixedColumn<long>)batch.Columns[0].Expand()).Values;
        var ids = new RowId[batch.RowCount];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = new RowId(values[i]);
        return ids;
    }

    public void Dispose() => _grant.Dispose();
}
