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

    internal WorkerGroups(AggregateLayout layout, Operator input, OperatorContext context)
    {
        (_layout, _input, _context) = (layout, input, context);
        int setCount = layout.Plan.GroupingSets.Length;
        _groups = new GroupedAggregation[setCount];
        LeftOver = new RowStore[setCount];
        for (int set = 0; set < setCount; set++)
        {
            _groups[set] = new GroupedAggregation(layout, set, context);
            LeftOver[set] = new RowStore(context.Memory, context.Spill, memoryBytesMax: 0);
        }
    }

    /// <summary>By set.</summary>
    internal RowStore[] LeftOver { get; }

    internal async Task ReadAsync(CancellationToken cancellation)
    {
        while (await _input.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            ColumnBatch prepared = _layout.Prepare(batch, _context.Evaluation);
            for (int set = 0; set < _groups.Length; set++)
            {
                if (_groups[set].Add(prepared) is { } rest)
                    LeftOver[set].Add(rest);
            }
        }
    }

    internal void MergeInto(GroupedAggregation target) => target.Merge(_groups[target.Set]);

    public void Dispose()
    {
        foreach (GroupedAggregation groups in _groups)
            groups.Dispose();
        foreach (RowStore rows in LeftOver)
            rows.Dispose();
    }
}
