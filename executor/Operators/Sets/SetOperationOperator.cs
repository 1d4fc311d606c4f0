using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Sets;

/// <summary>INTERSECT and EXCEPT, with or without ALL; nulls are equal.</summary>
/// <remarks>
/// Counts how often each row comes on either side, and gives each left row as often as the two counts say.
/// Order:  that of the first left rows.
/// Memory: both sides are parted by hash and spilled when the distinct left rows do not fit.
/// </remarks>
internal sealed class SetOperationOperator(
    SetOperationPlan plan, Operator left, Operator right, OperatorContext context) : Operator
{
    private const int PartCount = 16, PartBits = 4, DepthMax = 6;

    private readonly KeyKind[] _kinds = KeyKinds.Of(plan.Output.AsSpan());
    private readonly PhysicalType[] _types = BatchShapes.PhysicalOf(plan.Output);
    private readonly Stack<(RowStore Left, RowStore Right, int Depth)> _parts = [];
    private readonly MemoryGrant _grant = new(context.Memory);
    private ColumnBatch? _rows; // the distinct left rows of the part being given
    private long[] _copies = [];
    private int _row;
    private bool _hasRead;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (!_hasRead)
        {
            _hasRead = true;
            await ReadAsync(cancellation).ConfigureAwait(false);
        }
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_rows is not null && NextCopies(_rows) is { } batch)
                return batch;
            if (!_parts.TryPop(out (RowStore Left, RowStore Right, int Depth) part))
                return null;
            ReadPart(part.Left, part.Right, part.Depth, cancellation);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        foreach ((RowStore leftRows, RowStore rightRows, _) in _parts)
        {
            leftRows.Dispose();
            rightRows.Dispose();
        }
        _grant.Dispose();
        await left.DisposeAsync().ConfigureAwait(false);
        await right.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask ReadAsync(CancellationToken cancellation)
    {
        // Both sides are kept first: in memory where they fit, so that a part is only ever one of their hashes.
        RowStore leftRows = context.NewRowStore(), rightRows = context.NewRowStore();
        _parts.Push((leftRows, rightRows, 0));
        while (await left.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
            leftRows.Add(batch);
        while (await right.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
            rightRows.Add(batch);
    }

    private void ReadPart(RowStore leftRows, RowStore rightRows, int depth, CancellationToken cancellation)
    {
        using (leftRows)
        using (rightRows)
        {
            if (!Count(leftRows, rightRows, depth, cancellation))
                Part(leftRows, rightRows, depth, cancellation);
        }
    }

    // False when the distinct rows are too many.
    private bool Count(RowStore leftRows, RowStore rightRows, int depth, CancellationToken cancellation)
    {
        KeyTable seen = KeyTable.Create(_kinds, nullsMatch: true);
        var distinct = new BatchBuilder(_types);
        long[] leftCounts = new long[256];
        int[] ids = new int[ColumnBatch.RowsMax];
        using (IBatchReader reader = leftRows.Read())
        {
            while (reader.Next() is { } batch)
            {
                cancellation.ThrowIfCancellationRequested();
                int known = seen.Count;
                seen.Add(batch.Columns, batch.RowCount, ids);
                if (seen.Count > leftCounts.Length)
                    Array.Resize(ref leftCounts, Math.Max(seen.Count, leftCounts.Length * 2));
                for (int row = 0; row < batch.RowCount; row++)
                {
                    if (ids[row] == known)
                    {
                        distinct.AppendRow(batch, row);
                        known++;
                    }
                    leftCounts[ids[row]]++;
                }
                long bytes = seen.SizeBytes + distinct.SizeBytes + (16L * leftCounts.Length);
                if (depth >= DepthMax)
                    _grant.Set(bytes);
                else if (bytes > context.WorkMemoryBytes || !_grant.TrySet(bytes))
                    return false;
            }
        }
        _copies = Copies(leftCounts, CountRight(seen, rightRows, ids, cancellation), seen.Count);
        _rows = distinct.Build();
        _row = 0;
        return true;
    }

    private static long[] CountRight(KeyTable seen, RowStore rightRows, int[] ids, CancellationToken cancellation)
    {
        long[] counts = new long[seen.Count];
        using IBatchReader reader = rightRows.Read();
        while (reader.Next() is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            seen.Find(batch.Columns, batch.RowCount, ids);
            for (int row = 0; row < batch.RowCount; row++)
            {
                if (ids[row] != KeyTable.Absent)
                    counts[ids[row]]++;
            }
        }
        return counts;
    }

    private long[] Copies(long[] leftCounts, long[] rightCounts, int count)
    {
        long[] copies = new long[count];
        for (int i = 0; i < count; i++)
        {
            copies[i] = (plan.IsIntersect, plan.IsAll) switch
            {
                (true, true) => Math.Min(leftCounts[i], rightCounts[i]),
                (true, false) => rightCounts[i] > 0 ? 1 : 0,
                (false, true) => Math.Max(leftCounts[i] - rightCounts[i], 0),
                (false, false) => rightCounts[i] > 0 ? 0 : 1,
            };
        }
        return copies;
    }

    private void Part(RowStore leftRows, RowStore rightRows, int depth, CancellationToken cancellation)
    {
        var leftParts = new RowStore[PartCount];
        var rightParts = new RowStore[PartCount];
        for (int i = 0; i < PartCount; i++)
        {
            leftParts[i] = new RowStore(context.Memory, context.Spill, memoryBytesMax: 0);
            rightParts[i] = new RowStore(context.Memory, context.Spill, memoryBytesMax: 0);
            _parts.Push((leftParts[i], rightParts[i], depth + 1));
        }
        _grant.Set(0);
        PartInto(leftRows, leftParts, depth, cancellation);
        PartInto(rightRows, rightParts, depth, cancellation);
    }

    private void PartInto(RowStore source, RowStore[] target, int depth, CancellationToken cancellation)
    {
        KeyTable hasher = KeyTable.Create(_kinds, nullsMatch: true);
        int shift = 60 - (depth * PartBits);
        using IBatchReader reader = source.Read();
        while (reader.Next() is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            ulong[] hashes = new ulong[batch.RowCount];
            int[] rows = new int[batch.RowCount];
            hasher.Hash(batch.Columns, batch.RowCount, hashes);
            for (int part = 0; part < PartCount; part++)
            {
                int count = 0;
                for (int row = 0; row < hashes.Length; row++)
                {
                    rows[count] = row;
                    count += (int)((hashes[row] >> shift) & (PartCount - 1)) == part ? 1 : 0;
                }
                if (count > 0)
                    target[part].Add(batch.Take(rows.AsSpan(0, count)));
            }
        }
    }

    private ColumnBatch? NextCopies(ColumnBatch rows)
    {
        int[] chosen = new int[ColumnBatch.RowsMax];
        int count = 0;
        while (_row < rows.RowCount && count < chosen.Length)
        {
            if (_copies[_row] == 0)
            {
                _row++;
                continue;
            }
            chosen[count++] = _row;
            _copies[_row]--;
        }
        return count == 0 ? null : rows.Take(chosen.AsSpan(0, count));
    }
}
