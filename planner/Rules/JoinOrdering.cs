using System.Numerics;
using VecSQL.Planner.Costs;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Orders chains of inner joins so that intermediate results stay small.</summary>
/// <remarks>
/// Up to eight relations: the best of all trees, by dynamic programming over subsets; beyond, greedily the smallest
/// next join.
/// </remarks>
internal sealed class JoinOrdering(Estimator estimator)
{
    private const int ExhaustiveMax = 8;

    private sealed record Part(LogicalPlan Plan, double Rows, double Cost);

    internal LogicalPlan Apply(LogicalPlan plan)
    {
        if (plan is not LogicalJoin { Kind: PhysicalJoinKind.Inner } join)
            return PlanTree.MapInputs(plan, Apply);
        List<LogicalPlan> relations = [];
        List<ScalarExpression> conditions = [];
        if (!Flatten(join, relations, conditions) || relations.Count < 3)
            return PlanTree.MapInputs(plan, Apply);
        LogicalPlan[] inputs = [.. relations.Select(Apply)];
        // What does not join two relations (volatile conditions) is tested on the finished rows.
        HashSet<int>[] made = [.. inputs.Select(ColumnSet.MadeBy)];
        List<ScalarExpression> above = [.. conditions.Where(condition =>
            made.Count(ColumnSet.UsedBy(condition).Overlaps) < 2 || PredicatePushDown.IsVolatile(condition))];
        conditions.RemoveAll(above.Contains);
        LogicalPlan ordered = inputs.Length <= ExhaustiveMax ? Exhaustive(inputs, conditions)
            : Greedy(inputs, conditions);
        return PredicatePushDown.Above(ordered, above);
    }

    /// <summary>Collects the relations of nested inner joins; false where one depends on another (LATERAL).</summary>
    private static bool Flatten(LogicalPlan plan, List<LogicalPlan> relations, List<ScalarExpression> conditions)
    {
        if (plan is not LogicalJoin { Kind: PhysicalJoinKind.Inner } join)
        {
            relations.Add(plan);
            return true;
        }
        if (ColumnSet.FreeIn(join.Right).Overlaps(ColumnSet.MadeBy(join.Left)))
            return false;
        conditions.AddRange(Conjunction.Parts(join.Condition));
        return Flatten(join.Left, relations, conditions) && Flatten(join.Right, relations, conditions);
    }

    private LogicalPlan Exhaustive(LogicalPlan[] relations, List<ScalarExpression> conditions)
    {
        int all = (1 << relations.Length) - 1;
        var best = new Part?[all + 1];
        for (int i = 0; i < relations.Length; i++)
            best[1 << i] = new Part(relations[i], Math.Max(1, estimator.Rows(relations[i])), 0);
        int[] uses = Uses(relations, conditions);
        for (int set = 1; set <= all; set++)
        {
            if (BitOperations.PopCount((uint)set) < 2)
                continue;
            // Halves in order; the lowest relation stays on the left, so that of equals the written order wins.
            int lowest = set & -set;
            for (int left = (set - 1) & set; left > 0; left = (left - 1) & set)
            {
                if ((left & lowest) == 0)
                    continue;
                Part candidate = Join(best, left, set & ~left, conditions, uses);
                if (best[set] is not { } known || candidate.Cost < known.Cost * (1 - 1e-9))
                    best[set] = candidate;
            }
        }
        return best[all]?.Plan ?? throw new InvalidOperationException("no join order was found");
    }

    private static Part Join(Part?[] best, int left, int right, List<ScalarExpression> conditions, int[] uses)
    {
        Part x = best[left] ?? throw new InvalidOperationException(), y = best[right]
            ?? throw new InvalidOperationException();
        List<ScalarExpression> on = [];
        for (int i = 0; i < conditions.Count; i++)
        {
            bool appliesHere = (uses[i] & ~(left | right)) == 0 && (uses[i] & left) != 0 && (uses[i] & right) != 0;
            if (appliesHere)
                on.Add(conditions[i]);
        }
        return Combine(x, y, on);
    }

    private static Part Combine(Part x, Part y, List<ScalarExpression> on)
    {
        double rows = x.Rows * y.Rows;
        foreach (ScalarExpression condition in on)
            rows *= Comparison.Of(condition) is { IsEquality: true } ? 1 / Math.Max(x.Rows, y.Rows) : 1.0 / 3;
        rows = Math.Max(1, rows);
        // A join without a condition is a last resort, whatever the guess says.
        double penalty = on.Count == 0 ? x.Rows * y.Rows : 0;
        var plan = new LogicalJoin(PhysicalJoinKind.Inner, x.Plan, y.Plan, Conjunction.Of(on));
        return new Part(plan, rows, x.Cost + y.Cost + rows + penalty);
    }

    private static int[] Uses(LogicalPlan[] relations, List<ScalarExpression> conditions)
    {
        HashSet<int>[] made = [.. relations.Select(ColumnSet.MadeBy)];
        return [.. conditions.Select(condition =>
        {
            HashSet<int> used = ColumnSet.UsedBy(condition);
            int bits = 0;
            for (int i = 0; i < made.Length; i++)
                bits |= used.Overlaps(made[i]) ? 1 << i : 0;
            return bits;
        })];
    }

    private LogicalPlan Greedy(LogicalPlan[] relations, List<ScalarExpression> conditions)
    {
        List<Part> parts = [.. relations.Select(plan => new Part(plan, Math.Max(1, estimator.Rows(plan)), 0))];
        List<ScalarExpression> open = [.. conditions];
        while (parts.Count > 1)
        {
            (int First, int Second, Part Joined)? best = null;
            for (int i = 0; i < parts.Count; i++)
            {
                for (int j = i + 1; j < parts.Count; j++)
                {
                    Part joined = Combine(parts[i], parts[j], Applicable(parts[i], parts[j], open));
                    if (best is null || joined.Cost < best.Value.Joined.Cost)
                        best = (i, j, joined);
                }
            }
            if (best is not { } chosen)
                break;
            open.RemoveAll(Applicable(parts[chosen.First], parts[chosen.Second], open).Contains);
            parts[chosen.First] = chosen.Joined;
            parts.RemoveAt(chosen.Second);
        }
        return PredicatePushDown.Above(parts[0].Plan, open);
    }

    private static List<ScalarExpression> Applicable(Part x, Part y, List<ScalarExpression> conditions)
    {
        HashSet<int> left = ColumnSet.MadeBy(x.Plan), right = ColumnSet.MadeBy(y.Plan);
        HashSet<int> both = [.. left, .. right];
        return [.. conditions.Where(condition =>
        {
            HashSet<int> used = ColumnSet.UsedBy(condition);
            return used.Overlaps(left) && used.Overlaps(right) && used.IsSubsetOf(both);
        })];
    }
}
