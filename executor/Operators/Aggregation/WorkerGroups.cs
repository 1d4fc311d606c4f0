using VecSQL.Columnar.Batches;
using VecSQL.Executor.Scheduling;

namespace VecSQL.Executor.Operators.Aggregation;

/// <summary>What one worker of a parallel aggregation has gathered: groups of each set, and rows that found no room.</summary>
internal sealed class WorkerGroups : IDisposable
{
    private readonly AggregateLayout _layout;
    private readonly Operator _input;
    private readonly OperatorContext _context;
    private readonly GroupedAggregation[] _groups;
    private readonly bool _isOwner;

    /// <param name="groups">Somebody else's groups to add to, by set; null for the worker's own.</param>
    internal WorkerGroups(AggregateLayout layout, Operator input, GroupedAggregation[]? groups, OperatorContext context)
    {
        (_layout, _input, _isOwner) = (layout, input, groups is null);
        _context = context = context with { Evaluation = context.Evaluation.Fork() };
        int setCount = layout.Plan.GroupingSets.Length;
        _groups = new GroupedAggregation[setCount];
        LeftOver = new RowStore[setCount];
        for (int set = 0; set < setCount; set++)
        {
            _groups[set] = groups is null ? new GroupedAggregation(layout, set, context) : groups[set];
            LeftOver[set] = new RowStore(context.Memory, context.Spill, memoryBytesMax: 0);
        }
    }

    /// <summary>By set.</summary>
    internal RowStore[] LeftOver { get; }

    internal async Task ReadAsync(CancellationToken cancellation)
    {
        using SlicedEvaluation preparation = _layout.Preparation(_context.Evaluation);
        while (await _input.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            preparation.Begin(batch);
            while (preparation.Next() is { } prepared)
            {
                cancellation.ThrowIfCancellationRequested();
                Add(prepared);
            }
        }
    }

    private void Add(ColumnBatch prepared)
    {
        for (int set = 0; set < _groups.Length; set++)
        {
            if (_groups[set].Add(prepared) is { } rest)
                LeftOver[set].Add(rest);
        }
    }

    internal void MergeInto(GroupedAggregation target) => target.Merge(_groups[target.Set]);

    public void Dispose()
    {
        foreach (GroupedAggregation groups in _isOwner ? _groups : [])
            groups.Dispose();
        foreach (RowStore rows in LeftOver)
            rows.Dispose();
    }
}
