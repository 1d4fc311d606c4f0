using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Logical;

/// <summary>Walks over and rebuilds logical plans. Plans that nothing changes are returned as they are.</summary>
internal static class PlanTree
{
    /// <summary>The same node over mapped inputs. Subqueries in expressions are not inputs.</summary>
    internal static LogicalPlan MapInputs(LogicalPlan plan, Func<LogicalPlan, LogicalPlan> map)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (plan)
        {
            case LogicalFilter p:
                return One(p, p.Input, map, static (n, i) => n with { Input = i });
            case LogicalProject p:
                return One(p, p.Input, map, static (n, i) => n with { Input = i });
            case LogicalProjectSet p:
                return One(p, p.Input, map, static (n, i) => n with { Input = i });
            case LogicalAggregate p:
                return One(p, p.Input, map, static (n, i) => n with { Input = i });
            case LogicalWindow p:
                return One(p, p.Input, map, static (n, i) => n with { Input = i });
            case LogicalSort p:
                return One(p, p.Input, map, static (n, i) => n with { Input = i });
            case LogicalLimit p:
                return One(p, p.Input, map, static (n, i) => n with { Input = i });
            case LogicalDistinct p:
                return One(p, p.Input, map, static (n, i) => n with { Input = i });
            case LogicalDistinctOn p:
                return One(p, p.Input, map, static (n, i) => n with { Input = i });
            case LogicalLock p:
                return One(p, p.Input, map, static (n, i) => n with { Input = i });
            case LogicalUpdate p:
                return One(p, p.Input, map, static (n, i) => n with { Input = i });
            case LogicalDelete p:
                return One(p, p.Input, map, static (n, i) => n with { Input = i });
            case LogicalMerge p:
                return One(p, p.Input, map, static (n, i) => n with { Input = i });
            case LogicalInsert p:
                return One(p, p.Source.Plan, map, static (n, i) => n with { Source = n.Source with { Plan = i } });
            default:
                return MapSeveral(plan, map);
        }
    }

    internal static void VisitInputs(LogicalPlan plan, Action<LogicalPlan> visit) => MapInputs(plan, input =>
    {
        visit(input);
        return input;
    });

    /// <summary>Maps the expressions of the node and of all plans below it.</summary>
    internal static LogicalPlan MapAllExpressions(LogicalPlan plan, Func<ScalarExpression, ScalarExpression> map)
    {
        LogicalPlan node = MapInputs(plan, input => MapAllExpressions(input, map));
        return PlanExpressions.Map(node, map);
    }

    /// <summary>Visits every expression of the plan, those in subqueries included.</summary>
    internal static void VisitAllExpressions(LogicalPlan plan, Action<ScalarExpression> visit) =>
        MapAllExpressions(plan, expression =>
        {
            ExpressionTree.VisitAll(expression, visit);
            return expression;
        });

    /// <summary>Visits the node and all below it, subqueries in expressions apart.</summary>
    internal static void VisitAll(LogicalPlan plan, Action<LogicalPlan> visit)
    {
        visit(plan);
        VisitInputs(plan, input => VisitAll(input, visit));
    }

    private static LogicalPlan One<T>(
        T node, LogicalPlan input, Func<LogicalPlan, LogicalPlan> map, Func<T, LogicalPlan, T> with) where T
            : LogicalPlan
    {
        LogicalPlan mapped = map(input);
        return ReferenceEquals(mapped, input) ? node : with(node, mapped);
    }

    private static LogicalPlan MapSeveral(LogicalPlan plan, Func<LogicalPlan, LogicalPlan> map)
    {
        switch (plan)
        {
            case LogicalJoin join:
            {
                LogicalPlan left = map(join.Left), right = map(join.Right);
                return ReferenceEquals(left, join.Left) && ReferenceEquals(right, join.Right)
                    ? join
                    : join with { Left = left, Right = right };
            }
            case LogicalDeepening deepening:
            {
                LogicalPlan input = map(deepening.Input), fallback = map(deepening.Fallback);
                return ReferenceEquals(input, deepening.Input) && ReferenceEquals(fallback, deepening.Fallback)
                    ? deepening
                    : deepening with { Input = input, Fallback = fallback };
            }
            case LogicalMining mining:
            {
                SetInput rows = Map(mining.Rows, map);
                SetInput? anchors = mining.Anchors is null ? null : Map(mining.Anchors, map);
                SetInput? candidates = mining.Candidates is null ? null : Map(mining.Candidates, map);
                bool isSame = ReferenceEquals(rows, mining.Rows) && ReferenceEquals(anchors, mining.Anchors)
                    && ReferenceEquals(candidates, mining.Candidates);
                return isSame ? mining : mining with { Rows = rows, Anchors = anchors, Candidates = candidates };
            }
            case LogicalAppend append:
            {
                ImmutableArray<SetInput> inputs = PlanExpressions.Changed(append.Inputs, input => Map(input, map));
                return inputs == append.Inputs ? append : append with { Inputs = inputs };
            }
            case LogicalSetOperation operation:
            {
                SetInput left = Map(operation.Left, map), right = Map(operation.Right, map);
                return ReferenceEquals(left, operation.Left) && ReferenceEquals(right, operation.Right)
                    ? operation
                    : operation with { Left = left, Right = right };
            }
            case LogicalRecursiveUnion union:
            {
                SetInput seed = Map(union.Seed, map), step = Map(union.Step, map);
                return ReferenceEquals(seed, union.Seed) && ReferenceEquals(step, union.Step)
                    ? union
                    : union with { Seed = seed, Step = step };
            }
            case LogicalWith with:
            {
                ImmutableArray<LogicalCommonTable> tables = PlanExpressions.Changed(with.Tables, table =>
                {
                    SetInput query = Map(table.Query, map);
                    return ReferenceEquals(query, table.Query) ? table : table with { Query = query };
                });
                LogicalPlan body = map(with.Body);
                return ReferenceEquals(body, with.Body) && tables == with.Tables ? with : new LogicalWith(tables, body);
            }
            default:
                return plan; // leaves
        }
    }

    private static SetInput Map(SetInput input, Func<LogicalPlan, LogicalPlan> map)
    {
        LogicalPlan plan = map(input.Plan);
        return ReferenceEquals(plan, input.Plan) ? input : input with { Plan = plan };
    }
}
