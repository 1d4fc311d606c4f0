using VecSQL.Catalog.Placement;
using VecSQL.Columnar.Batches;
using VecSQL.Executor.Fragments;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Distribution;

/// <summary>Runs a plan at each shard that its rows can be of, side by side, and hands out what comes, as it comes.</summary>
internal sealed class FragmentOperator : Operator
{
    private readonly FragmentPlan _plan;
    private readonly OperatorContext _context;
    private readonly List<StatementRun> _runs = [];
    private Operator? _rows;

    internal FragmentOperator(FragmentPlan plan, OperatorContext context)
    {
        (_plan, _context) = (plan, context);
        if (context.Run.ReadsFirst)
            _rows = Open(); // what the statement changes from here on is not for it to see
    }

    public override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation) => (_rows ??= Open()).NextAsync(cancellation);

    public override async ValueTask DisposeAsync()
    {
        if (_rows is not null)
            await _rows.DisposeAsync().ConfigureAwait(false);
        foreach (StatementRun run in _runs)
            run.Dispose();
    }

    /// <summary>Whether fragments go through bytes even where they stay: that is how what goes to other nodes is tested.</summary>
    private bool IsTried => _context.Evaluation.Session.Setting("vecsql.distribution") == "always";

    private Operator Open()
    {
        FanOut fanOut = FanOut.Of(_plan, _context.Transaction.Catalog, _context.Evaluation);
        _context.Run.Meter(_plan)?.Tell("Shards", fanOut.Text);
        ShardId[] shards = fanOut.Shards;
        var tasks = new Operator[shards.Length];
        for (int i = 0; i < tasks.Length; i++)
            tasks[i] = Open(shards[i], Math.Max(1, _context.ParallelismMax / shards.Length));
        return tasks is [var only] ? only : new GatherOperator(tasks);
    }

    private Operator Open(ShardId shard, int parallelismMax)
    {
        StatementRun run = _context.Run.At(shard);
        _runs.Add(run);
        TableView[] views = [.. _plan.Tables.Select(run.View)]; // all as of now, before the first row is handed out
        IFragmentTransport? transport = views is [IFragmentTransport first, ..] ? first : null;
        if ((transport is not null || IsTried) && FragmentOrder.TryWrite(_plan, _context, parallelismMax) is { } order)
        {
            IFragmentStream stream = transport is not null ? transport.Open(order, views, _context.Run.Execution.IsOneFragment)
                : new TriedFragment(order, _context.Transaction, views.Zip(_plan.Tables).ToDictionary(static pair => pair.Second, static pair => pair.First),
                    _context.Evaluation.Cancellation);
            return new DistantOperator(stream, _plan, _context.Run, shard);
        }
        OperatorContext context = new(run, run.NewEvaluation(_context.Evaluation, scope: null, parallelismMax, isInCommonTable: false))
        {
            ParallelismMax = parallelismMax,
        };
        return OperatorBuilder.Build(_plan.Plan, context);
    }
}
