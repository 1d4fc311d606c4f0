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

    /// <summary>Makes a join without a condition costlier than any detour, and the smaller of two of them still the better.</summary>
    private const double LastResort = 1e9;

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
            : new GreedyJoins(inputs, conditions, estimator).Order();
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
        double?[] shares = [.. conditions.Select(condition => estimator.PairShare(relations, condition))];
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
                Part candidate = Join(best, left, set & ~left, conditions, uses, shares);
                if (best[set] is not { } known || candidate.Cost < known.Cost * (1 - 1e-9))
                    best[set] = candidate;
            }
        }
        return best[all]?.Plan ?? throw new InvalidOperationException("no join order was found");
    }

    private static Part Join(
        Part?[] best, int left, int right, List<ScalarExpression> conditions, int[] uses, double?[] shares)
    {
        Part x = best[left] ?? throw new InvalidOperationException(), y = best[right]
            ?? throw new InvalidOperationException();
        List<ScalarExpression> on = [];
        List<double?> onShares = [];
        for (int i = 0; i < conditions.Count; i++)
        {
            bool appliesHere = (uses[i] & ~(left | right)) == 0 && (uses[i] & left) != 0 && (uses[i] & right) != 0;
            if (!appliesHere)
                continue;
            on.Add(conditions[i]);
            onShares.Add(shares[i]);
        }
        return Combine(x, y, on, onShares);
    }

    private static Part Combine(Part x, Part y, List<ScalarExpression> on, List<double?> shares)
    {
        (double rows, double cost) = Guess(x, y, on, shares);
        return new Part(new LogicalJoin(PhysicalJoinKind.Inner, x.Plan, y.Plan, Conjunction.Of(on)), rows, cost);
    }

    /// <param name="shares">Of each condition, the share of pairs that statistics give it; null where they give none.</param>
    private static (double Rows, double Cost) Guess(Part x, Part y, List<ScalarExpression> on, List<double?> shares)
    {
        double rows = x.Rows * y.Rows;
        int equalities = 0;
        for (int i = 0; i < on.Count; i++)
        {
            bool isEquality = Comparison.Of(on[i]) is { IsEquality: true };
            equalities += isEquality ? 1 : 0;
            rows *= shares[i] ?? (isEquality ? 1 / Math.Max(x.Rows, y.Rows) : 1.0 / 3);
        }
        // Columns that are compared together are mostly one key: taken one by one they would leave next to nothing.
        rows = Math.Max(equalities > 1 ? Math.Min(x.Rows, y.Rows) : 1, rows);
        // A join without a condition is a last resort, whatever the guess says.
        double penalty = on.Count == 0 ? x.Rows * y.Rows * LastResort : 0;
        return (rows, x.Cost + y.Cost + rows + penalty);
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

    /// <summary>Joins the cheapest pair, again and again; the costs of pairs that a join leaves alone are not looked at twice.</summary>
    private sealed class GreedyJoins
    {
        private static readonly (List<ScalarExpression> On, List<double?> Shares) None = ([], []);

        private readonly Part?[] _parts; // null once joined into another
        private readonly List<(ScalarExpression Condition, double? Share, HashSet<int> Parts)> _open = [];
        private readonly Dictionary<(int First, int Second), (List<ScalarExpression> On, List<double?> Shares)> _between = [];
        private readonly int[] _partner; // the best part behind, -1 for none
        private readonly double[] _cost;

        internal GreedyJoins(LogicalPlan[] relations, List<ScalarExpression> conditions, Estimator estimator)
        {
            _parts = [.. relations.Select(plan => new Part(plan, Math.Max(1, estimator.Rows(plan)), 0))];
            _partner = new int[_parts.Length];
            _cost = new double[_parts.Length];
            var maker = new Dictionary<int, int>();
            for (int i = 0; i < relations.Length; i++)
            {
                foreach (int column in ColumnSet.MadeBy(relations[i]))
                    maker[column] = i;
            }
            foreach (ScalarExpression condition in conditions)
            {
                HashSet<int> parts = [.. ColumnSet.UsedBy(condition).Where(maker.ContainsKey).Select(id => maker[id])];
                double? share = estimator.PairShare(relations, condition);
                _open.Add((condition, share, parts));
                Note(condition, share, parts);
            }
            for (int i = 0; i < _parts.Length; i++)
                FindPartner(i);
        }

        internal LogicalPlan Order()
        {
            for (int count = _parts.Length; count > 1; count--)
            {
                int first = 0; // has a partner as long as there are two parts
                for (int i = 1; i < _parts.Length; i++)
                    first = _partner[i] >= 0 && _cost[i] < _cost[first] ? i : first;
                Join(first, _partner[first]);
            }
            return (_parts[0] ?? throw new InvalidOperationException("no join order was found")).Plan;
        }

        private void Join(int first, int second)
        {
            if (_parts[first] is not { } x || _parts[second] is not { } y)
                throw new InvalidOperationException("a part was joined twice");
            (List<ScalarExpression> on, List<double?> shares) = Between(first, second);
            _parts[first] = Combine(x, y, on, shares);
            _parts[second] = null;
            foreach ((ScalarExpression condition, double? share, HashSet<int> parts) in _open)
            {
                if (!parts.Remove(second))
                    continue;
                parts.Add(first);
                Note(condition, share, parts);
            }
            _open.RemoveAll(static open => open.Parts.Count < 2);
            _cost[second] = double.PositiveInfinity;
            FindPartner(first);
            for (int i = 0; i < second; i++)
            {
                if (_partner[i] == first || _partner[i] == second)
                    FindPartner(i);
                else if (i < first && _parts[i] is not null)
                    Compare(i, first);
            }
        }

        private void Note(ScalarExpression condition, double? share, HashSet<int> parts)
        {
            if (parts.Count != 2)
                return;
            var pair = (parts.Min(), parts.Max());
            if (!_between.TryGetValue(pair, out (List<ScalarExpression> On, List<double?> Shares) known))
                _between.Add(pair, known = ([], []));
            known.On.Add(condition);
            known.Shares.Add(share);
        }

        private (List<ScalarExpression> On, List<double?> Shares) Between(int first, int second) => _between.GetValueOrDefault((first, second), None);

        private void FindPartner(int first)
        {
            (_partner[first], _cost[first]) = (-1, double.PositiveInfinity);
            if (_parts[first] is null)
                return;
            for (int second = first + 1; second < _parts.Length; second++)
                Compare(first, second);
        }

        private void Compare(int first, int second)
        {
            if (_parts[first] is not { } x || _parts[second] is not { } y)
                return;
            (List<ScalarExpression> on, List<double?> shares) = Between(first, second);
            double cost = Guess(x, y, on, shares).Cost;
            if (cost < _cost[first] || _partner[first] < 0)
                (_partner[first], _cost[first]) = (second, cost);
        }
    }
}
