using VecSQL.Columnar.Batches;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Distribution;

/// <summary>What goes along with a fragment to all of its shards: read once, up to a limit.</summary>
/// <remarks>Memory: the rows, counted in the statement's budget for as long as they may be wanted.</remarks>
internal sealed class FeedRows : IAsyncDisposable
{
    private readonly FragmentPlan _plan;
    private readonly FeedPlan[] _feeds;
    private readonly Operator[] _inputs;
    private readonly List<FeedBatch>[] _batches;
    private readonly MemoryGrant _memory;

    internal FeedRows(FragmentPlan plan, OperatorContext context)
    {
        _plan = plan;
        _memory = new MemoryGrant(context.Memory);
        _feeds = [.. plan.Feeds.Where(static feed => !feed.IsParted)];
        _inputs = [.. _feeds.Select(feed => OperatorBuilder.Build(feed.Input, context))];
        _batches = [.. _feeds.Select(static _ => new List<FeedBatch>())];
    }

    /// <summary>All that was read, and what comes behind it.</summary>
    internal RowFeed[] Whole => [.. _feeds.Select((feed, i) => new RowFeed(feed.Number, _batches[i], _inputs[i]))];

    /// <summary>What was read.</summary>
    internal RowFeed[] Read => [.. _feeds.Select((feed, i) => new RowFeed(feed.Number, _batches[i]))];

    internal long Bytes { get; private set; }

    /// <summary>Reads until the end, or until it is too much.</summary>
    /// <returns>Whether it is all.</returns>
    internal async ValueTask<bool> ReadAsync(CancellationToken cancellation)
    {
        for (int i = 0; i < _inputs.Length; i++)
        {
            while (await _inputs[i].NextAsync(cancellation).ConfigureAwait(false) is { } rows)
            {
                ColumnBatch kept = BatchMemory.Compact(rows);
                _batches[i].Add(new FeedBatch(kept));
                Bytes += BatchMemory.SizeBytes(kept);
                if (!_memory.TrySet(Bytes) || Bytes > _plan.FeedBytesMax)
                    return false;
            }
        }
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Operator input in _inputs)
            await input.DisposeAsync().ConfigureAwait(false);
        _memory.Dispose();
    }
}
