using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Joins;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators;

/// <summary>Decides where several workers run a part of a plan side by side: a scan or other rows, and above it filters, projections and the
/// left sides of hash joins.</summary>
internal static class ParallelPipelines
{
    /// <summary>Below it starting workers costs more than they save.</summary>
    internal const long RowsMin = 50_000;

    /// <summary>The plan's rows in any order: from one operator, or divided among several that may run at the same time.</summary>
    internal static Operator[] For(PhysicalPlan plan, OperatorContext context)
    {
        var joins = new List<HashJoinPlan>();
        PhysicalPlan source = FindSource(plan, joins);
        int workers = WorkersFor(plan, source, context, out UnitQueue? units);
        if (workers < 2)
            return [OperatorBuilder.Build(plan, context)];
        var shared = new SharedPipeline(units, source, units is null ? new SharedSource(OperatorBuilder.Build(source, context)) : null);
        foreach (HashJoinPlan join in joins)
            shared.Add(join, new JoinBuild(join, For(join.Right, context), workers, context));
        var inputs = new Operator[workers];
        for (int i = 0; i < workers; i++)
            inputs[i] = OperatorBuilder.Build(plan, context with { Shared = shared, Evaluation = context.Evaluation.Fork() });
        return inputs;
    }

    /// <summary>The plan's rows in any order, from one operator behind which several may work.</summary>
    internal static Operator Gather(PhysicalPlan plan, OperatorContext context)
    {
        Operator[] inputs = For(plan, context);
        return inputs.Length == 1 ? inputs[0] : new GatherOperator(inputs);
    }

    private static int WorkersFor(PhysicalPlan plan, PhysicalPlan source, OperatorContext context, out UnitQueue? units)
    {
        units = null;
        if (context.ParallelismMax < 2)
            return 1;
        if (source is TableScanPlan scan && AreParallelSafe(PlanParts.ExpressionsOf(scan)))
        {
            TableView table = context.Run.View(scan.Table);
            if (table.RowCountEstimate < RowsMin || table.Units.Count < 2)
                return 1;
            units = new UnitQueue(table.Units);
            return Math.Min(context.ParallelismMax, table.Units.Count);
        }
        // What is sorted is mostly wanted in that order, even where nothing says so.
        return !ReferenceEquals(plan, source) && source is not (SortPlan or TopNPlan or LimitPlan) && source.EstimatedRows >= RowsMin
            ? context.ParallelismMax
            : 1;
    }

    /// <summary>Where the pipeline's rows come from.</summary>
    /// <param name="joins">Is given the joins on the way.</param>
    private static PhysicalPlan FindSource(PhysicalPlan plan, List<HashJoinPlan> joins)
    {
        while (AreParallelSafe(PlanParts.ExpressionsOf(plan)))
        {
            switch (plan)
            {
                case FilterPlan filter:
                    plan = filter.Input;
                    break;
                case KeyFilterPlan filter:
                    plan = filter.Input;
                    break;
                case ProjectPlan project:
                    plan = project.Input;
                    break;
                case HashJoinPlan { SiftsRight: false } join:
                    joins.Add(join);
                    plan = join.Left;
                    break;
                default:
                    return plan;
            }
        }
        return plan;
    }

    // Subqueries keep state, and volatile functions belong to the session: neither is for several threads.
    internal static bool AreParallelSafe(IEnumerable<ScalarExpression> expressions)
    {
        foreach (ScalarExpression expression in expressions)
        {
            PlanTraits traits = PlanTraits.Of(expression);
            if (traits.IsVolatile || traits.HasSubplan)
                return false;
        }
        return true;
    }
}
