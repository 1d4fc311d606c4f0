using VecSQL.Executor.Operators.Aggregation;
using VecSQL.Executor.Operators.Changes;
using VecSQL.Executor.Operators.Distribution;
using VecSQL.Executor.Operators.Joins;
using VecSQL.Executor.Operators.Mining;
using VecSQL.Executor.Operators.Rows;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Executor.Operators.Sets;
using VecSQL.Executor.Operators.Sorting;
using VecSQL.Executor.Operators.Subqueries;
using VecSQL.Executor.Operators.Texts;
using VecSQL.Executor.Operators.Windows;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators;

/// <summary>Plans to operators. Nothing runs before the first batch is asked for.</summary>
internal static class OperatorBuilder
{
    internal static Operator Build(PhysicalPlan plan, OperatorContext context)
    {
        Operator built = Make(plan, context);
        return context.Run.Meter(plan) is { } meter ? new MeteredOperator(built, meter) : built;
    }

    private static Operator Make(PhysicalPlan plan, OperatorContext context)
    {
        if (context.Shared is { } shared && ReferenceEquals(plan, shared.SourcePlan) && shared.Source is { } source)
            return source;
        if (context.Shared is not null && plan is not (TableScanPlan or FilterPlan or KeyFilterPlan or ProjectPlan or HashJoinPlan))
            throw new InvalidOperationException($"{plan.GetType().Name} cannot be part of a shared pipeline");
        return plan switch
        {
            ValuesPlan values => new ValuesOperator(values, context),
            TableScanPlan scan => new TableScanOperator(scan, context),
            KeyLookupPlan lookup => new KeyLookupOperator(lookup, context),
            RowLookupPlan lookup => new RowLookupOperator(lookup, context),
            VectorTopKPlan top => new VectorTopKOperator(top, context),
            TextMatchPlan match => new TextMatchOperator(match, context),
            TextTopKPlan top => new TextTopKOperator(top, context),
            SystemScanPlan scan => new SystemScanOperator(scan, context),
            FunctionScanPlan scan => new FunctionScanOperator(scan, context),
            EmptyPlan => new EmptyOperator(),
            FragmentPlan fragment => new FragmentOperator(fragment, context),
            ReceivedPlan received => new ReceivedOperator(received, context.Feeds.Take(received.Number)),
            GatePlan gate => new GateOperator(gate, Build(gate.Input, context), context),
            FilterPlan filter => new FilterOperator(filter, Build(filter.Input, context), context),
            KeyFilterPlan filter => new KeyFilterOperator(filter, Build(filter.Input, context), context),
            ProjectPlan project => new ProjectOperator(project, Build(project.Input, context), context),
            ProjectSetPlan project => new ProjectSetOperator(project, Build(project.Input, context), context),
            AppendPlan append => new AppendOperator(append, context),
            LimitPlan limit => MakeLimit(limit, context),
            _ => MakeBlocking(plan, context),
        };
    }

    private static Operator MakeBlocking(PhysicalPlan plan, OperatorContext context) => plan switch
    {
        HashJoinPlan join => new HashJoinOperator(Build(join.Left, context), BuildOf(join, context), context),
        NestedLoopJoinPlan join => new NestedLoopJoinOperator(
            join, Build(join.Left, context), Build(join.Right, context), context),
        ApplyPlan apply => new ApplyOperator(apply, Build(apply.Left, context), context),
        AggregatePlan aggregate => new AggregateOperator(aggregate, InputsOf(aggregate, context), context),
        SortPlan sort => new SortOperator(sort, ParallelPipelines.Gather(sort.Input, context), context),
        TopNPlan top => new TopNOperator(top, ParallelPipelines.Gather(top.Input, context), context),
        MiningPlan mining => new MiningOperator(mining, Build(mining.Rows, context),
            mining.Anchors is null ? null : Build(mining.Anchors, context),
            mining.Candidates is null ? null : Build(mining.Candidates, context), context),
        DeepeningPlan deepening => new DeepeningOperator(deepening, context),
        DistinctPlan distinct => new DistinctOperator(distinct, ParallelPipelines.Gather(distinct.Input, context), context),
        DistinctOnPlan distinct => new DistinctOnOperator(distinct, Build(distinct.Input, context), context),
        SetOperationPlan set => new SetOperationOperator(
            set, Build(set.Left, context), Build(set.Right, context), context),
        WindowPlan window => new WindowOperator(window, Build(window.Input, context), context),
        RecursiveUnionPlan union => new RecursiveUnionOperator(union, context),
        WorkTableScanPlan scan => new WorkTableScanOperator(scan, context),
        WithPlan with => new WithOperator(with, context),
        CommonTableScanPlan scan => new CommonTableScanOperator(scan, context),
        LockRowsPlan locks => new LockRowsOperator(locks, Build(locks.Input, context), context),
        InsertPlan insert => new InsertOperator(insert, Build(insert.Input, context), context),
        UpdatePlan update => new UpdateOperator(update, Build(update.Input, context), context),
        DeletePlan delete => new DeleteOperator(delete, Build(delete.Input, context), context),
        MergePlan merge => new MergeOperator(merge, Build(merge.Input, context), context),
        _ => throw new InvalidOperationException($"no operator for {plan.GetType().Name}"),
    };

    private static JoinBuild BuildOf(HashJoinPlan join, OperatorContext context) => context.Shared is { } shared
        ? shared.BuildOf(join)
        : new JoinBuild(join, ParallelPipelines.For(join.Right, context), workers: 1, context);

    // What depends on the order of rows gets them in it; what must see all of a group's rows gets them from one place.
    private static Operator[] InputsOf(AggregatePlan aggregate, OperatorContext context)
    {
        bool isSafe = ParallelPipelines.AreParallelSafe(PlanParts.ExpressionsOf(aggregate));
        return isSafe && AggregateLayout.CanMerge(aggregate) ? ParallelPipelines.For(aggregate.Input, context)
            : [AggregateLayout.IsOrderFree(aggregate) ? ParallelPipelines.Gather(aggregate.Input, context) : Build(aggregate.Input, context)];
    }

    // Rows are locked only as the limit asks for them: a queue's readers must not lock what they do not take.
    private static LimitOperator MakeLimit(LimitPlan plan, OperatorContext context)
    {
        Operator input = Build(plan.Input, context);
        var limit = new LimitOperator(plan, input, context);
        while (true)
        {
            switch (input)
            {
                case MeteredOperator metered:
                    input = metered.Inner;
                    continue;
                case ProjectOperator project:
                    input = project.Input;
                    continue;
                case LockRowsOperator locks:
                    locks.Demand = () => limit.Wanted;
                    return limit;
                default:
                    return limit;
            }
        }
    }
}
