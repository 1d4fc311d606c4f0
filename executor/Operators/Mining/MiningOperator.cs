using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;
using VecSQL.Vectors.Mining;

namespace VecSQL.Executor.Operators.Mining;

/// <summary>Makes training data: reads its inputs whole, then finds for each anchor the rows that are like it and those that are not.</summary>
/// <remarks>
/// Order:  by the anchors' keys, then as chosen; the same with any number of threads. So are the batches, all of as many rows, so that what is
///         written batch by batch is the same as well.
/// Memory: all vectors, the keys and labels that rows are found by, and what some anchors gave for each thread, held of the query's budget.
/// </remarks>
internal sealed class MiningOperator(MiningPlan plan, Operator rows, Operator? anchors, Operator? candidates, OperatorContext context) : Operator
{
    /// <summary>Memory for what a block finds; a single anchor may need more.</summary>
    private const long BlockBytesWanted = 32 << 20;

    private const int BatchRows = 256; // about what a block of anchors gives: who wants the first rows waits for one

    private readonly List<MinedRow> _found = [];
    private readonly MemoryGrant _grant = new(context.Memory), _labels = new(context.Memory);
    private MiningRows? _rows, _anchors;
    private PositiveRows? _positives;
    private MiningTask? _task;
    private MiningColumns? _columns;
    private CandidateLists? _candidates;
    private int _given; // of those found
    private int _next; // of those wanted

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        MiningTask task = _task ??= await ReadAsync(cancellation).ConfigureAwait(false);
        _columns ??= new MiningColumns(task, plan);
        int wanted = Math.Min(_columns.RowsMax, BatchRows);
        while (_found.Count - _given < wanted && _next < task.Wanted.Length && task.Rows.Count > 0)
            await MineAsync(task, cancellation).ConfigureAwait(false);
        int count = Math.Min(wanted, _found.Count - _given);
        if (count == 0)
            return null;
        ColumnBatch batch = _columns.Write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_found).Slice(_given, count));
        _given += count;
        return batch;
    }

    public override async ValueTask DisposeAsync()
    {
        _grant.Dispose();
        _labels.Dispose();
        _rows?.Dispose();
        _anchors?.Dispose();
        _positives?.Dispose();
        _candidates?.Dispose();
        try
        {
            await rows.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            try
            {
                if (anchors is not null)
                    await anchors.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                if (candidates is not null)
                    await candidates.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Mines for as many anchors as there are threads for.</summary>
    private async ValueTask MineAsync(MiningTask task, CancellationToken cancellation)
    {
        _found.RemoveRange(0, _given);
        _given = 0;
        _candidates?.Forget();
        List<MiningBlock> blocks = [];
        long anchorBytes = MiningBlock.BytesOfAnchor(task);
        int atOnce = AnchorsAtOnce(anchorBytes);
        for (int i = 0; i < Math.Max(1, context.ParallelismMax) && _next < task.Wanted.Length; i++)
        {
            if (i > 0 && !_grant.TrySet((i + 1) * anchorBytes * atOnce))
                break; // with fewer threads, then
            int count = Math.Min(atOnce, task.Wanted.Length - _next);
            ReadOnlyMemory<int> some = task.Wanted.AsMemory(_next, count);
            int[][]? lists = candidates is null ? null : await NextCandidatesAsync(task, candidates, some, cancellation).ConfigureAwait(false);
            blocks.Add(new MiningBlock(task, some, lists));
            _next += count;
        }
        await ParallelWork.RunAsync(blocks, static (block, stop) =>
        {
            block.Run(stop);
            return Task.CompletedTask;
        }, cancellation).ConfigureAwait(false);
        foreach (MiningBlock block in blocks)
            _found.AddRange(block.Found);
    }

    /// <summary>Anchors of a block, for which there is memory.</summary>
    /// <exception cref="SqlException">53200: there is not enough for one.</exception>
    private int AnchorsAtOnce(long anchorBytes)
    {
        int count = (int)Math.Clamp(BlockBytesWanted / anchorBytes, 1, ExactMiner.QueriesAtOnce);
        while (count > 1 && !_grant.TrySet(anchorBytes * count))
            count /= 2;
        _grant.Set(anchorBytes * count);
        return count;
    }

    private async ValueTask<int[][]> NextCandidatesAsync(
        MiningTask task, Operator source, ReadOnlyMemory<int> some, CancellationToken cancellation)
    {
        _candidates ??= new CandidateLists(source, task.Rows, plan.Rows.Output[0], context.Memory);
        return await _candidates.NextAsync(some, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<MiningTask> ReadAsync(CancellationToken cancellation)
    {
        MiningSettings settings = MiningSettings.Evaluate(plan, context.Evaluation);
        KeyTable labels = KeyTable.Create([KeyKinds.Of(plan.Rows.Output[2])], nullsMatch: true);
        _rows = new MiningRows(plan.Rows.Output[0], plan.Rows.Output[1], settings, context);
        while (await rows.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] numbers = new int[batch.RowCount];
            labels.Add(batch.Columns.AsSpan(2, 1), batch.RowCount, numbers);
            _labels.Set(labels.SizeBytes);
            _rows.Add(batch, numbers);
        }
        if (anchors is null || plan.Anchors is null)
        {
            _labels.Set(LabelGroups.BytesFor(_rows.Count, labels.Count) + WantedBytes(_rows)); // whose numbers are all that is needed of labels
            return new MiningTask(plan.Kind, settings, _rows, _rows, new MiningRule(_rows, _rows, plan.HasLabels, null),
                new LabelGroups(_rows, labels.Count), null, Wanted(_rows, settings, null));
        }
        _anchors = new MiningRows(plan.Anchors.Output[0], plan.Anchors.Output[1], settings, context);
        _positives = new PositiveRows(_rows, plan.Rows.Output[0], context.Memory);
        while (await anchors.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] numbers = new int[batch.RowCount];
            labels.Find(batch.Columns.AsSpan(2, 1), batch.RowCount, numbers);
            _positives.Add(batch.Columns[3], batch.RowCount);
            _anchors.Add(batch, numbers);
        }
        if (_anchors.Count > 0 && _rows.Count > 0 && _anchors.Dimensions != _rows.Dimensions)
        {
            throw new SqlException(SqlState.DataException,
                $"different vector dimensions {_anchors.Dimensions} and {_rows.Dimensions}");
        }
        int[][] goesWith = _positives.OfKeys(_anchors.Keys, plan.Anchors.Output[0]);
        int[]? positiveOf = _positives.OfAnchors;
        _labels.Set(WantedBytes(_anchors));
        return new MiningTask(plan.Kind, settings, _rows, _anchors, new MiningRule(_rows, _anchors, plan.HasLabels, goesWith), null,
            positiveOf, Wanted(_anchors, settings, positiveOf));
    }

    private static long WantedBytes(MiningRows anchors) => (long)anchors.Count * sizeof(int);

    /// <summary>The anchors of the side that is asked for, but those whose positive row is not there.</summary>
    private static int[] Wanted(MiningRows anchors, MiningSettings settings, int[]? positiveOf) =>
    [
        .. Enumerable.Range(0, anchors.Count).Where(anchor =>
            (settings.IsValidation is not { } side || anchors.IsValidation[anchor] == side)
            && (positiveOf is null || positiveOf[anchor] != KeyedRows.Unknown)),
    ];
}
