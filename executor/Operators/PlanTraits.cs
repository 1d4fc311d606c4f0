using System.Runtime.CompilerServices;
using VecSQL.Catalog.Functions;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators;

/// <summary>What an expression or a plan depends on, found once for each.</summary>
internal sealed class PlanTraits
{
    private static readonly ConditionalWeakTable<object, PlanTraits> Known = [];

    /// <summary>Outer slots that something outside must fill.</summary>
    internal HashSet<int> FreeSlots { get; } = [];

    /// <summary>May give another value, or do something, each time it is computed.</summary>
    internal bool IsVolatile { get; private set; }

    /// <summary>Calls that give or tell a sequence's value, and of these, the ones that a statement wrote itself.</summary>
    internal int SequenceCalls { get; private set; }

    internal int OwnSequenceCalls { get; private set; }

    internal bool HasSubplan { get; private set; }

    internal bool HasInput { get; private set; }

    /// <summary>Reads or makes rows that belong to a place in the statement: work tables, common tables.</summary>
    internal HashSet<int> CommonTables { get; } = [];

    internal bool ReadsWorkTable { get; private set; }

    internal bool ChangesData { get; private set; }

    internal static PlanTraits Of(ScalarExpression expression) => Known.GetValue(expression, static source => Find((ScalarExpression)source));

    /// <summary>The same for one who asks once and keeps what he needs.</summary>
    internal static PlanTraits Find(ScalarExpression expression)
    {
        var traits = new PlanTraits();
        traits.Add(expression);
        return traits;
    }

    internal static PlanTraits Of(PhysicalPlan plan) =>
        Known.GetValue(plan, static source =>
        {
            var traits = new PlanTraits();
            traits.Add((PhysicalPlan)source);
            return traits;
        });

    internal static bool ReadsInput(ScalarExpression expression) => Of(expression).HasInput;

    private void Add(ScalarExpression expression)
    {
        switch (expression)
        {
            case InputExpression:
                HasInput = true;
                break;
            case OuterExpression outer:
                FreeSlots.Add(outer.Slot);
                break;
            case NextValueExpression:
                IsVolatile = true;
                SequenceCalls++;
                break;
            case CallExpression { Function: { Volatility: Volatility.Volatile } function }:
                IsVolatile = true;
                if (function.Name is "nextval" or "currval" or "lastval" or "setval")
                {
                    SequenceCalls++;
                    OwnSequenceCalls++;
                }
                break;
            case SubplanExpression subplan:
                AddSubplan(subplan);
                return;
        }
        foreach (ScalarExpression child in ExpressionTraits.Operands(expression))
            Add(child);
    }

    private void AddSubplan(SubplanExpression subplan)
    {
        HasSubplan = true;
        PlanTraits inner = Of(subplan.Plan);
        Include(inner, subplan.OuterValues);
        if (subplan.Test is not null)
            Include(Of(subplan.Test), subplan.OuterValues); // its input is the subplan's row
        foreach (OuterValue value in subplan.OuterValues)
            Add(value.Value);
    }

    private void Include(PlanTraits inner, System.Collections.Immutable.ImmutableArray<OuterValue> filled)
    {
        IsVolatile |= inner.IsVolatile;
        HasSubplan |= inner.HasSubplan;
        ReadsWorkTable |= inner.ReadsWorkTable;
        ChangesData |= inner.ChangesData;
        CommonTables.UnionWith(inner.CommonTables);
        foreach (int slot in inner.FreeSlots)
        {
            bool isFilled = false;
            foreach (OuterValue value in filled)
                isFilled |= value.Slot == slot;
            if (!isFilled)
                FreeSlots.Add(slot);
        }
    }

    private void Add(PhysicalPlan plan)
    {
        switch (plan)
        {
            case WorkTableScanPlan:
                ReadsWorkTable = true;
                break;
            case CommonTableScanPlan common:
                CommonTables.Add(common.Id);
                break;
            case InsertPlan or UpdatePlan or DeletePlan or MergePlan or LockRowsPlan:
                ChangesData = true;
                IsVolatile = true;
                break;
        }
        foreach (ScalarExpression expression in PlanParts.ExpressionsOf(plan))
            Add(expression);
        if (plan is ApplyPlan apply)
        {
            Include(Of(apply.Left), []);
            Include(Of(apply.Right), apply.OuterValues);
            return;
        }
        if (plan is DeepeningPlan deepening)
        {
            Include(Of(deepening.Attempt), [new OuterValue(deepening.DepthSlot, deepening.Limit)]);
            Include(Of(deepening.Fallback), []);
            return;
        }
        foreach (PhysicalPlan child in PlanInputs.Of(plan))
            Include(Of(child), []);
        switch (plan)
        {
            case WithPlan with:
                // Its own tables are no business of what is around it.
                foreach (CommonTablePlan table in with.Tables)
                    CommonTables.Remove(table.Id);
                break;
            case RecursiveUnionPlan:
                ReadsWorkTable = false;
                break;
        }
    }
}
