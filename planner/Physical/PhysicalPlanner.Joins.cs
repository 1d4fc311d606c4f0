using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>
/// Joins: by hash where keys are equal, by loops otherwise, row by row where the right side needs the left row.
/// </summary>
internal sealed partial class PhysicalPlanner
{
    private PlannedNode PlanJoin(LogicalJoin join)
    {
        HashSet<int> free = ColumnSet.FreeIn(join.Right);
        if (free.Overlaps(ColumnSet.MadeBy(join.Left)))
            return PlanApply(join, free);
        if (TryKeyApply(join) is { } lookups)
            return lookups;
        PlannedNode left = Plan(join.Left), right = Plan(join.Right);
        PhysicalJoinKind kind = join.Kind;
        // The right side is held in memory: it had better be the smaller one.
        bool canTurn = kind is PhysicalJoinKind.Inner or PhysicalJoinKind.Left or PhysicalJoinKind.Right
            or PhysicalJoinKind.Full;
        if (canTurn && left.Plan.EstimatedRows * TurnFactor < right.Plan.EstimatedRows)
        {
            (left, right) = (right, left);
            kind = kind switch
            {
                PhysicalJoinKind.Left => PhysicalJoinKind.Right,
                PhysicalJoinKind.Right => PhysicalJoinKind.Left,
                _ => kind,
            };
        }
        ImmutableArray<ColumnExpression> both = [.. left.Columns, .. right.Columns];
        PhysicalPlan plan = BuildJoin(kind, left, right, join, both);
        ImmutableArray<ColumnExpression> output = plan is HashJoinPlan hash ? [.. hash.Kept.Select(i => both[i])]
            : join.KeepsLeftOnly ? left.Columns : both;
        return new PlannedNode(plan with { Output = Types(output) }, output);
    }

    /// <summary>
    /// How much smaller the left side must be to change places: turning for nothing makes plans hard to read.
    /// </summary>
    private const double TurnFactor = 1.2;

    /// <summary>How much smaller the left side must be to be read first: the rows are kept a second time.</summary>
    private const double SiftFactor = 4;

    private PhysicalPlan BuildJoin(
        PhysicalJoinKind kind, PlannedNode left, PlannedNode right, LogicalJoin join, ImmutableArray<ColumnExpression> both)
    {
        ScalarExpression? condition = join.Condition;
        HashSet<int> leftColumns = [.. left.Columns.Select(column => column.ColumnId)];
        HashSet<int> rightColumns = [.. right.Columns.Select(column => column.ColumnId)];
        List<JoinKey> keys = [];
        List<ScalarExpression> residual = [];
        foreach (ScalarExpression part in Conjunction.Parts(condition))
        {
            if (JoinKey.Of(part, leftColumns, rightColumns) is { } key)
                keys.Add(key);
            else
                residual.Add(part);
        }
        var layout = new PlanLayout(both);
        // NOT IN over hash needs the whole condition to be the keys.
        bool canHash = keys.Count > 0
            && (kind != PhysicalJoinKind.NullAwareAnti || (residual.Count == 0 && keys.Count == 1));
        if (!canHash || _state.Context.Setting("enable_hashjoin") == "off")
        {
            return new NestedLoopJoinPlan(kind, left.Plan, right.Plan, _expressions.PlaceOptional(condition, layout))
            {
                Output = [],
            };
        }
        PlanLayout leftLayout = left.Layout, rightLayout = right.Layout;
        ImmutableArray<ScalarExpression> leftKeys = [.. keys.Select(key => _expressions.Place(key.Left, leftLayout))];
        bool siftsRight = kind is PhysicalJoinKind.Semi or PhysicalJoinKind.Anti
            && left.Plan.EstimatedRows * SiftFactor < right.Plan.EstimatedRows;
        int filterId = 0;
        if (kind is PhysicalJoinKind.Inner or PhysicalJoinKind.Right or PhysicalJoinKind.Semi && !siftsRight
            && right.Plan.EstimatedRows * SiftFactor < left.Plan.EstimatedRows)
        {
            int id = _state.NewColumn(SqlType.Bool, "filter").ColumnId; // a number that nothing else in the statement has
            if (KeyFilters.TryPlace(left.Plan, leftKeys, id) is { } filtered)
                (left, filterId) = (left with { Plan = filtered }, id);
        }
        return new HashJoinPlan(kind, left.Plan, right.Plan, leftKeys,
            [.. keys.Select(key => _expressions.Place(key.Right, rightLayout))],
            [.. keys.Select(key => key.Type)],
            _expressions.PlaceOptional(Conjunction.Of(residual), layout), Kept(join.KeepsLeftOnly ? left.Columns : both, join.Required))
        {
            Output = [],
            SiftsRight = siftsRight,
            KeyFilter = filterId,
        };
    }

    private PlannedNode PlanApply(LogicalJoin join, HashSet<int> free)
    {
        return Apply(join.Kind, Plan(join.Left), Plan(join.Right), free, join.Condition, join.Required);
    }

    private PlannedNode Apply(
        PhysicalJoinKind kind, PlannedNode left, PlannedNode right, HashSet<int> free, ScalarExpression? condition, HashSet<int>? required)
    {
        ImmutableArray<ColumnExpression> both = [.. left.Columns, .. right.Columns];
        ImmutableArray<int> kept = Kept(kind is PhysicalJoinKind.Semi or PhysicalJoinKind.Anti ? left.Columns : both, required);
        ImmutableArray<ColumnExpression> output = [.. kept.Select(i => both[i])];
        var plan = new ApplyPlan(kind, left.Plan, right.Plan, _expressions.OuterValues(free, left.Layout),
            _expressions.PlaceOptional(condition, new PlanLayout(both)), kept)
        {
            Output = Types(output),
        };
        return new PlannedNode(plan, output);
    }

    /// <param name="required">What is read above; null for everything.</param>
    private static ImmutableArray<int> Kept(ImmutableArray<ColumnExpression> columns, HashSet<int>? required) =>
        [.. Enumerable.Range(0, columns.Length).Where(i => required?.Contains(columns[i].ColumnId) ?? true)];
}

/// <summary>A pair of expressions that must be equal for rows to join.</summary>
internal sealed record JoinKey(ScalarExpression Left, ScalarExpression Right, SqlType Type)
{
    internal static JoinKey? Of(ScalarExpression condition, HashSet<int> left, HashSet<int> right)
    {
        if (Comparison.Of(condition) is not { IsEquality: true, Operator.CanHash: true } comparison)
            return null;
        HashSet<int> first = ColumnSet.UsedBy(comparison.Left), second = ColumnSet.UsedBy(comparison.Right);
        if (first.Count == 0 || second.Count == 0)
            return null;
        if (first.IsSubsetOf(left) && second.IsSubsetOf(right))
            return Paired(comparison.Left, comparison.Right);
        return first.IsSubsetOf(right) && second.IsSubsetOf(left) ? Paired(comparison.Right, comparison.Left) : null;
    }

    /// <summary>Keys of two number types are compared in the wider one.</summary>
    private static JoinKey? Paired(ScalarExpression left, ScalarExpression right)
    {
        uint x = left.Type.Oid, y = right.Type.Oid;
        if (x == y)
            return new JoinKey(left, right, new SqlType(x));
        if (TypeFacts.Category(x) != 'N' || TypeFacts.Category(y) != 'N')
            return null;
        uint common = CommonType.TrySelect([x, y]);
        return common == 0 ? null : new JoinKey(Widened(left, common), Widened(right, common), new SqlType(common));
    }

    private static ScalarExpression Widened(ScalarExpression value, uint type) =>
        value.Type.Oid == type ? value : PlanCasts.Implicit(value, type) ?? value;
}

/// <summary>Conversions that planning adds.</summary>
internal static class PlanCasts
{
    /// <summary>The value in another type that it converts to unasked; null where it does not.</summary>
    internal static ScalarExpression? Implicit(ScalarExpression value, uint type)
    {
        if (value.Type.Oid == type)
            return value;
        CastPath path = CastPath.Find(value.Type.Oid, type, CastContext.Implicit);
        return path switch
        {
            { Kind: CastPathKind.Relabel } => Coercion.Relabel(value, type),
            { Kind: CastPathKind.Function, Function: { Arguments.Length: 1 } function } =>
                new CallExpression(new SqlType(type), function, [value]),
            _ => null,
        };
    }
}
