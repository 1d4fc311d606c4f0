using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Windows;

/// <summary>The rows that each row of a chunk sees: from a start up to an end, less what EXCLUDE takes out.</summary>
internal sealed class WindowFrames
{
    private readonly WindowChunk _chunk;
    private readonly WindowFrameExclusion _exclusion;

    private WindowFrames(WindowChunk chunk, WindowFrameExclusion exclusion, int[] starts, int[] ends)
    {
        _chunk = chunk;
        _exclusion = exclusion;
        Starts = starts;
        Ends = ends;
    }

    /// <summary>Frames before exclusion; an empty one has equal bounds.</summary>
    internal int[] Starts { get; }

    internal int[] Ends { get; }

    internal bool HasExclusion => _exclusion != WindowFrameExclusion.NoOthers;

    /// <param name="orderKey">The only sort key's values, for RANGE with offsets.</param>
    internal static WindowFrames Compute(
        WindowFramePlan plan, WindowChunk chunk, Column? orderKey, SortKey? sortKey, EvaluationContext context)
    {
        int[] starts = new int[chunk.RowCount], ends = new int[chunk.RowCount];
        Column? startOffset = Offset(plan.StartOffset, "starting", plan.Unit, context);
        Column? endOffset = Offset(plan.EndOffset, "ending", plan.Unit, context);
        switch (plan.Unit)
        {
            case WindowFrameUnit.Rows:
                FillRows(plan.StartKind, Count(startOffset), chunk, starts, isEnd: false);
                FillRows(plan.EndKind, Count(endOffset), chunk, ends, isEnd: true);
                break;
            case WindowFrameUnit.Groups:
                FillGroups(plan.StartKind, Count(startOffset), chunk, starts, isEnd: false);
                FillGroups(plan.EndKind, Count(endOffset), chunk, ends, isEnd: true);
                break;
            default:
                var bounds = new RangeBounds(plan, chunk, orderKey, sortKey, context);
                bounds.Fill(plan.StartKind, startOffset, starts, isEnd: false);
                bounds.Fill(plan.EndKind, endOffset, ends, isEnd: true);
                break;
        }
        for (int row = 0; row < starts.Length; row++)
            ends[row] = Math.Max(ends[row], starts[row]);
        return new WindowFrames(chunk, plan.Exclusion, starts, ends);
    }

    /// <summary>Writes the frame's pieces, ascending, as start and end; returns how many pieces there are (at most three).</summary>
    internal int Pieces(int row, Span<(int Start, int End)> pieces)
    {
        int start = Starts[row], end = Ends[row], count = 0;
        if (start == end)
            return 0;
        if (!HasExclusion)
        {
            pieces[0] = (start, end);
            return 1;
        }
        bool isGroup = _exclusion != WindowFrameExclusion.CurrentRow;
        int excludedStart = Math.Clamp(isGroup ? _chunk.PeerStart(row) : row, start, end);
        int excludedEnd = Math.Clamp(isGroup ? _chunk.PeerEnd(row) : row + 1, start, end);
        if (start < excludedStart)
            pieces[count++] = (start, excludedStart);
        if (_exclusion == WindowFrameExclusion.Ties && row >= start && row < end)
            pieces[count++] = (row, row + 1);
        if (excludedEnd < end)
            pieces[count++] = (excludedEnd, end);
        return count;
    }

    /// <summary>Whether every frame begins with its partition, so that frames only grow from row to row.</summary>
    internal static bool StartsWithPartition(WindowFramePlan plan) =>
        plan.StartKind == WindowFrameBound.UnboundedPreceding && plan.Exclusion == WindowFrameExclusion.NoOthers;

    private static Column? Offset(
        ScalarExpression? expression, string which, WindowFrameUnit unit, EvaluationContext context)
    {
        if (expression is null)
            return null;
        Column value = CompiledExpressions.EvaluateConstant(expression, context);
        if (value.IsNull(0))
            throw new SqlException(SqlState.NullValueNotAllowed, $"frame {which} offset must not be null");
        if (unit != WindowFrameUnit.Range && ((FixedColumn<long>)value)[0] < 0)
        {
            throw new SqlException(
                SqlState.InvalidPrecedingOrFollowingSize, $"frame {which} offset must not be negative");
        }
        return value;
    }

    private static long Count(Column? offset) => offset is null ? 0 : ((FixedColumn<long>)offset)[0];

    private static void FillRows(WindowFrameBound kind, long offset, WindowChunk chunk, int[] bounds, bool isEnd)
    {
        for (int row = 0; row < bounds.Length; row++)
        {
            long first = chunk.PartitionStart(row), last = chunk.PartitionEnd(row), at = row + (isEnd ? 1 : 0);
            bounds[row] = (int)(kind switch
            {
                WindowFrameBound.UnboundedPreceding => first,
                WindowFrameBound.UnboundedFollowing => last,
                WindowFrameBound.CurrentRow => at,
                WindowFrameBound.Preceding => offset > at - first ? first : at - offset,
                _ => offset > last - at ? last : at + offset,
            });
        }
    }

    private static void FillGroups(WindowFrameBound kind, long offset, WindowChunk chunk, int[] bounds, bool isEnd)
    {
        for (int row = 0; row < bounds.Length; row++)
        {
            int first = chunk.PartitionStart(row), last = chunk.PartitionEnd(row);
            long firstGroup = chunk.PeerOf[first], endGroup = chunk.PeerOf[last - 1] + 1;
            long at = chunk.PeerOf[row] + (isEnd ? 1 : 0);
            long group = kind switch
            {
                WindowFrameBound.UnboundedPreceding => firstGroup,
                WindowFrameBound.UnboundedFollowing => endGroup,
                WindowFrameBound.CurrentRow => at,
                WindowFrameBound.Preceding => offset > at - firstGroup ? firstGroup : at - offset,
                _ => offset > endGroup - at ? endGroup : at + offset,
            };
            bounds[row] = chunk.PeerStarts[group];
        }
    }
}
