using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Aggregation;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators;

/// <summary>Decides where a table is read by several workers, and makes their pipelines: scan, filter, project.</summary>
internal static class ParallelPipelines
{
    /// <summary>Below it starting workers costs more than they save.</summary>
    internal const long RowsMin = 50_000;

    /// <summary>The aggregation's inputs: one, or several that share the table's parts.</summary>
    internal static Operator[] For(AggregatePlan plan, OperatorContext context)
    {
        int workers = AggregateLayout.CanMerge(plan) && AreParallelSafe(PlanParts.ExpressionsOf(plan))
            ? WorkersFor(plan.Input, context, out TableView? view)
            : NoWorkers(out view);
        if (workers < 2 || view is null)
            return [OperatorBuilder.Build(plan.Input, context)];
        var shared = new UnitQueue(view.Units);
        var inputs = new Operator[workers];
        for (int i = 0; i < workers; i++)
            inputs[i] = OperatorBuilder.Build(plan.Input, context with
            {
                SharedUnits = shared,
                Evaluation = context.Evaluation.Fork(),
            });
        return inputs;
    }

    private static int NoWorkers(out TableView? view)
    {
        view = null;
        return 1;
    }

    /// <summary>How many workers may read the plan's table side by side.</summary>
    private static int WorkersFor(PhysicalPlan plan, OperatorContext context, out TableView? view)
    {
        view = null;
        if (context.ParallelismMax < 2 || FindScan(plan) is not { } scan)
            return 1;
        TableView table = context.Run.View(scan.Table);
        if (table.RowCountEstimate < RowsMin)
            return 1;
        view = table;
        return Math.Min(context.ParallelismMax, table.Units.Count);
    }

    private static TableScanPlan? FindScan(PhysicalPlan plan)
    {
        while (true)
        {
            if (!AreParallelSafe(PlanParts.ExpressionsOf(plan)))
                return null;
            switch (plan)
            {
                case TableScanPlan scan:
                    return scan;
                case FilterPlan filter:
                    plan = filter.Input;
                    break;
                case ProjectPlan project:
                    plan = project.Input;
                    break;
                default:
                    return null;
            }
        }
    }

    // Subqueries keep state, and volatile functions belong to the session: neither is for several threads.
    private static bool AreParallelSafe(IEnumerable<ScalarExpression> expressions)
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
