using System.Collections.Immutable;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>One input of a hash join: how its keys are computed, and how its rows are parted when they do not fit.</summary>
/// <remarks>
/// A prepared batch has the columns that the join needs of the input, then the keys.
/// Threads: any.
/// </remarks>
internal sealed class JoinSide(PhysicalPlan plan, int[] columns, ImmutableArray<ScalarExpression> keys, KeyKind[] kinds)
{
    internal const int PartitionCount = 16, PartitionBits = 4;

    private readonly VectorExpression[] _keys = CompiledExpressions.Compile(keys);
    private readonly KeyTable _hasher = KeyTable.Create(kinds, nullsMatch: false);

    /// <summary>Of the columns that are needed.</summary>
    internal PhysicalType[] Types { get; } = [.. columns.Select(column => BatchShapes.PhysicalOf(plan.Output[column]))];

    internal ColumnBatch Prepare(ColumnBatch batch, EvaluationContext evaluation)
    {
        var prepared = new Column[columns.Length + _keys.Length];
        for (int i = 0; i < columns.Length; i++)
            prepared[i] = batch.Columns[columns[i]];
        CompiledExpressions.Evaluate(_keys, batch, evaluation).CopyTo(prepared, columns.Length);
        return new ColumnBatch(prepared, batch.RowCount);
    }

    internal ReadOnlySpan<Column> KeysOf(ColumnBatch prepared) => prepared.Columns.AsSpan(columns.Length);

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
    internal static RowStore[] NewPartitions(OperatorContext context)
    {
        var partitions = new RowStore[PartitionCount];
        for (int i = 0; i < partitions.Length; i++)
            partitions[i] = new RowStore(context.Memory, context.Spill, memoryBytesMax: 0);
        return partitions;
    }
}
