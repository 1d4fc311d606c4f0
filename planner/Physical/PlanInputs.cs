namespace VecSQL.Planner.Physical;

/// <summary>The plans that a plan reads.</summary>
public static class PlanInputs
{
    /// <summary>In the order EXPLAIN shows them; common tables of WITH come before its body.</summary>
    public static IEnumerable<PhysicalPlan> Of(PhysicalPlan plan) => plan switch
    {
        FilterPlan p => [p.Input],
        GatePlan p => [p.Input],
        KeyFilterPlan p => [p.Input],
        ProjectPlan p => [p.Input],
        ProjectSetPlan p => [p.Input],
        HashJoinPlan p => [p.Left, p.Right],
        NestedLoopJoinPlan p => [p.Left, p.Right],
        ApplyPlan p => [p.Left, p.Right],
        AggregatePlan p => [p.Input],
        SortPlan p => [p.Input],
        TopNPlan p => [p.Input],
        LimitPlan p => [p.Input],
        MiningPlan p => [.. p.Anchors is null ? [] : new[] { p.Anchors }, p.Rows, .. p.Candidates is null ? [] : new[] { p.Candidates }],
        DeepeningPlan p => [p.Attempt, p.Fallback],
        DistinctPlan p => [p.Input],
        DistinctOnPlan p => [p.Input],
        WindowPlan p => [p.Input],
        AppendPlan p => p.Inputs,
        SetOperationPlan p => [p.Left, p.Right],
        RecursiveUnionPlan p => [p.Seed, p.Step],
        WithPlan p => [.. p.Tables.Select(table => table.Plan), p.Body],
        LockRowsPlan p => [p.Input],
        FragmentPlan p => [p.Plan, .. p.Feeds.Select(static feed => feed.Input)],
        InsertPlan p => [p.Input],
        UpdatePlan p => [p.Input],
        DeletePlan p => [p.Input],
        MergePlan p => [p.Input],
        _ => [],
    };
}
