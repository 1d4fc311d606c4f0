using VecSQL.Columnar.Batches;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>Joins by equal keys: looks left rows up in the table of the right ones.</summary>
/// <remarks>
/// Order:   left rows keep their order where the right side fits in memory.
/// Memory:  the right side, without the rows that no left row can want where those are read first; where it is too large, both sides are
///          parted by the hash of their keys, spilled, and joined part by part.
/// Threads: one at a time; several operators, each with left rows of its own, may share what is built.
/// </remarks>
internal sealed class HashJoinOperator(Operator left, JoinBuild build, OperatorContext context) : Operator
{
    private const int DepthMax = 6; // beyond it rows of one key make a part large, and parting again does not help

    private readonly JoinLayout _layout = build.Layout;
    private JoinProbe? _probe;
    private JoinTable? _partTable;
    private PartPair? _part;
    private IBatchReader? _spilledLeft;
    private JoinSift? _sift;
    private ColumnBatch? _firstLeft;
    private bool _isReady, _isDone, _endsProbe;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (!_isReady)
        {
            _isReady = true;
            await ReadyAsync(cancellation).ConfigureAwait(false);
        }
        while (!_isDone)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_probe is null && !NextPart(cancellation))
                break;
            JoinProbe probe = _probe ?? throw new InvalidOperationException("no part to probe");
            if (probe.Next() is { } output)
                return output;
            ColumnBatch? prepared = build.IsSpilled ? _spilledLeft?.Next() : await ReadLeftAsync(cancellation).ConfigureAwait(false);
            if (prepared is not null)
            {
                probe.Begin(prepared);
                continue;
            }
            if (build.IsSpilled)
            {
                if (probe.NextUnmatchedRight() is { } rest)
                    return rest;
                EndPart();
                continue;
            }
            _endsProbe = _endsProbe || build.EndProbe(); // true for the last worker only, and for it again and again
            if (_endsProbe && probe.NextUnmatchedRight() is { } unmatched)
                return unmatched;
            _isDone = true;
        }
        return null;
    }

    public override async ValueTask DisposeAsync()
    {
        EndPart();
        _sift?.Dispose();
        await left.DisposeAsync().ConfigureAwait(false);
        await build.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask ReadyAsync(CancellationToken cancellation)
    {
        if (_layout.Plan.SiftsRight)
        {
            _sift = new JoinSift(_layout, context);
            if (await _sift.ReadAsync(left, cancellation).ConfigureAwait(false) && _sift.RowCount == 0)
            {
                _isDone = true;
                return;
            }
        }
        else if (CanBeginLeft)
        {
            _firstLeft = await left.NextAsync(cancellation).ConfigureAwait(false);
            _isDone = _firstLeft is null;
            if (_isDone)
                return;
        }
        await build.ReadAsync(_sift, cancellation).ConfigureAwait(false);
        _isDone = build.IsEmpty;
        if (_isDone)
            return;
        if (!build.IsSpilled)
        {
            _probe = new JoinProbe(_layout, build.Table, context.Evaluation) { DropsNullKeys = build.Table.RowCount > 0 };
            return;
        }
        while (await ReadLeftAsync(cancellation).ConfigureAwait(false) is { } prepared)
        {
            cancellation.ThrowIfCancellationRequested();
            build.PartLeft(prepared);
        }
        await build.EndLeftAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Where no left row is there, the right side is not run; but where its rows are wanted for themselves, left rows are sifted by it,
    /// or other workers have left rows.</summary>
    private bool CanBeginLeft => context.Shared is null && _layout.Plan is
    { KeyFilter: 0, Kind: not (PhysicalJoinKind.Right or PhysicalJoinKind.Full) };

    private async ValueTask<ColumnBatch?> ReadLeftAsync(CancellationToken cancellation)
    {
        if (_sift?.NextLeft() is { } known)
            return known;
        ColumnBatch? batch = _firstLeft ?? await left.NextAsync(cancellation).ConfigureAwait(false);
        _firstLeft = null;
        return batch is null ? null : _layout.Left.Prepare(batch, context.Evaluation);
    }

    /// <summary>Loads the next pair of parts; pairs that are too large are parted again.</summary>
    private bool NextPart(CancellationToken cancellation)
    {
        while (build.TryTakePart(out PartPair? part))
        {
            cancellation.ThrowIfCancellationRequested();
            _part = part;
            if (part.Right.RowCount == 0 && !_layout.EmitsWithoutRight)
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
        JoinTable table = _partTable = build.NewTable();
        using IBatchReader reader = part.Right.Read();
        while (reader.Next() is { } prepared)
        {
            cancellation.ThrowIfCancellationRequested();
            if (table.Add(prepared, context.WorkMemoryBytes / build.Workers))
                continue;
            if (part.Depth < DepthMax)
            {
                EndTable();
                return false;
            }
            table.Reserve();
        }
        table.Seal(_layout.MarksMatches);
        _probe = new JoinProbe(_layout, table, context.Evaluation) { DropsNullKeys = true };
        return true;
    }

    private void PartAgain(PartPair part, CancellationToken cancellation)
    {
        RowStore[] leftParts = JoinSide.NewPartitions(context), rightParts = JoinSide.NewPartitions(context);
        PartPair[] pairs = [.. leftParts.Select((rows, i) => new PartPair(rows, rightParts[i], part.Depth + 1))];
        bool isParted = false;
        try
        {
            PartInto(part.Left, _layout.Left, leftParts, part.Depth, cancellation);
            PartInto(part.Right, _layout.Right, rightParts, part.Depth, cancellation);
            isParted = true;
        }
        finally
        {
            foreach (PartPair pair in pairs)
            {
                if (isParted)
                    build.AddPart(pair);
                else
                    pair.Dispose();
            }
        }
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

    private void EndTable()
    {
        _partTable?.Dispose();
        (_partTable, _probe) = (null, null);
    }

    private void EndPart()
    {
        if (build.IsSpilled)
            EndTable();
        _spilledLeft?.Dispose();
        _spilledLeft = null;
        _part?.Dispose();
        _part = null;
    }
}
