using System.Collections.Immutable;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Logical;

/// <summary>Rebuilds a plan node over mapped expressions; its inputs stay as they are.</summary>
internal static class PlanExpressions
{
    internal static LogicalPlan Map(LogicalPlan plan, Func<ScalarExpression, ScalarExpression> map)
    {
        switch (plan)
        {
            case LogicalValues values:
            {
                ImmutableArray<ImmutableArray<ScalarExpression>> rows =
                    Changed(values.Rows, row => ExpressionTree.Map(row, map), static (x, y) => x == y);
                return rows == values.Rows ? values : values with { Rows = rows };
            }
            case LogicalScan { Filter: { } filter } scan:
            {
                ScalarExpression mapped = map(filter);
                return ReferenceEquals(mapped, filter) ? scan : scan with { Filter = mapped };
            }
            case LogicalFunctionScan scan:
            {
                ImmutableArray<LogicalFunctionSource> functions = Changed(scan.Functions, source =>
                {
                    ScalarExpression call = map(source.Call);
                    return ReferenceEquals(call, source.Call) ? source : source with { Call = call };
                });
                return functions == scan.Functions ? scan : scan with { Functions = functions };
            }
            case LogicalFilter filter:
            {
                ScalarExpression predicate = map(filter.Predicate);
                return ReferenceEquals(predicate, filter.Predicate) ? filter : filter with { Predicate = predicate };
            }
            case LogicalProject project:
            {
                ImmutableArray<ProjectItem> items = Map(project.Items, map);
                return items == project.Items ? project : project with { Items = items };
            }
            case LogicalProjectSet project:
            {
                ImmutableArray<ProjectItem> calls = Map(project.Calls, map);
                return calls == project.Calls ? project : project with { Calls = calls };
            }
            case LogicalJoin { Condition: { } condition } join:
            {
                ScalarExpression mapped = map(condition);
                return ReferenceEquals(mapped, condition) ? join : join with { Condition = mapped };
            }
            case LogicalSort sort:
            {
                ImmutableArray<SortKey> keys = Map(sort.Keys, map);
                return keys == sort.Keys ? sort : sort with { Keys = keys };
            }
            case LogicalDistinctOn distinct:
            {
                ImmutableArray<ScalarExpression> keys = ExpressionTree.Map(distinct.Keys, map);
                return keys == distinct.Keys ? distinct : distinct with { Keys = keys };
            }
            case LogicalLimit limit:
                return MapLimit(limit, map);
            case LogicalMining mining:
                return mining with
                {
                    Settings = Changed(mining.Settings, setting => setting with { Value = map(setting.Value) }, static (x, y) => x == y),
                };
            case LogicalDeepening deepening:
                return deepening with
                {
                    Keys = Map(deepening.Keys, map), Limit = map(deepening.Limit), Offset = MapOptional(deepening.Offset, map),
                };
            case LogicalAggregate aggregate:
                return MapAggregate(aggregate, map);
            case LogicalWindow window:
                return window with
                {
                    PartitionBy = ExpressionTree.Map(window.PartitionBy, map),
                    OrderBy = Map(window.OrderBy, map),
                    Calls = [.. window.Calls.Select(item => item with { Call = Map(item.Call, map) })],
                };
            case LogicalModification modification:
                return MapModification(modification, map);
            default:
                return plan;
        }
    }

    internal static AggregateCall Map(AggregateCall call, Func<ScalarExpression, ScalarExpression> map)
    {
        ImmutableArray<ScalarExpression> arguments = ExpressionTree.Map(call.Arguments, map);
        ImmutableArray<ScalarExpression> direct = ExpressionTree.Map(call.DirectArguments, map);
        ImmutableArray<SortKey> order = Map(call.OrderBy, map);
        ScalarExpression? filter = MapOptional(call.Filter, map);
        return arguments == call.Arguments && direct == call.DirectArguments && order == call.OrderBy && ReferenceEquals(filter, call.Filter)
            ? call
            : call with { Arguments = arguments, DirectArguments = direct, OrderBy = order, Filter = filter };
    }

    private static LogicalAggregate MapAggregate(LogicalAggregate aggregate, Func<ScalarExpression, ScalarExpression> map)
    {
        ImmutableArray<ProjectItem> keys = Map(aggregate.Keys, map);
        ImmutableArray<AggregateItem> aggregates = Changed(aggregate.Aggregates, item =>
        {
            AggregateCall call = Map(item.Call, map);
            return ReferenceEquals(call, item.Call) ? item : item with { Call = call };
        });
        return keys == aggregate.Keys && aggregates == aggregate.Aggregates
            ? aggregate
            : aggregate with { Keys = keys, Aggregates = aggregates };
    }

    private static LogicalLimit MapLimit(LogicalLimit limit, Func<ScalarExpression, ScalarExpression> map)
    {
        ScalarExpression? count = MapOptional(limit.Limit, map), offset = MapOptional(limit.Offset, map);
        ImmutableArray<SortKey> ties = Map(limit.Ties, map);
        return ReferenceEquals(count, limit.Limit) && ReferenceEquals(offset, limit.Offset) && ties == limit.Ties
            ? limit
            : limit with { Limit = count, Offset = offset, Ties = ties };
    }

    internal static WindowCall Map(WindowCall call, Func<ScalarExpression, ScalarExpression> map) => call with
    {
        Arguments = ExpressionTree.Map(call.Arguments, map),
        Filter = MapOptional(call.Filter, map),
        Frame = call.Frame with
        {
            StartOffset = MapOptional(call.Frame.StartOffset, map), EndOffset = MapOptional(call.Frame.EndOffset, map),
        },
    };

    internal static ImmutableArray<SortKey> Map(ImmutableArray<SortKey> keys, Func<ScalarExpression,
        ScalarExpression> map) =>
        Changed(keys, key =>
        {
            ScalarExpression mapped = map(key.Key);
            return ReferenceEquals(mapped, key.Key) ? key : key with { Key = mapped };
        });

    internal static ImmutableArray<ProjectItem> Map(
        ImmutableArray<ProjectItem> items, Func<ScalarExpression, ScalarExpression> map) =>
        Changed(items, item =>
        {
            ScalarExpression value = map(item.Value);
            return ReferenceEquals(value, item.Value) ? item : item with { Value = value };
        });

    private static LogicalModification MapModification(
        LogicalModification plan, Func<ScalarExpression, ScalarExpression> map)
    {
        ImmutableArray<ProjectItem> returning = Map(plan.Returning, map);
        switch (plan)
        {
            case LogicalInsert insert:
                return insert with
                {
                    Returning = returning,
                    Generated = Map(insert.Generated, map),
                    Checks = Map(insert.Checks, map),
                    OnConflict = insert.OnConflict is not { } conflict ? null : conflict with
                    {
                        Assignments = ExpressionTree.Map(conflict.Assignments, map),
                        Where = MapOptional(conflict.Where, map),
                        Visibility = Map(conflict.Visibility, map),
                    },
                };
            case LogicalUpdate update:
                return update with
                {
                    Returning = returning,
                    Values = ExpressionTree.Map(update.Values, map),
                    Generated = Map(update.Generated, map),
                    Checks = Map(update.Checks, map),
                };
            case LogicalMerge merge:
                return merge with { Actions = Changed(merge.Actions, action => Map(action, map)), Checks = Map(merge.Checks, map) };
            default:
                return plan with { Returning = returning };
        }
    }

    private static MergeAction Map(MergeAction action, Func<ScalarExpression, ScalarExpression> map) => action with
    {
        Condition = MapOptional(action.Condition, map),
        Values = ExpressionTree.Map(action.Values, map),
        Generated = Map(action.Generated, map),
    };

    private static ImmutableArray<GeneratedColumn> Map(
        ImmutableArray<GeneratedColumn> columns, Func<ScalarExpression, ScalarExpression> map) =>
        Changed(columns, column => column with { Value = map(column.Value) });

    private static ImmutableArray<RowCheck> Map(ImmutableArray<RowCheck> checks, Func<ScalarExpression,
        ScalarExpression> map) =>
        Changed(checks, check => check with { Condition = map(check.Condition) });

    private static ScalarExpression? MapOptional(ScalarExpression? expression, Func<ScalarExpression,
        ScalarExpression> map) =>
        expression is null ? null : map(expression);

    /// <summary>The mapped items; the same array where nothing changed.</summary>
    internal static ImmutableArray<T> Changed<T>(ImmutableArray<T> items, Func<T, T> map, Func<T, T, bool>? same = null)
    {
        ImmutableArray<T>.Builder? changed = null;
        for (int i = 0; i < items.Length; i++)
        {
            T item = map(items[i]);
            bool isSame = same is null ? ReferenceEquals(item, items[i]) : same(item, items[i]);
            if (changed is null && !isSame)
                changed = items.ToBuilder();
            if (changed is not null)
                changed[i] = item;
        }
        return changed?.ToImmutable() ?? items;
    }
}
