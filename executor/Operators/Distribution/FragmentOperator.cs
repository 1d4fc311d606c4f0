using System.Globalization;
using VecSQL.Catalog.Placement;
using VecSQL.Columnar.Batches;
using VecSQL.Executor.Fragments;
using VecSQL.Executor.Operators.Rows;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Distribution;

/// <summary>Runs a plan at each shard that its rows can be of, side by side, and hands out what comes, as it comes.</summary>
/// <remarks>
/// What goes along to all is read first. Where that is too much, the plan's other form runs here. What goes to one shard each is read as the shards read it.
/// </remarks>
internal sealed class FragmentOperator : Operator
{
    private readonly FragmentPlan _plan;
    private readonly OperatorContext _context;
    private Part[]? _parts;
    private int[] _rounds = []; // how many of the parts are run at once
    private FeedRows? _feeds;
    private PartedRows? _parted; // no fragment has more
    private Operator? _rows, _instead;

    internal FragmentOperator(FragmentPlan plan, OperatorContext context)
    {
        (_plan, _context) = (plan, context);
        if (!context.Run.ReadsFirst)
            return;
        // What the statement changes from here on is not for it to see.
        _parts = Look();
        MakeFeeds();
        if (plan.Instead is not null)
            _instead = OpenInstead(_feeds!);
    }

    /// <summary>A shard, and its tables as the statement sees them.</summary>
    private readonly record struct Part(ShardId Shard, StatementRun Run, TableView[] Views);

    public override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation) => _rows is not null ? _rows.NextAsync(cancellation)
        : _plan.Feeds.IsEmpty ? (_rows = Open([])).NextAsync(cancellation) : BeginAsync(cancellation);

    public override async ValueTask DisposeAsync()
    {
        if (_rows is not null)
            await _rows.DisposeAsync().ConfigureAwait(false);
        if (_instead is not null)
            await _instead.DisposeAsync().ConfigureAwait(false);
        if (_feeds is not null)
            await _feeds.DisposeAsync().ConfigureAwait(false);
        if (_parted is not null)
            await _parted.DisposeAsync().ConfigureAwait(false);
        foreach (Part part in _parts ?? [])
            part.Run.Dispose();
    }

    /// <summary>Whether fragments go through bytes even where they stay: that is how what goes to other nodes is tested.</summary>
    private bool IsTried => _context.Evaluation.Session.Setting("vecsql.distribution") == "always";

    private async ValueTask<ColumnBatch?> BeginAsync(CancellationToken cancellation)
    {
        MakeFeeds();
        if (_feeds is null)
        {
            _rows = Open([]);
        }
        else if (await _feeds.ReadAsync(cancellation).ConfigureAwait(false))
        {
            _context.Run.Meter(_plan)?.Tell("Broadcast", string.Create(CultureInfo.InvariantCulture, $"{_feeds.Bytes} bytes"));
            _rows = Open(_feeds.Read);
        }
        else
        {
            _context.Run.Meter(_plan)?.Tell("Broadcast", string.Create(CultureInfo.InvariantCulture, $"more than {_plan.FeedBytesMax} bytes, not done"));
            _rows = _instead ?? OpenInstead(_feeds);
            _instead = null;
        }
        return await _rows.NextAsync(cancellation).ConfigureAwait(false);
    }

    private void MakeFeeds()
    {
        if (_feeds is null && _plan.Instead is not null)
            _feeds = new FeedRows(_plan, _context);
        if (_parted is null && _plan.Feeds.FirstOrDefault(static feed => feed.IsParted) is { } feed)
            _parted = new PartedRows(_plan, feed, _context);
    }

    private Operator OpenInstead(FeedRows feeds) => OperatorBuilder.Build(
        _plan.Instead ?? throw new InvalidOperationException("a fragment that cannot be run without what goes along"),
        _context with { Shared = null, Feeds = new ReceivedRows(feeds.Whole.Select(static feed => KeyValuePair.Create(feed.Number, feed.Open()))) });

    private Operator Open(RowFeed[] feeds)
    {
        _parts ??= Look();
        if (_rounds.Length == 1)
            return Open(_parts, feeds);
        long wanted = RowRange.Evaluate(_plan.Nearest?.Wanted, null, _context.Evaluation).Limit;
        return new ProbeOperator(_rounds, round => Open(_parts.AsSpan(_rounds.Take(round).Sum(), _rounds[round]), feeds), wanted, _context.Run.Meter(_plan));
    }

    private Operator Open(ReadOnlySpan<Part> parts, RowFeed[] feeds)
    {
        var tasks = new Operator[parts.Length];
        int threads = Math.Max(1, _context.ParallelismMax / tasks.Length);
        var parted = new RowFeed[]?[parts.Length];
        for (int i = 0; i < parted.Length; i++)
            parted[i] = _parted is null ? null : [.. feeds, _parted.Of(parts[i].Shard)];
        for (int i = 0; i < tasks.Length; i++)
            tasks[i] = parted[i] is { } own ? new LeavingOperator(Open(parts[i], own, threads), own) : Open(parts[i], feeds, threads);
        return tasks is [var only] ? only : new GatherOperator(tasks, _plan.InOrder);
    }

    /// <summary>Opens all views, before the first row is handed out.</summary>
    private Part[] Look()
    {
        FanOut fanOut = FanOut.Of(_plan, _context.Transaction.Catalog, _context.Evaluation);
        ShardId[][] rounds = ShardProbes.Of(_plan, fanOut.Shards, _context.Transaction.Catalog, _context.Evaluation);
        _rounds = [.. rounds.Select(static shards => shards.Length)];
        if (rounds.Length == 1)
            _context.Run.Meter(_plan)?.Tell("Shards", fanOut.Text);
        ShardId[] shards = [.. rounds.SelectMany(static round => round)];
        var parts = new Part[shards.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            StatementRun run = _context.Run.At(shards[i]);
            parts[i] = new Part(shards[i], run, [.. _plan.Tables.Select(run.View)]);
        }
        return parts;
    }

    private Operator Open(Part part, RowFeed[] feeds, int parallelismMax)
    {
        (ShardId shard, StatementRun run, TableView[] views) = part;
        IFragmentTransport? transport = views is [IFragmentTransport first, ..] ? first : null;
        if ((transport is not null || IsTried) && FragmentOrder.TryWrite(_plan, _context, parallelismMax) is { } order)
        {
            IFragmentStream stream = transport is not null ? transport.Open(order, views, feeds, _context.Run.Execution.IsOneFragment)
                : new TriedFragment(order, _context.Transaction, views.Zip(_plan.Tables).ToDictionary(static pair => pair.Second, static pair => pair.First),
                    feeds, _context.Evaluation.Cancellation);
            return new DistantOperator(stream, _plan, _context.Run, shard);
        }
        OperatorContext context = new(run, run.NewEvaluation(_context.Evaluation, scope: null, parallelismMax, isInCommonTable: false))
        {
            ParallelismMax = parallelismMax,
            Feeds = feeds.Length == 0 ? ReceivedRows.None : new ReceivedRows(feeds.Select(static feed => KeyValuePair.Create(feed.Number, feed.Open()))),
        };
        return OperatorBuilder.Build(_plan.Plan, context);
    }
}
