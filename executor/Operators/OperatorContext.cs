using VecSQL.Core.Memory;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Distribution;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Executor.Operators.Subqueries;
using VecSQL.Executor.Scheduling;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators;

/// <summary>What an operator is made with: the statement's run, and its place in it.</summary>
internal sealed record OperatorContext(StatementRun Run, EvaluationContext Evaluation)
{
    /// <summary>The common tables and work tables that scans can name here.</summary>
    internal RowSourceScope? Scope { get; init; }

    /// <summary>Threads that this part of the plan may use.</summary>
    internal int ParallelismMax { get; init; } = Run.Execution.ParallelismMax;

    /// <summary>Within a common table: its changes do not count as the statement's.</summary>
    internal bool IsInCommonTable { get; init; }

    /// <summary>In a pipeline that runs several times side by side: what they share.</summary>
    internal SharedPipeline? Shared { get; init; }

    /// <summary>Within a <see cref="Planner.Physical.DeepeningPlan"/>: what its search tells of how it went.</summary>
    internal SearchDepth? Depth { get; init; }

    /// <summary>Below the right side of an apply: the searches that may be done for several left rows at once.</summary>
    internal IReadOnlyList<SearchesAhead> Ahead { get; init; } = [];

    /// <summary>Within a fragment: what has come along with it.</summary>
    internal ReceivedRows Feeds { get; init; } = ReceivedRows.None;

    internal MemoryBudget Memory => Run.Execution.Memory;

    internal long WorkMemoryBytes => Run.Execution.WorkMemoryBytes;

    internal ISpillStore Spill => Run.Spill;

    internal ITransaction Transaction => Run.Execution.Transaction;

    /// <summary>The context of a part of the plan that sees more tables; what its subqueries gave is remembered apart.</summary>
    internal OperatorContext WithScope(RowSourceScope scope) => this with
    {
        Scope = scope,
        Shared = null,
        Evaluation = Run.NewEvaluation(Evaluation, scope, ParallelismMax, IsInCommonTable),
    };

    internal RowStore NewRowStore() => new(Memory, Spill, WorkMemoryBytes);
}
