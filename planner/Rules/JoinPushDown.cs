using VecSQL.Core.Collections;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Conditions above and on a join: which side they may move to, and what they make of the join.</summary>
internal static class JoinPushDown
{
    /// <param name="replace">Puts values in the place of columns, which may decide a condition.</param>
    internal static LogicalPlan Push(
        LogicalJoin join, List<ScalarExpression> conditions, Func<LogicalPlan, List<ScalarExpression>, LogicalPlan> push,
        Func<ScalarExpression, Dictionary<int, ScalarExpression>, ScalarExpression> replace)
    {
        HashSet<int> left = ColumnSet.MadeBy(join.Left), right = ColumnSet.MadeBy(join.Right);
        PhysicalJoinKind kind = Simplify(join.Kind, conditions, left, right);
        List<ScalarExpression> on = Alternatives.Parts(join.Condition);
        if (kind != PhysicalJoinKind.NullAwareAnti) // whose condition compares its sides, whatever is known of them
            on = Known(on, KnownColumns.Of(join.Left, join.Right), replace);
        conditions = Known(conditions, KnownColumns.Of(join with { Kind = kind }), replace);
        if (conditions.Exists(Alternatives.IsNever))
            return push(join, conditions);
        bool isNarrow = kind is PhysicalJoinKind.Inner or PhysicalJoinKind.Semi;
        if (isNarrow && on.Exists(Alternatives.IsNever))
            return push(join, on);
        List<ScalarExpression> toLeft = [], toRight = [], stay = [], above = [];
        // What reads neither side keeps both from being run.
        HashSet<int> both = [.. left, .. right];
        conditions = WithoutGates(conditions, both, above);
        if (isNarrow)
            on = WithoutGates(on, both, above);
        if (kind == PhysicalJoinKind.Inner)
        {
            List<ScalarExpression> all = [.. on, .. conditions];
            all.AddRange(Derive(all, left, right));
            foreach (ScalarExpression part in all)
                Place(part, left, right, toLeft, toRight, stay);
            foreach (ScalarExpression part in stay)
            {
                if (Alternatives.Within(part, left) is { } ofLeft)
                    toLeft.Add(ofLeft);
                if (Alternatives.Within(part, right) is { } ofRight)
                    toRight.Add(ofRight);
            }
        }
        else if (kind is PhysicalJoinKind.NullAwareAnti)
        {
            (toLeft, List<ScalarExpression> rest) = PredicatePushDown.Split(conditions, static _ => true);
            above.AddRange(rest);
            stay = on;
        }
        else
        {
            bool keepsLeft = kind is PhysicalJoinKind.Left or PhysicalJoinKind.Semi or PhysicalJoinKind.Anti;
            bool keepsRight = kind == PhysicalJoinKind.Right;
            foreach (ScalarExpression part in conditions)
            {
                HashSet<int> used = ColumnSet.UsedBy(part);
                bool isMovable = !PredicatePushDown.IsVolatile(part);
                if (isMovable && keepsLeft && !used.Overlaps(right))
                    toLeft.Add(part);
                else if (isMovable && keepsRight && !used.Overlaps(left))
                    toRight.Add(part);
                else
                    above.Add(part);
            }
            foreach (ScalarExpression part in on)
            {
                HashSet<int> used = ColumnSet.UsedBy(part);
                bool isMovable = !PredicatePushDown.IsVolatile(part);
                if (Alternatives.IsNever(part))
                    stay.Add(part);
                if (isMovable && keepsLeft && !used.Overlaps(left))
                    toRight.Add(part);
                else if (isMovable && (keepsRight || kind == PhysicalJoinKind.Semi) && !used.Overlaps(right))
                    toLeft.Add(part);
                else if (!Alternatives.IsNever(part))
                    stay.Add(part);
            }
        }
        LogicalPlan pushed =
            new LogicalJoin(kind, push(join.Left, toLeft), push(join.Right, toRight), Conjunction.Of(stay));
        return PredicatePushDown.Above(pushed, above);
    }

    private static List<ScalarExpression> Known(List<ScalarExpression> conditions, Dictionary<int, ScalarExpression> values,
        Func<ScalarExpression, Dictionary<int, ScalarExpression>, ScalarExpression> replace) =>
        values.Count == 0 ? conditions : [.. conditions.SelectMany(part => Conjunction.Parts(replace(part, values)))];

    private static List<ScalarExpression> WithoutGates(List<ScalarExpression> conditions, HashSet<int> made, List<ScalarExpression> gates)
    {
        ILookup<bool, ScalarExpression> sorted = conditions.ToLookup(part => PredicatePushDown.IsGate(part, made));
        gates.AddRange(sorted[true]);
        return [.. sorted[false]];
    }

    /// <summary>An outer join whose padded rows a condition drops is a narrower join.</summary>
    private static PhysicalJoinKind Simplify(
        PhysicalJoinKind kind, List<ScalarExpression> conditions, HashSet<int> left, HashSet<int> right)
    {
        bool dropsLeftNulls = conditions.Exists(part => NullRejection.Rejects(part, left));
        bool dropsRightNulls = conditions.Exists(part => NullRejection.Rejects(part, right));
        return kind switch
        {
            PhysicalJoinKind.Left when dropsRightNulls => PhysicalJoinKind.Inner,
            PhysicalJoinKind.Right when dropsLeftNulls => PhysicalJoinKind.Inner,
            PhysicalJoinKind.Full when dropsLeftNulls && dropsRightNulls => PhysicalJoinKind.Inner,
            PhysicalJoinKind.Full when dropsLeftNulls => PhysicalJoinKind.Left,
            PhysicalJoinKind.Full when dropsRightNulls => PhysicalJoinKind.Right,
            _ => kind,
        };
    }

    private static void Place(
        ScalarExpression part, HashSet<int> left, HashSet<int> right,
        List<ScalarExpression> toLeft, List<ScalarExpression> toRight, List<ScalarExpression> stay)
    {
        HashSet<int> used = ColumnSet.UsedBy(part);
        if (PredicatePushDown.IsVolatile(part))
            stay.Add(part);
        else if (!used.Overlaps(right))
            toLeft.Add(part);
        else if (!used.Overlaps(left))
            toRight.Add(part);
        else
            stay.Add(part);
    }

    /// <summary>a = b and a = value say b = value: the other side is narrowed too.</summary>
    private static List<ScalarExpression> Derive(List<ScalarExpression> parts, HashSet<int> left, HashSet<int> right)
    {
        List<ScalarExpression> derived = [];
        foreach (ScalarExpression part in parts)
        {
            if (Comparison.Of(part) is not { IsEquality: true, Left: ColumnExpression x, Right: ColumnExpression y })
                continue;
            bool crosses = (left.Contains(x.ColumnId) && right.Contains(y.ColumnId))
                || (left.Contains(y.ColumnId) && right.Contains(x.ColumnId));
            if (!crosses || x.Type.Oid != y.Type.Oid)
                continue;
            foreach (ScalarExpression other in parts)
            {
                if (Derived(other, x, y) is { } narrowed && !parts.Contains(narrowed) && !derived.Contains(narrowed))
                    derived.Add(narrowed);
            }
        }
        return derived;
    }

    private static ScalarExpression? Derived(ScalarExpression condition, ColumnExpression x, ColumnExpression y)
    {
        if (condition is InListOperation { IsNegated: false, Operand: ColumnExpression listed } list
            && list.Items.All(static item => item is ConstantExpression or ParameterExpression))
        {
            return Other(listed, x, y) is { } column ? list with { Operand = column } : null;
        }
        if (Comparison.Of(condition) is not { Left: ColumnExpression compared, Right: ConstantExpression
            or ParameterExpression } c
            || c.Operator.Name == "<>" || condition is not CallExpression call)
        {
            return null;
        }
        return Other(compared, x, y) is { } other
            ? call with { Arguments = new ValueList<ScalarExpression>([other, c.Right]) }
            : null;
    }

    private static ColumnExpression? Other(ColumnExpression column, ColumnExpression x, ColumnExpression y) =>
        column.Equals(x) ? y : column.Equals(y) ? x : null;
}
