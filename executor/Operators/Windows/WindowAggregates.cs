using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Windows;

/// <summary>Aggregates over frames.</summary>
/// <remarks>
/// Cost: linear where all rows of a partition share a frame, where frames start with the partition, and for count, sum of
/// small integers, min and max whatever the frame; otherwise the sum of the frames' lengths.
/// </remarks>
internal sealed class WindowAggregates
{
    private const int PairsMax = 1 << 16;

    private readonly WindowCall _call;
    private readonly WindowChunk _chunk;
    private readonly WindowFrames? _frames; // null where the frame is the whole partition
    private readonly EvaluationContext _context;
    private readonly Column[] _arguments; // of the rows that FILTER keeps
    private readonly int[]? _keptBefore; // how many kept rows come before each row; null for all kept

    internal WindowAggregates(
        WindowCall call, WindowChunk chunk, WindowFrames? frames, Column[] arguments, Column? filter,
        EvaluationContext context)
    {
        (_call, _chunk, _frames, _context) = (call, chunk, frames, context);
        _arguments = arguments;
        if (filter is null)
            return;
        int[] rows = new int[chunk.RowCount];
        int count = RowSelection.WriteTrue(filter, rows);
        if (count == chunk.RowCount)
            return;
        _keptBefore = new int[chunk.RowCount + 1];
        for (int row = 0, next = 0; row <= chunk.RowCount; row++)
        {
            _keptBefore[row] = next;
            next += next < count && rows[next] == row ? 1 : 0;
        }
        _arguments = new Column[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
            _arguments[i] = arguments[i].Take(rows.AsSpan(0, count));
    }

    internal Column Compute(CancellationToken cancellation)
    {
        if (_frames is null)
            return OfPartitions();
        string name = _call.Function.Name;
        if (name == "count")
            return Counts(_frames);
        if (name == "sum" && _call.Type.Oid == TypeOid.Int8)
            return Sums(_frames);
        if (WindowFrames.StartsWithPartition(_call.Frame))
            return Running(_frames, cancellation);
        if (name is "min" or "max" && !_frames.HasExclusion)
            return Extremes(_frames, isMax: name == "max");
        return Direct(_frames, cancellation);
    }

    private int Kept(int row) => _keptBefore is null ? row : _keptBefore[row];

    private Accumulator NewAccumulator(int groupCount)
    {
        var types = new SqlType[_call.Arguments.Length];
        for (int i = 0; i < types.Length; i++)
            types[i] = _call.Arguments[i].Type;
        Accumulator accumulator = AggregateLibrary.Create(_call.Function.Implementation, types, _call.Type, []);
        accumulator.Resize(groupCount);
        return accumulator;
    }

    // Rows start to end of the kept rows, in steps that functions expect of batches.
    private void Add(Accumulator accumulator, int start, int end, int group)
    {
        Span<int> groups = stackalloc int[256];
        groups.Fill(group);
        while (start < end)
        {
            int count = Math.Min(end - start, groups.Length);
            accumulator.Add(Slice(start, count), groups[..count], count, _context);
            start += count;
        }
    }

    private Column[] Slice(int start, int count)
    {
        var columns = new Column[_arguments.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = _arguments[i].Slice(start, count);
        return columns;
    }

    private Column OfPartitions()
    {
        Accumulator accumulator = NewAccumulator(_chunk.PartitionCount);
        int[] groups = new int[Kept(_chunk.RowCount)];
        for (int partition = 0; partition < _chunk.PartitionCount; partition++)
        {
            int start = Kept(_chunk.PartitionStarts[partition]), end = Kept(_chunk.PartitionStarts[partition + 1]);
            groups.AsSpan(start, end - start).Fill(partition);
        }
        for (int start = 0; start < groups.Length; start += ColumnBatch.RowsMax)
        {
            int count = Math.Min(ColumnBatch.RowsMax, groups.Length - start);
            accumulator.Add(Slice(start, count), groups.AsSpan(start, count), count, _context);
        }
        return accumulator.Finish(0, _chunk.PartitionCount, _context).Take(_chunk.PartitionOf);
    }

    // Frames grow with the rows: what is new since the row before is added, and the result read off.
    private Column Running(WindowFrames frames, CancellationToken cancellation)
    {
        ColumnBuilder target = ColumnBuilder.Create(BatchShapes.PhysicalOf(_call.Type), _chunk.RowCount);
        Accumulator accumulator = NewAccumulator(_chunk.PartitionCount);
        for (int partition = 0; partition < _chunk.PartitionCount; partition++)
        {
            cancellation.ThrowIfCancellationRequested();
            int first = _chunk.PartitionStarts[partition], last = _chunk.PartitionStarts[partition + 1];
            int end = first;
            Column? result = null;
            for (int row = first; row < last; row++)
            {
                if (frames.Ends[row] > end)
                {
                    Add(accumulator, Kept(end), Kept(frames.Ends[row]), partition);
                    end = frames.Ends[row];
                    result = null;
                }
                result ??= accumulator.Finish(partition, 1, _context);
                target.AppendFrom(result, 0);
            }
        }
        return target.Build();
    }

    private Column Counts(WindowFrames frames)
    {
        // nonNull[i]: rows before the i-th kept one that count.
        Column? argument = _arguments.Length > 0 ? _arguments[0] : null;
        int keptCount = Kept(_chunk.RowCount);
        int[] nonNull = new int[keptCount + 1];
        for (int i = 0; i < keptCount; i++)
            nonNull[i + 1] = nonNull[i] + (argument is not null && argument.IsNull(i) ? 0 : 1);
        long[] counts = new long[_chunk.RowCount];
        Span<(int Start, int End)> pieces = stackalloc (int, int)[3];
        for (int row = 0; row < counts.Length; row++)
        {
            int pieceCount = frames.Pieces(row, pieces);
            foreach ((int start, int end) in pieces[..pieceCount])
                counts[row] += nonNull[Kept(end)] - nonNull[Kept(start)];
        }
        return new FixedColumn<long>(counts);
    }

    private Column Sums(WindowFrames frames)
    {
        int keptCount = Kept(_chunk.RowCount);
        long[] sums = new long[keptCount + 1];
        int[] nonNull = new int[keptCount + 1];
        for (int i = 0; i < keptCount; i++)
        {
            bool isNull = _arguments[0].IsNull(i);
            long value = isNull ? 0 : _arguments[0] is FixedColumn<short> small ? small[i] : ((FixedColumn<int>)_arguments[0])[i];
            sums[i + 1] = sums[i] + value; // a chunk has fewer than 2³¹ rows of 32 bits each
            nonNull[i + 1] = nonNull[i] + (isNull ? 0 : 1);
        }
        var target = (FixedColumnBuilder<long>)ColumnBuilder.Create(PhysicalType.Int64, _chunk.RowCount);
        Span<(int Start, int End)> pieces = stackalloc (int, int)[3];
        for (int row = 0; row < _chunk.RowCount; row++)
        {
            long sum = 0;
            int count = 0, pieceCount = frames.Pieces(row, pieces);
            foreach ((int start, int end) in pieces[..pieceCount])
            {
                sum += sums[Kept(end)] - sums[Kept(start)];
                count += nonNull[Kept(end)] - nonNull[Kept(start)];
            }
            if (count == 0)
                target.AppendNull();
            else
                target.Append(sum);
        }
        return target.Build();
    }

    // Bounds of moving frames never go back, so a queue of candidates, best first, serves all frames in one pass.
    private Column Extremes(WindowFrames frames, bool isMax)
    {
        Column values = _arguments[0];
        var keys = new KeyBuffer();
        new OrderedKeyEncoder([new KeyOrder(KeyKinds.Of(_call.Arguments[0].Type), IsDescending: isMax)])
            .Append([values], values.Length, keys);
        ColumnBuilder target = ColumnBuilder.Create(BatchShapes.PhysicalOf(_call.Type), _chunk.RowCount);
        int[] queue = new int[values.Length];
        int head = 0, tail = 0, next = 0;
        for (int row = 0; row < _chunk.RowCount; row++)
        {
            int start = Kept(frames.Starts[row]), end = Kept(frames.Ends[row]);
            if (row == _chunk.PartitionStart(row))
            {
                head = tail = 0;
                next = Kept(row);
            }
            for (next = Math.Max(next, start); next < end; next++)
            {
                if (values.IsNull(next))
                    continue;
                while (tail > head && keys[queue[tail - 1]].SequenceCompareTo(keys[next]) > 0)
                    tail--;
                queue[tail++] = next;
            }
            while (head < tail && queue[head] < start)
                head++;
            if (head < tail && queue[head] < end)
                target.AppendFrom(values, queue[head]);
            else
                target.AppendNull();
        }
        return target.Build();
    }

    // Every row's frame is added to a group of its own, many rows at once.
    private Column Direct(WindowFrames frames, CancellationToken cancellation)
    {
        ColumnBuilder target = ColumnBuilder.Create(BatchShapes.PhysicalOf(_call.Type), _chunk.RowCount);
        int[] sources = new int[ColumnBatch.RowsMax], groups = new int[ColumnBatch.RowsMax];
        Span<(int Start, int End)> pieces = stackalloc (int, int)[3];
        for (int first = 0; first < _chunk.RowCount;)
        {
            cancellation.ThrowIfCancellationRequested();
            int last = first, pairs = 0, filled = 0;
            Accumulator accumulator = NewAccumulator(0);
            for (; last < _chunk.RowCount && pairs < PairsMax && last - first < ColumnBatch.RowsMax; last++)
            {
                accumulator.Resize(last - first + 1);
                int pieceCount = frames.Pieces(last, pieces);
                foreach ((int start, int end) in pieces[..pieceCount])
                {
                    for (int source = Kept(start); source < Kept(end); source++)
                    {
                        (sources[filled], groups[filled]) = (source, last - first);
                        pairs++;
                        if (++filled == sources.Length)
                            Flush(accumulator, sources, groups, ref filled);
                    }
                }
            }
            Flush(accumulator, sources, groups, ref filled);
            target.AppendAll(accumulator.Finish(0, last - first, _context));
            first = last;
        }
        return target.Build();
    }

    private void Flush(Accumulator accumulator, int[] sources, int[] groups, ref int count)
    {
        if (count == 0)
            return;
        var columns = new Column[_arguments.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = _arguments[i].Take(sources.AsSpan(0, count));
        accumulator.Add(columns, groups.AsSpan(0, count), count, _context);
        count = 0;
    }
}
