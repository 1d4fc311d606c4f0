using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>One input of a hash join: how its keys are computed, and how its rows are parted when they do not fit.</summary>
/// <remarks>A prepared batch has the input's columns, then the keys.</remarks>
internal sealed class JoinSide(
    PhysicalPlan plan, ImmutableArray<ScalarExpression> keys, ImmutableArray<SqlType> keyTypes, OperatorContext context)
{
    internal const int PartitionCount = 16, PartitionBits = 4;

    private readonly VectorExpression[] _keys = CompiledExpressions.Compile(keys);
    private readonly KeyTable _hasher = KeyTable.Create(KeyKinds.Of(keyTypes.AsSpan()), nullsMatch: false);

    internal PhysicalType[] Types { get; } = BatchShapes.PhysicalOf(plan.Output);

    internal int ColumnCount => Types.Length;

    internal ColumnBatch Prepare(ColumnBatch batch) =>
        BatchShapes.With(batch, CompiledExpressions.Evaluate(_keys, batch, context.Evaluation));

    internal ReadOnlySpan<Column> KeysOf(ColumnBatch prepared) => prepared.Columns.AsSpan(ColumnCount);

    internal ColumnBatch RowsOf(ColumnBatch prepared) => BatchShapes.Columns(prepared, 0, ColumnCount);

    /// <summary>Sends each row to the partition that its keys' hash names; deeper partings look at other bits of the hash.</summary>
    internal void Part(ColumnBatch prepared, int depth, RowStore[] partitions)
    {
        ulong[] hashes = new ulong[prepared.RowCount];
        _hasher.Hash(KeysOf(prepared), prepared.RowCount, hashes);
        int shift = 60 - (depth * PartitionBits);
        int[] rows = new int[prepared.RowCount];
        for (int partition = 0; partition < PartitionCount; partition++)
        {
            int count = 0;
            for (int row = 0; row < hashes.Length; row++)
            {
                rows[count] = row;
                count += (int)((hashes[row] >> shift) & (PartitionCount - 1)) == partition ? 1 : 0;
            }
            if (count > 0)
                partitions[partition].Add(prepared.Take(rows.AsSpan(0, count)));
        }
    }

    /// <summary>Partitions that keep nothing in memory.</summary>
    internal RowStore[] NewPartitions()
    {
        var partitions = new RowStore[PartitionCount];
        for (int i = 0; i < partitions.Length; i++)
            partitions[i] = new RowStore(context.Memory, context.Spill, memoryBytesMax: 0);
        return partitions;
    }
}
