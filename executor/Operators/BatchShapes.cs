using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Operators;

/// <summary>Small ways to put batches together.</summary>
internal static class BatchShapes
{
    internal static PhysicalType[] PhysicalOf(ImmutableArray<SqlType> types)
    {
        var physical = new PhysicalType[types.Length];
        for (int i = 0; i < physical.Length; i++)
            physical[i] = PhysicalOf(types[i]);
        return physical;
    }

    internal static PhysicalType PhysicalOf(SqlType type) =>
        BuiltinTypes.TryFind(type.Oid, out TypeEntry? entry) ? entry.Physical : PhysicalType.Binary;

    internal static PhysicalType[] PhysicalOf(ColumnBatch batch)
    {
        var physical = new PhysicalType[batch.Columns.Length];
        for (int i = 0; i < physical.Length; i++)
            physical[i] = batch.Columns[i].Type;
        return physical;
    }

    /// <summary>The batch with columns added on the right.</summary>
    internal static ColumnBatch With(ColumnBatch batch, ReadOnlySpan<Column> more)
    {
        var columns = new Column[batch.Columns.Length + more.Length];
        batch.Columns.CopyTo(columns, 0);
        more.CopyTo(columns.AsSpan(batch.Columns.Length));
        return new ColumnBatch(columns, batch.RowCount);
    }

    /// <summary>Columns <paramref name="start"/> to <c>start + count</c> of the batch.</summary>
    internal static ColumnBatch Columns(ColumnBatch batch, int start, int count) =>
        start == 0 && count == batch.Columns.Length
            ? batch
            : new ColumnBatch(batch.Columns.AsSpan(start, count).ToArray(), batch.RowCount);

    internal static ColumnBatch Nulls(PhysicalType[] types, int rowCount)
    {
        var columns = new Column[types.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = Column.Nulls(types[i], rowCount);
        return new ColumnBatch(columns, rowCount);
    }

    /// <summary>A row of the batch, repeated as constants.</summary>
    internal static ColumnBatch Broadcast(ColumnBatch batch, int row, int rowCount)
    {
        var columns = new Column[batch.Columns.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = batch.Columns[i].Broadcast(row, rowCount);
        return new ColumnBatch(columns, rowCount);
    }
}
