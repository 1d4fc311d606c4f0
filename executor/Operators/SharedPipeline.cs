using VecSQL.Columnar.Batches;
using VecSQL.Executor.Operators.Joins;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators;

/// <summary>What workers share that run one pipeline side by side: where its rows come from, and the tables it joins with.</summary>
/// <param name="Units">The parts of the table at the pipeline's start.</param>
/// <param name="Source">Else the rows it starts from: those of <paramref name="SourcePlan"/>.</param>
internal sealed record SharedPipeline(UnitQueue? Units, PhysicalPlan SourcePlan, SharedSource? Source)
{
    private readonly Dictionary<PhysicalPlan, JoinBuild> _joins = new(ReferenceEqualityComparer.Instance);

    internal void Add(HashJoinPlan plan, JoinBuild build) => _joins.Add(plan, build);

    internal JoinBuild BuildOf(HashJoinPlan plan) => _joins[plan];
}

/// <summary>Rows that workers take batch by batch, whoever is free.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class SharedSource(Operator input) : Operator
{
    private readonly SemaphoreSlim _turn = new(1);
    private bool _isAtEnd, _isDisposed;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_isAtEnd)
                return null;
            ColumnBatch? batch = await input.NextAsync(cancellation).ConfigureAwait(false);
            _isAtEnd = batch is null;
            return batch;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>May be called by each worker, once all are through.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _turn.Dispose();
        await input.DisposeAsync().ConfigureAwait(false);
    }
}
