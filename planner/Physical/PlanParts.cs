using System.Collections.Immutable;

namespace VecSQL.Planner.Physical;

/// <summary>The expressions of plans, for walks over all of them.</summary>
public static class PlanParts
{
    /// <summary>The expressions that the node itself holds.</summary>
    public static IEnumerable<ScalarExpression> ExpressionsOf(PhysicalPlan plan) => plan switch
    {
        ValuesPlan values => values.Rows.SelectMany(static row => row),
        TableScanPlan scan => Optional(scan.Filter).Concat(scan.Zones.Select(static zone => zone.Value)),
        KeyLookupPlan lookup => Optional(lookup.Filter).Concat(lookup.Keys.SelectMany(static key => key)),
        RowLookupPlan lookup => [lookup.Rows, .. Optional(lookup.Filter)],
        VectorTopKPlan top => [top.Query, top.Limit, .. Optional(top.Offset), .. Optional(top.Filter), .. Optional(top.TieKey), .. Optional(top.Within), .. Optional(top.Beyond),
            .. top.Zones.Select(static zone => zone.Value)],
        TextMatchPlan match => [match.Query, .. Optional(match.Filter)],
        TextTopKPlan top => [top.Query, top.Limit, .. Optional(top.Offset), .. Optional(top.Filter)],
        SystemScanPlan scan => Optional(scan.Filter).Concat(scan.Zones.Select(static zone => zone.Value)),
        FunctionScanPlan scan => scan.Functions.Select(static function => function.Call),
        FilterPlan filter => [filter.Predicate],
        GatePlan gate => [gate.Condition],
        KeyFilterPlan filter => filter.Keys,
        ProjectPlan project => project.Expressions,
        ProjectSetPlan project => project.Expressions,
        HashJoinPlan join => [.. join.LeftKeys, .. join.RightKeys, .. Optional(join.Residual)],
        NestedLoopJoinPlan join => Optional(join.Condition),
        ApplyPlan apply => [.. apply.OuterValues.Select(static value => value.Value), .. Optional(apply.Condition)],
        AggregatePlan aggregate => aggregate.Keys.Concat(aggregate.Aggregates.SelectMany(ExpressionsOf)),
        SortPlan sort => KeysOf(sort.Keys),
        TopNPlan top => [.. KeysOf(top.Keys), top.Limit, .. Optional(top.Offset)],
        MiningPlan mining => mining.Settings.Select(static setting => setting.Value),
        DeepeningPlan deepening => [deepening.Limit, .. Optional(deepening.Offset)],
        LimitPlan limit => [.. Optional(limit.Limit), .. Optional(limit.Offset), .. KeysOf(limit.Ties)],
        DistinctOnPlan distinct => distinct.Keys,
        WindowPlan window => [.. window.PartitionBy, .. KeysOf(window.OrderBy), .. window.Calls.SelectMany(ExpressionsOf)],
        InsertPlan insert => [.. Values(insert.Generated), .. Conditions(insert.Checks), .. insert.Returning,
            .. ExpressionsOf(insert.OnConflict)],
        UpdatePlan update => [.. Values(update.Generated), .. Conditions(update.Checks), .. update.Returning],
        DeletePlan delete => delete.Returning,
        MergePlan merge => [.. Conditions(merge.Checks), .. merge.Actions.SelectMany(ExpressionsOf)],
        _ => [],
    };

    private static IEnumerable<ScalarExpression> ExpressionsOf(AggregateCall call) =>
        [.. call.Arguments, .. call.DirectArguments.IsDefault ? [] : call.DirectArguments, .. KeysOf(call.OrderBy),
            .. Optional(call.Filter)];

    private static IEnumerable<ScalarExpression> ExpressionsOf(WindowCall call) =>
        [.. call.Arguments, .. Optional(call.Filter), .. Optional(call.Frame.StartOffset), .. Optional(call.Frame.EndOffset)];

    private static IEnumerable<ScalarExpression> ExpressionsOf(ConflictPlan? conflict) => conflict is null
        ? []
        : [.. conflict.Assignments, .. Optional(conflict.Where), .. Values(conflict.Generated)];

    private static IEnumerable<ScalarExpression> ExpressionsOf(MergeAction action) =>
        [.. Optional(action.Condition), .. action.Values, .. Values(action.Generated)];

    private static IEnumerable<ScalarExpression> KeysOf(ImmutableArray<SortKey> keys) =>
        keys.IsDefault ? [] : keys.Select(static key => key.Key);

    private static IEnumerable<ScalarExpression> Values(ImmutableArray<GeneratedColumn> columns) =>
        columns.Select(static column => column.Value);

    private static IEnumerable<ScalarExpression> Conditions(ImmutableArray<RowCheck> checks) =>
        checks.Select(static check => check.Condition);

    private static IEnumerable<ScalarExpression> Optional(ScalarExpression? expression) =>
        expression is null ? [] : [expression];
}
