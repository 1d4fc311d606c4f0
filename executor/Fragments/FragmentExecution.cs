using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators;
using VecSQL.Executor.Operators.Distribution;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Fragments;

/// <summary>A fragment of another node's statement, being run over the rows that are here.</summary>
/// <remarks>
/// Views:   are the caller's, and stay open.
/// Threads: one call at a time.
/// </remarks>
public sealed class FragmentExecution : IAsyncDisposable
{
    private readonly FragmentOrder _order;
    private readonly PhysicalPlan _plan;
    private readonly StatementRun _run;
    private readonly Operator _root;
    private readonly MemoryBudget _memory;

    private FragmentExecution(FragmentOrder order, PhysicalPlan plan, StatementRun run, MemoryBudget memory, Operator root) =>
        (_order, _plan, _run, _memory, _root) = (order, plan, run, memory, root);

    /// <summary>Reads and checks the order; nothing runs before the first <see cref="NextAsync"/>.</summary>
    /// <param name="views">The tables that it may read, as its statement sees them.</param>
    /// <param name="feeds">What goes along with it, by the plan's numbers.</param>
    /// <exception cref="InvalidDataException">The order makes no sense.</exception>
    /// <exception cref="SqlException">0A000: another version has written it.</exception>
    public static FragmentExecution Open(
        ReadOnlyMemory<byte> bytes, FragmentResources resources, ITransaction transaction, IReadOnlyDictionary<TableId, TableView> views,
        IEnumerable<KeyValuePair<int, Operator>> feeds, CancellationToken cancellation)
    {
        FragmentOrder order = FragmentOrder.Read(bytes);
        PhysicalPlan plan = resources.Plan(order.Plan, transaction.Catalog, [.. views.Keys], order.Values);
        MemoryBudget memory = new("this query", resources.Memory.LimitBytes, resources.Memory);
        ExecutionContext execution = new()
        {
            Transaction = transaction,
            Evaluation = new EvaluationContext
            {
                Format = order.Format, Parameters = order.Values, Cancellation = cancellation,
                Session = new FragmentSession(order.TransactionTime, order.StatementTime, order.Settings, transaction.Catalog),
            },
            Memory = memory,
            ColumnKeys = resources.ColumnKeys,
            WorkMemoryBytes = order.WorkMemoryBytes,
            ParallelismMax = Math.Min(order.ParallelismMax, resources.ParallelismMax),
            SystemViews = NoViews.Instance,
            CollectsActuals = order.CollectsActuals,
            SpillDirectory = resources.SpillDirectory,
        };
        return Open(order, plan, new StatementRun(execution, views), new ReceivedRows(feeds));
    }

    /// <summary>The next rows; null at the end.</summary>
    public ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation) => _root.NextAsync(cancellation);

    /// <summary>What the plan's nodes did until now; empty where nobody wants to know.</summary>
    public byte[] Figures() => _order.CollectsActuals ? FigureBytes.Write(_plan, _run) : [];

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _root.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _run.Dispose();
            if (_memory.UsedBytes > 0)
                _memory.Release(_memory.UsedBytes);
        }
    }

    private static FragmentExecution Open(FragmentOrder order, PhysicalPlan plan, StatementRun run, ReceivedRows feeds)
    {
        bool isOpen = false;
        try
        {
            ExecutionContext execution = run.Execution;
            EvaluationContext evaluation = run.NewEvaluation(execution.Evaluation, scope: null, execution.ParallelismMax, isInCommonTable: false);
            Operator root = OperatorBuilder.Build(plan, new OperatorContext(run, evaluation) { Feeds = feeds });
            isOpen = true;
            return new FragmentExecution(order, plan, run, execution.Memory, root);
        }
        finally
        {
            if (!isOpen)
                run.Dispose();
        }
    }

    private sealed class NoViews : ISystemViewSource
    {
        internal static readonly NoViews Instance = new();

        public IEnumerable<ColumnBatch> Rows(uint viewOid, ReadOnlyMemory<short> columns, IReadOnlyList<ZoneBound> bounds) =>
            throw new InvariantException("a fragment reads a system view");
    }
}
