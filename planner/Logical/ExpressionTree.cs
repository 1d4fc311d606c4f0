using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using VecSQL.Core.Collections;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Logical;

/// <summary>Walks over and rebuilds expressions. Trees that nothing changes are returned as they are.</summary>
internal static class ExpressionTree
{
    /// <summary>
    /// Replaces from the top: where <paramref name="replace"/> answers, its answer stands; elsewhere children are
    /// visited.
    /// </summary>
    /// <remarks>Subqueries' plans are visited too.</remarks>
    internal static ScalarExpression Rewrite(ScalarExpression expression, Func<ScalarExpression,
        ScalarExpression?> replace) => new Replacing(replace).Visit(expression);

    /// <summary>Rebuilds from the leaves: children first, then the node itself.</summary>
    internal static ScalarExpression RewriteUp(ScalarExpression expression, Func<ScalarExpression,
        ScalarExpression> map) => new MappingUp(map).Visit(expression);

    /// <summary>The same node over mapped children.</summary>
    internal static ScalarExpression MapChildren(ScalarExpression node, Func<ScalarExpression, ScalarExpression> map)
    {
        switch (node)
        {
            case CallExpression call:
                return Map(call.Arguments, map) is { } arguments ? call with { Arguments = arguments } : call;
            case InlinedCall inlined:
                return MapInlined(inlined, map);
            case LogicalOperation logical:
                return Map(logical.Operands, map) is { } operands ? logical with { Operands = operands } : logical;
            case CoalesceOperation coalesce:
                return Map(coalesce.Operands, map) is { } values ? coalesce with { Operands = values } : coalesce;
            case MinMaxOperation minMax:
                return Map(minMax.Operands, map) is { } compared ? minMax with { Operands = compared } : minMax;
            case ArrayConstruction array:
                return Map(array.Items, map) is { } elements ? array with { Items = elements } : array;
            case RowConstruction row:
                return Map(row.Items, map) is { } fields ? row with { Items = fields } : row;
            case CaseOperation choice:
                return MapCase(choice, map);
            case SubqueryExpression subquery:
                return MapSubquery(subquery, map);
            case InListOperation inList:
                return MapInList(inList, map);
            case RowComparison rows:
                return rows with
                {
                    Left = Map(rows.Left, map) ?? rows.Left, Right = Map(rows.Right, map) ?? rows.Right,
                };
            case SubscriptOperation subscript:
                return MapSubscript(subscript, map);
            case SampleTest sample:
                return sample with
                {
                    RowId = map(sample.RowId), Percent = map(sample.Percent),
                    Seed = sample.Seed is null ? null : map(sample.Seed),
                };
            case SubscriptAssignment assignment:
                return assignment with { Place = MapSubscript(assignment.Place, map), Value = map(assignment.Value) };
            default:
                return MapFixed(node, map);
        }
    }

    /// <summary>Visits the expression, and what is directly below each for which the visit answers true.</summary>
    internal static void Descend(ScalarExpression expression, Func<ScalarExpression, bool> visit) =>
        new Descending(visit).Visit(expression);

    /// <summary>The direct operands; for a subquery its test, and all expressions of its plan.</summary>
    internal static void VisitChildren(ScalarExpression node, Action<ScalarExpression> visit) =>
        MapChildren(node, child =>
        {
            visit(child);
            return child;
        });

    /// <summary>Visits the expression and all below it, subqueries' plans included.</summary>
    internal static void VisitAll(ScalarExpression expression, Action<ScalarExpression> visit) =>
        new Visiting(visit).Visit(expression);

    internal static bool Any(ScalarExpression expression, Func<ScalarExpression, bool> test)
    {
        Searching search = new(test);
        search.Visit(expression);
        return search.HasFound;
    }

    private static ScalarExpression MapFixed(ScalarExpression node, Func<ScalarExpression, ScalarExpression> map)
    {
        switch (node)
        {
            case RelabelExpression relabel:
                return Same(relabel.Operand, map(relabel.Operand), relabel, static (r, o) => r with { Operand = o });
            case TextCastExpression cast:
                return Same(cast.Operand, map(cast.Operand), cast, static (c, o) => c with { Operand = o });
            case ArrayCastExpression cast:
                return Same(cast.Operand, map(cast.Operand), cast, static (c, o) => c with { Operand = o });
            case NotOperation not:
                return Same(not.Operand, map(not.Operand), not, static (n, o) => n with { Operand = o });
            case NullTest test:
                return Same(test.Operand, map(test.Operand), test, static (t, o) => t with { Operand = o });
            case BooleanTest test:
                return Same(test.Operand, map(test.Operand), test, static (t, o) => t with { Operand = o });
            case FieldOperation field:
                return Same(field.Operand, map(field.Operand), field, static (f, o) => f with { Operand = o });
            case DistinctTest test:
                ScalarExpression left = map(test.Left), right = map(test.Right);
                return ReferenceEquals(left, test.Left) && ReferenceEquals(right, test.Right)
                    ? test
                    : test with { Left = left, Right = right };
            case NullIfOperation nullIf:
                return MapNullIf(nullIf, map);
            case ArrayComparison comparison:
                ScalarExpression operand = map(comparison.Operand), list = map(comparison.Array);
                return ReferenceEquals(operand, comparison.Operand) && ReferenceEquals(list, comparison.Array)
                    ? comparison
                    : comparison with { Operand = operand, Array = list };
            default:
                return node; // constants, parameters, columns
        }
    }

    private static ScalarExpression Same<T>(
        ScalarExpression before, ScalarExpression after, T node, Func<T, ScalarExpression, T> with)
        where T : ScalarExpression => ReferenceEquals(before, after) ? node : with(node, after);

    private static InlinedCall MapInlined(InlinedCall call, Func<ScalarExpression, ScalarExpression> map)
    {
        ValueList<ScalarExpression>? arguments = Map(call.Arguments, map);
        ScalarExpression value = map(call.Value);
        return arguments is null && ReferenceEquals(value, call.Value)
            ? call
            : call with { Arguments = arguments ?? call.Arguments, Value = value };
    }

    private static NullIfOperation MapNullIf(NullIfOperation node, Func<ScalarExpression, ScalarExpression> map)
    {
        ScalarExpression left = map(node.Left), right = map(node.Right);
        var equality = (CallExpression)MapChildren(node.Equality, map);
        return ReferenceEquals(left, node.Left) && ReferenceEquals(right, node.Right) && ReferenceEquals(equality, node.Equality)
            ? node
            : node with { Left = left, Right = right, Equality = equality };
    }

    private static CaseOperation MapCase(CaseOperation choice, Func<ScalarExpression, ScalarExpression> map)
    {
        var branches = new CaseBranch[choice.Branches.Count];
        bool changed = false;
        for (int i = 0; i < branches.Length; i++)
        {
            CaseBranch branch = choice.Branches[i];
            ScalarExpression condition = map(branch.Condition), result = map(branch.Result);
            bool same = ReferenceEquals(condition, branch.Condition) && ReferenceEquals(result, branch.Result);
            branches[i] = same ? branch : new CaseBranch(condition, result);
            changed |= !same;
        }
        ScalarExpression? otherwise = choice.Else is null ? null : map(choice.Else);
        return changed || !ReferenceEquals(otherwise, choice.Else)
            ? choice with { Branches = new ValueList<CaseBranch>(branches), Else = otherwise }
            : choice;
    }

    private static InListOperation MapInList(InListOperation inList, Func<ScalarExpression, ScalarExpression> map)
    {
        ScalarExpression operand = map(inList.Operand);
        ValueList<ScalarExpression>? items = Map(inList.Items, map);
        return items is null && ReferenceEquals(operand, inList.Operand)
            ? inList
            : inList with { Operand = operand, Items = items ?? inList.Items };
    }

    private static SubqueryExpression MapSubquery(SubqueryExpression subquery, Func<ScalarExpression,
        ScalarExpression> map)
    {
        LogicalPlan plan = PlanTree.MapAllExpressions(subquery.Plan, map);
        ScalarExpression? test = subquery.Test is null ? null : map(subquery.Test);
        return ReferenceEquals(plan, subquery.Plan) && ReferenceEquals(test, subquery.Test)
            ? subquery
            : subquery with { Plan = plan, Test = test };
    }

    private static SubscriptOperation MapSubscript(SubscriptOperation node, Func<ScalarExpression,
        ScalarExpression> map)
    {
        ScalarExpression operand = map(node.Operand);
        bool changed = !ReferenceEquals(operand, node.Operand);
        var bounds = new SubscriptBounds[node.Subscripts.Count];
        for (int i = 0; i < bounds.Length; i++)
        {
            SubscriptBounds old = node.Subscripts[i];
            ScalarExpression? lower = old.Lower is null ? null : map(old.Lower);
            ScalarExpression? upper = old.Upper is null ? null : map(old.Upper);
            bool same = ReferenceEquals(lower, old.Lower) && ReferenceEquals(upper, old.Upper);
            bounds[i] = same ? old : new SubscriptBounds(lower, upper);
            changed |= !same;
        }
        return changed ? node with { Operand = operand, Subscripts = new ValueList<SubscriptBounds>(bounds) } : node;
    }

    /// <summary>The mapped list, or null where nothing changed.</summary>
    private static ValueList<ScalarExpression>? Map(
        ValueList<ScalarExpression> items, Func<ScalarExpression, ScalarExpression> map)
    {
        ScalarExpression[]? changed = null;
        for (int i = 0; i < items.Count; i++)
        {
            ScalarExpression item = map(items[i]);
            if (changed is null && !ReferenceEquals(item, items[i]))
                changed = items.AsSpan().ToArray();
            if (changed is not null)
                changed[i] = item;
        }
        return changed is null ? null : new ValueList<ScalarExpression>(changed);
    }

    /// <summary>The mapped array; the same one where nothing changed.</summary>
    internal static ImmutableArray<ScalarExpression> Map(
        ImmutableArray<ScalarExpression> items, Func<ScalarExpression, ScalarExpression> map)
    {
        ImmutableArray<ScalarExpression>.Builder? changed = null;
        for (int i = 0; i < items.Length; i++)
        {
            ScalarExpression item = map(items[i]);
            if (changed is null && !ReferenceEquals(item, items[i]))
                changed = items.ToBuilder();
            if (changed is not null)
                changed[i] = item;
        }
        return changed?.ToImmutable() ?? items;
    }

    /// <summary>One way over a tree, with one delegate for all its nodes.</summary>
    private abstract class Way
    {
        private readonly Func<ScalarExpression, ScalarExpression> _visit;

        protected Way() => _visit = Visit;

        internal ScalarExpression Visit(ScalarExpression node)
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            return At(node);
        }

        protected abstract ScalarExpression At(ScalarExpression node);

        protected ScalarExpression Below(ScalarExpression node) => MapChildren(node, _visit);
    }

    private sealed class Replacing(Func<ScalarExpression, ScalarExpression?> replace) : Way
    {
        protected override ScalarExpression At(ScalarExpression node) => replace(node) ?? Below(node);
    }

    private sealed class MappingUp(Func<ScalarExpression, ScalarExpression> map) : Way
    {
        protected override ScalarExpression At(ScalarExpression node) => map(Below(node));
    }

    private sealed class Visiting(Action<ScalarExpression> visit) : Way
    {
        protected override ScalarExpression At(ScalarExpression node)
        {
            visit(node);
            Below(node);
            return node;
        }
    }

    private sealed class Descending(Func<ScalarExpression, bool> visit) : Way
    {
        protected override ScalarExpression At(ScalarExpression node)
        {
            if (visit(node))
                Below(node);
            return node;
        }
    }

    private sealed class Searching(Func<ScalarExpression, bool> test) : Way
    {
        internal bool HasFound { get; private set; }

        protected override ScalarExpression At(ScalarExpression node)
        {
            if (!HasFound)
            {
                HasFound = test(node);
                if (!HasFound)
                    Below(node);
            }
            return node;
        }
    }
}
