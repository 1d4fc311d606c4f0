using System.Globalization;
using System.Threading.Channels;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Shards;

namespace VecSQL.Executor.Operators.Distribution;

/// <summary>Rows that go along with a fragment, each to the shard whose rows it can meet: read once, as the shards read them.</summary>
/// <remarks>
/// Memory:  a few batches for each shard, about the work memory in all. Who reads slowly holds up the others.
/// Waiting: a shard that does not read them to their end must be left, or the others would wait for it.
/// Threads: each shard's rows are read by one; what is common runs on its own.
/// </remarks>
internal sealed class PartedRows : IAsyncDisposable
{
    private const int BatchesAheadMax = 2, BytesMin = 16 << 10;

    private readonly FragmentPlan _fragment;
    private readonly FeedPlan _plan;
    private readonly Operator _input;
    private readonly OperatorContext _context;
    private readonly RowRouter _router;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly MemoryGrant _memory;
    private readonly Dictionary<ShardId, Part> _parts = [];
    private long _bytesAhead, _rows, _bytes;
    private Task? _work;

    internal PartedRows(FragmentPlan fragment, FeedPlan plan, OperatorContext context)
    {
        (_fragment, _plan, _context, _memory) = (fragment, plan, context, new MemoryGrant(context.Memory));
        Invariant.Holds(context.Transaction.Catalog.TryFindTable(plan.KeyTable, out TableEntry? table) && table.Placement is not null);
        ShardGroupEntry group = context.Transaction.Catalog.Find(table!.Placement!.GroupOid) as ShardGroupEntry
            ?? throw new InvariantException($"there is no group of shards {table.Placement.GroupOid}");
        _router = new RowRouter(table, group);
        _input = OperatorBuilder.Build(plan.Input, context);
    }

    /// <summary>Those of one shard. What is of shards that nobody has asked for is left out.</summary>
    internal RowFeed Of(ShardId shard)
    {
        Part part = new(this);
        _parts.Add(shard, part);
        return new RowFeed(_plan.Number, [], part) { Leave = part.Leave };
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_work is not null)
            await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _input.DisposeAsync().ConfigureAwait(false);
        _memory.Dispose();
        _stop.Dispose();
    }

    private void Begin()
    {
        lock (_gate)
            _work ??= Task.Run(RunAsync, CancellationToken.None);
    }

    private async Task RunAsync()
    {
        try
        {
            await DivideAsync(_stop.Token).ConfigureAwait(false);
            _context.Run.Meter(_fragment)?.Tell("Repartition", string.Create(CultureInfo.InvariantCulture, $"{_rows} rows, {_bytes} bytes"));
        }
        finally
        {
            foreach (Part part in _parts.Values)
                part.Ready.Writer.TryComplete();
        }
    }

    private async ValueTask DivideAsync(CancellationToken stop)
    {
        long bytesMax = Math.Max(BytesMin, _context.WorkMemoryBytes / (_parts.Count * (BatchesAheadMax + 2)));
        var keys = new Column[_plan.Keys.Length];
        while (await _input.NextAsync(stop).ConfigureAwait(false) is { } rows)
        {
            for (int i = 0; i < keys.Length; i++)
                keys[i] = rows.Columns[_plan.Keys[i]];
            ShardId[] shards = _router.Route(keys, rows.RowCount);
            for (int row = 0; row < shards.Length; row++)
            {
                if (_parts.TryGetValue(shards[row], out Part? part) && !part.IsLeft)
                    part.Places.Add(row);
            }
            foreach (Part part in _parts.Values)
            {
                if (part.Gather(rows) && (part.GatheredRows >= ColumnBatch.RowsMax / 2 || part.GatheredBytes >= bytesMax))
                    await SendAsync(part, stop).ConfigureAwait(false);
            }
        }
        foreach (Part part in _parts.Values)
            await SendAsync(part, stop).ConfigureAwait(false);
    }

    private async ValueTask SendAsync(Part part, CancellationToken stop)
    {
        (long rowCount, long bytes) = (part.GatheredRows, part.GatheredBytes);
        if (part.TakeGathered() is not { } batch)
            return;
        _memory.Set(Interlocked.Add(ref _bytesAhead, bytes) + _parts.Values.Sum(static other => other.GatheredBytes));
        while (await part.Ready.Writer.WaitToWriteAsync(stop).ConfigureAwait(false))
        {
            if (!part.Ready.Writer.TryWrite((batch, bytes)))
                continue;
            (_rows, _bytes) = (_rows + rowCount, _bytes + bytes);
            return;
        }
        Interlocked.Add(ref _bytesAhead, -bytes); // left
    }

    /// <summary>What is one shard's.</summary>
    private sealed class Part(PartedRows all) : Operator
    {
        private readonly List<ColumnBatch> _gathered = [];

        internal Channel<(ColumnBatch Rows, long Bytes)> Ready { get; } = Channel.CreateBounded<(ColumnBatch, long)>(BatchesAheadMax);

        internal List<int> Places { get; } = [];

        internal bool IsLeft { get; private set; }

        internal long GatheredRows { get; private set; }

        internal long GatheredBytes { get; private set; }

        public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
        {
            all.Begin();
            while (await Ready.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
            {
                if (!Ready.Reader.TryRead(out (ColumnBatch Rows, long Bytes) next))
                    continue;
                Interlocked.Add(ref all._bytesAhead, -next.Bytes);
                return next.Rows;
            }
            if (!IsLeft && all._work is { } work)
                await work.ConfigureAwait(false); // says what has failed
            return null;
        }

        public override ValueTask DisposeAsync() => default;

        /// <summary>Nobody wants more.</summary>
        internal void Leave()
        {
            IsLeft = true;
            Ready.Writer.TryComplete();
        }

        /// <summary>Takes the rows at its places.</summary>
        /// <returns>False where there are none.</returns>
        internal bool Gather(ColumnBatch rows)
        {
            if (Places.Count == 0)
                return false;
            ColumnBatch taken = BatchMemory.Compact(rows.Take(Places.ToArray()));
            _gathered.Add(taken);
            (GatheredRows, GatheredBytes) = (GatheredRows + taken.RowCount, GatheredBytes + BatchMemory.SizeBytes(taken));
            Places.Clear();
            return true;
        }

        internal ColumnBatch? TakeGathered()
        {
            if (_gathered.Count == 0)
                return null;
            ColumnBatch[] pieces = [.. _gathered];
            _gathered.Clear();
            (GatheredRows, GatheredBytes) = (0, 0);
            if (pieces is [var only])
                return only;
            var columns = new Column[pieces[0].Columns.Length];
            for (int i = 0; i < columns.Length; i++)
                columns[i] = Concatenation.Of(pieces[0].Columns[i].Type, Array.ConvertAll(pieces, piece => piece.Columns[i]));
            return new ColumnBatch(columns, pieces.Sum(static piece => piece.RowCount));
        }
    }
}
