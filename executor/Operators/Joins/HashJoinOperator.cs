using VecSQL.Columnar.Batches;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>Joins by equal keys: builds a table of the right rows and looks the left rows up in it.</summary>
/// <remarks>
/// Order:  left rows keep their order where the right side fits in memory.
/// Memory: the right side, without the rows that no left row can want where those are read first; where it is too large, both sides are
///         parted by the hash of their keys, spilled, and joined part by part.
/// </remarks>
internal sealed class HashJoinOperator : Operator
{
    private const int DepthMax = 6; // beyond it rows of one key make a part large, and parting again does not help

    private readonly HashJoinPlan _plan;
    private readonly Operator _left, _right;
    private readonly OperatorContext _context;
    private readonly JoinSide _leftSide, _rightSide;
    private readonly Stack<PartPair> _parts = [];
    private JoinProbe? _probe;
    private PartPair? _current;
    private IBatchReader? _spilledLeft;
    private JoinSift? _sift;
    private bool _isBuilt, _leftIsSpilled;

    /// <summary>Rows of both sides whose keys agree in some bits of their hashes.</summary>
    private sealed record PartPair(RowStore Left, RowStore Right, int Depth) : IDisposable
    {
        public void Dispose()
        {
            Left.Dispose();
            Right.Dispose();
        }
    }

    internal HashJoinOperator(HashJoinPlan plan, Operator left, Operator right, OperatorContext context)
    {
        (_plan, _left, _right, _context) = (plan, left, right, context);
        _leftSide = new JoinSide(plan.Left, plan.LeftKeys, plan.KeyTypes, context);
        _rightSide = new JoinSide(plan.Right, plan.RightKeys, plan.KeyTypes, context);
    }

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (!_isBuilt)
        {
            _isBuilt = true;
            if (!await BuildAsync(cancellation).ConfigureAwait(false))
            {
                EndPart();
                return null;
            }
        }
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_probe is null && !NextPart(cancellation))
                return null;
            JoinProbe probe = _probe ?? throw new InvalidOperationException("no part to probe");
            if (probe.Next() is { } output)
                return output;
            ColumnBatch? left = await NextLeftAsync(cancellation).ConfigureAwait(false);
            if (left is not null)
            {
                probe.Begin(_leftSide.RowsOf(left), _leftSide.KeysOf(left));
                continue;
            }
            if (probe.NextUnmatchedRight() is { } rest)
                return rest;
            EndPart();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        EndPart();
        foreach (PartPair part in _parts)
            part.Dispose();
        _parts.Clear();
        _sift?.Dispose();
        await _left.DisposeAsync().ConfigureAwait(false);
        await _right.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Builds the table; false when the join can have no rows.</summary>
    private async ValueTask<bool> BuildAsync(CancellationToken cancellation)
    {
        JoinTable table = NewTable();
        _probe = new JoinProbe(_plan, table, _context);
        RowStore[]? rightParts = null;
        if (_plan.SiftsRight)
        {
            _sift = new JoinSift(_leftSide, KeyKinds.Of(_plan.KeyTypes.AsSpan()), _context);
            if (await _sift.ReadAsync(_left, cancellation).ConfigureAwait(false) && _sift.RowCount == 0)
                return false;
        }
        while (await _right.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            ColumnBatch prepared = _rightSide.Prepare(batch);
            if (_sift is not null)
                prepared = _sift.Of(prepared, _rightSide.KeysOf(prepared));
            if (_plan.Kind == PhysicalJoinKind.NullAwareAnti && prepared.Columns[^1].HasNulls
                && HasNull(prepared))
            {
                return false; // x NOT IN (…, null) is never true
            }
            if (rightParts is not null)
                _rightSide.Part(prepared, 0, rightParts);
            else if (!table.Add(_rightSide.RowsOf(prepared), _rightSide.KeysOf(prepared), _context.WorkMemoryBytes))
                rightParts = PartTable(table, 0);
        }
        if (rightParts is null)
        {
            table.Seal(MarksMatches);
            _probe.DropsNullKeys = table.RowCount > 0;
            return table.RowCount > 0 || EmitsWithoutRight;
        }
        _context.Run.Meter(_plan)?.Tell("Batches", $"{JoinSide.PartitionCount}");
        await PartLeftAsync(rightParts, cancellation).ConfigureAwait(false);
        return true;
    }

    private bool MarksMatches => _plan.Kind is PhysicalJoinKind.Right or PhysicalJoinKind.Full;

    private bool EmitsWithoutRight => _plan.Kind
        is PhysicalJoinKind.Left or PhysicalJoinKind.Full or PhysicalJoinKind.Anti or PhysicalJoinKind.NullAwareAnti;

    private static bool HasNull(ColumnBatch prepared)
    {
        for (int row = 0; row < prepared.RowCount; row++)
        {
            if (prepared.Columns[^1].IsNull(row))
                return true;
        }
        return false;
    }

    private JoinTable NewTable() => new(_context, _rightSide.Types, KeyKinds.Of(_plan.KeyTypes.AsSpan()));

    // The table is too large: its rows go to parts, with their keys computed again rather than kept all along.
    private RowStore[] PartTable(JoinTable table, int depth)
    {
        RowStore[] parts = _rightSide.NewPartitions();
        table.Seal(marksMatches: false);
        for (int start = 0; start < table.RowCount; start += ColumnBatch.RowsMax)
        {
            ColumnBatch rows = table.Rows.Slice(start, Math.Min(ColumnBatch.RowsMax, table.RowCount - start));
            _rightSide.Part(_rightSide.Prepare(rows), depth, parts);
        }
        EndProbe();
        return parts;
    }

    private async ValueTask PartLeftAsync(RowStore[] rightParts, CancellationToken cancellation)
    {
        _leftIsSpilled = true;
        RowStore[] leftParts = _leftSide.NewPartitions();
        for (int i = 0; i < rightParts.Length; i++)
            _parts.Push(new PartPair(leftParts[i], rightParts[i], Depth: 1));
        while (await ReadLeftAsync(cancellation).ConfigureAwait(false) is { } prepared)
        {
            cancellation.ThrowIfCancellationRequested();
            _leftSide.Part(prepared, 0, leftParts);
        }
    }

    private async ValueTask<ColumnBatch?> NextLeftAsync(CancellationToken cancellation)
    {
        return _leftIsSpilled ? _spilledLeft?.Next() : await ReadLeftAsync(cancellation).ConfigureAwait(false);
    }

    private async ValueTask<ColumnBatch?> ReadLeftAsync(CancellationToken cancellation)
    {
        if (_sift?.NextLeft() is { } known)
            return known;
        ColumnBatch? batch = await _left.NextAsync(cancellation).ConfigureAwait(false);
        return batch is null ? null : _leftSide.Prepare(batch);
    }

    /// <summary>Loads the next pair of parts; pairs that are too large are parted again.</summary>
    private bool NextPart(CancellationToken cancellation)
    {
        while (_parts.TryPop(out PartPair? part))
        {
            cancellation.ThrowIfCancellationRequested();
            _current = part;
            if (part.Right.RowCount == 0 && !EmitsWithoutRight)
            {
                EndPart();
                continue;
            }
            if (!LoadPart(part, cancellation))
            {
                PartAgain(part, cancellation);
                continue;
            }
            _spilledLeft = part.Left.Read();
            return true;
        }
        return false;
    }

    private bool LoadPart(PartPair part, CancellationToken cancellation)
    {
        JoinTable table = NewTable();
        _probe = new JoinProbe(_plan, table, _context) { DropsNullKeys = true };
        using IBatchReader reader = part.Right.Read();
        while (reader.Next() is { } prepared)
        {
            cancellation.ThrowIfCancellationRequested();
            if (table.Add(_rightSide.RowsOf(prepared), _rightSide.KeysOf(prepared), _context.WorkMemoryBytes))
                continue;
            if (part.Depth < DepthMax)
            {
                EndProbe();
                return false;
            }
            table.Reserve();
        }
        table.Seal(MarksMatches);
        return true;
    }

    private void PartAgain(PartPair part, CancellationToken cancellation)
    {
        RowStore[] left = _leftSide.NewPartitions(), right = _rightSide.NewPartitions();
        for (int i = 0; i < left.Length; i++)
            _parts.Push(new PartPair(left[i], right[i], part.Depth + 1));
        PartInto(part.Left, _leftSide, left, part.Depth, cancellation);
        PartInto(part.Right, _rightSide, right, part.Depth, cancellation);
        EndPart();
    }

    private static void PartInto(
        RowStore source, JoinSide side, RowStore[] target, int depth, CancellationToken cancellation)
    {
        using IBatchReader reader = source.Read();
        while (reader.Next() is { } prepared)
        {
            cancellation.ThrowIfCancellationRequested();
            side.Part(prepared, depth, target);
        }
    }

    private void EndProbe()
    {
        _probe?.Dispose();
        _probe = null;
    }

    private void EndPart()
    {
        EndProbe();
        _spilledLeft?.Dispose();
        _spilledLeft = null;
        _current?.Dispose();
        _current = null;
        if (!_leftIsSpilled)
            _leftIsSpilled = _isBuilt; // nothing is left to read: the next round ends the join
    }
}
