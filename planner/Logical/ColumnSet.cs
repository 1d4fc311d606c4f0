using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Logical;

/// <summary>Which columns plans and expressions use and make, by id.</summary>
internal static class ColumnSet
{
    /// <summary>Ids of the columns that an expression uses: those of its subqueries' outer references too.</summary>
    internal static HashSet<int> UsedBy(ScalarExpression expression)
    {
        var used = new HashSet<int>();
        AddUsed(expression, used);
        return used;
    }

    internal static void AddUsed(ScalarExpression expression, HashSet<int> used)
    {
        if (expression is ColumnExpression column)
            used.Add(column.ColumnId);
        else
            ExpressionTree.Descend(expression, node => AddAt(node, used));
    }

    /// <returns>Whether what is below it is still to be looked at.</returns>
    private static bool AddAt(ScalarExpression node, HashSet<int> used)
    {
        switch (node)
        {
            case ColumnExpression column:
                used.Add(column.ColumnId);
                return false;
            case InlinedCall call:
                foreach (ScalarExpression argument in call.Arguments)
                    AddUsed(argument, used);
                return false;
            case SubqueryExpression subquery:
                HashSet<int> made = [];
                HashSet<int> inside = [];
                AddPlan(subquery.Plan, inside, made);
                if (subquery.Test is not null)
                    AddUsed(subquery.Test, inside);
                inside.ExceptWith(made);
                used.UnionWith(inside);
                return false;
            default:
                return true;
        }
    }

    /// <summary>Ids of the columns that a plan uses and does not make itself: its outer references.</summary>
    internal static HashSet<int> FreeIn(LogicalPlan plan)
    {
        HashSet<int> used = [], made = [];
        AddPlan(plan, used, made);
        used.ExceptWith(made);
        return used;
    }

    internal static HashSet<int> MadeBy(LogicalPlan plan) => [.. plan.Output.Select(column => column.ColumnId)];

    internal static bool Covers(HashSet<int> columns, ScalarExpression expression) =>
        UsedBy(expression).IsSubsetOf(columns);

    /// <summary>Ids of the columns that a plan's own expressions use, its inputs' apart.</summary>
    internal static HashSet<int> UsedAt(LogicalPlan plan)
    {
        HashSet<int> used = [];
        AddNode(plan, used);
        return used;
    }

    /// <summary>What the actions of MERGE read of its input.</summary>
    internal static HashSet<int> UsedByActions(LogicalMerge merge)
    {
        HashSet<int> used = [];
        foreach (MergeAction action in merge.Actions)
        {
            if (action.Condition is { } condition)
                AddUsed(condition, used);
            foreach (ScalarExpression value in action.Values)
                AddUsed(value, used);
        }
        return used;
    }

    private static void AddNode(LogicalPlan plan, HashSet<int> used) => PlanExpressions.Map(plan, expression =>
    {
        AddUsed(expression, used);
        return expression;
    });

    private static void AddPlan(LogicalPlan plan, HashSet<int> used, HashSet<int> made)
    {
        PlanTree.VisitInputs(plan, input => AddPlan(input, used, made));
        AddNode(plan, used);
        switch (plan)
        {
            case LogicalInsert insert:
                Make(insert.NewRow, made);
                Make(insert.RowId is { } rowId ? [rowId] : [], made);
                Make(insert.OnConflict?.Existing ?? [], made);
                Make(insert.OnConflict?.Excluded ?? [], made);
                break;
            case LogicalUpdate update:
                Make(update.NewRow, made);
                break;
            case LogicalMerge merge:
                Make(merge.NewRow, made);
                break;
            case LogicalDeepening deepening:
                Make([deepening.Depth], made);
                break;
        }
        Make(plan.Output, made);
    }

    private static void Make(IEnumerable<ColumnExpression> columns, HashSet<int> made)
    {
        foreach (ColumnExpression column in columns)
            made.Add(column.ColumnId);
    }
}
