using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Costs;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Rules;

namespace VecSQL.Planner.Physical;

/// <summary>Chooses how each step of a logical plan is run.</summary>
internal sealed partial class PhysicalPlanner
{
    private readonly BindingState _state;
    private readonly ExpressionPlanner _expressions;
    private readonly Estimator _estimator;

    internal PhysicalPlanner(BindingState state)
    {
        _state = state;
        _expressions = new ExpressionPlanner(state, this);
        _estimator = new Estimator(state.Context);
    }

    /// <summary>The plan, whose outputs may be more columns than the logical plan has, in any order.</summary>
    internal PlannedNode Plan(LogicalPlan plan)
    {
        PlannedNode node = Dispatch(plan);
        return node.Plan.EstimatedRows > 0 ? node : node with { Plan = Estimated(node.Plan, plan) };
    }

    /// <summary>The plan with exactly these columns in this order.</summary>
    internal PhysicalPlan PlanExact(LogicalPlan plan, ImmutableArray<ColumnExpression> columns)
    {
        PlannedNode node = Plan(plan);
        bool fits = node.Columns.Length == columns.Length
            && node.Columns.Zip(columns).All(pair => pair.First.ColumnId == pair.Second.ColumnId);
        return fits ? node.Plan : ProjectTo(node, columns);
    }

    /// <summary>The plan with these columns first; further ones may follow.</summary>
    internal PhysicalPlan PlanPrefix(LogicalPlan plan, ImmutableArray<ColumnExpression> columns)
    {
        PlannedNode node = Plan(plan);
        bool fits = node.Columns.Length >= columns.Length
            && node.Columns.Zip(columns).All(pair => pair.First.ColumnId == pair.Second.ColumnId);
        return fits ? node.Plan : ProjectTo(node, columns);
    }

    private ProjectPlan ProjectTo(PlannedNode node, ImmutableArray<ColumnExpression> columns)
    {
        PlanLayout layout = node.Layout;
        ImmutableArray<ScalarExpression> items = [.. columns.Select(column => _expressions.Place(column, layout))];
        return new ProjectPlan(node.Plan, items)
        {
            Output = Types(columns), EstimatedRows = node.Plan.EstimatedRows, EstimatedCost = node.Plan.EstimatedCost,
        };
    }

    private static ImmutableArray<SqlType> Types(IEnumerable<ColumnExpression> columns) =>
        [.. columns.Select(column => column.Type)];

    private PhysicalPlan Estimated(PhysicalPlan physical, LogicalPlan logical)
    {
        if (physical is EmptyPlan)
            return physical;
        double rows = Math.Max(1, _estimator.Rows(logical));
        return physical with { EstimatedRows = rows, EstimatedCost = PlanCost.Of(physical, rows) };
    }

    private PlannedNode Dispatch(LogicalPlan plan)
    {
        switch (plan)
        {
            case LogicalScan scan:
                return PlanScan(scan);
            case LogicalValues { Rows.IsEmpty: true } none:
                return new PlannedNode(
                    new EmptyPlan([.. none.Columns.Select(static column => column.Name)]) { Output = Types(none.Columns) }, none.Columns);
            case LogicalValues values:
                return new PlannedNode(
                    new ValuesPlan([.. values.Rows.Select(row => _expressions.Place(row, PlanLayout.Empty))])
                {
                    Output = Types(values.Columns),
                }, values.Columns);
            case LogicalFilter filter:
                return PlanFilter(filter);
            case LogicalProject project:
                return PlanProject(project);
            case LogicalProjectSet project:
                return PlanProjectSet(project);
            case LogicalJoin join:
                return PlanJoin(join);
            case LogicalAggregate aggregate:
                return PlanAggregate(aggregate);
            case LogicalWindow window:
                return PlanWindow(window);
            case LogicalSort sort:
            {
                PlannedNode input = Plan(sort.Input);
                ImmutableArray<SortKey> keys = _expressions.Place(sort.Keys, input.Layout);
                return input with { Plan = new SortPlan(input.Plan, keys) { Output = input.Plan.Output } };
            }
            case LogicalLimit limit:
                return PlanLimit(limit);
            case LogicalDistinct distinct:
            {
                PhysicalPlan input = PlanExact(distinct.Input, distinct.Columns);
                return new PlannedNode(new DistinctPlan(input) { Output = input.Output }, distinct.Columns);
            }
            case LogicalDistinctOn distinct:
            {
                PlannedNode input = Plan(distinct.Input);
                ImmutableArray<ScalarExpression> keys = _expressions.Place(distinct.Keys, input.Layout);
                return input with { Plan = new DistinctOnPlan(input.Plan, keys) { Output = input.Plan.Output } };
            }
            default:
                return DispatchRest(plan);
        }
    }

    private PlannedNode DispatchRest(LogicalPlan plan)
    {
        switch (plan)
        {
            case LogicalFunctionScan scan:
            {
                ImmutableArray<FunctionSource> sources = [.. scan.Functions.Select(source => new FunctionSource(
                    _expressions.Place(source.Call, PlanLayout.Empty), Types(source.Columns)) { IsDefined = source.IsDefined })];
                ImmutableArray<ColumnExpression> columns = scan.Output;
                return new PlannedNode(
                    new FunctionScanPlan(sources, scan.Ordinality is not null) { Output = Types(columns) }, columns);
            }
            case LogicalAppend append:
                return new PlannedNode(
                    new AppendPlan([.. append.Inputs.Select(input => PlanExact(input.Plan, input.Columns))])
                    {
                        Output = Types(append.Columns),
                    }, append.Columns);
            case LogicalSetOperation operation:
                return new PlannedNode(
                    new SetOperationPlan(operation.IsIntersect, operation.IsAll,
                        PlanExact(operation.Left.Plan, operation.Left.Columns),
                        PlanExact(operation.Right.Plan, operation.Right.Columns))
                    {
                        Output = Types(operation.Columns),
                    }, operation.Columns);
            case LogicalRecursiveUnion union:
                return new PlannedNode(
                    new RecursiveUnionPlan(PlanExact(union.Seed.Plan, union.Seed.Columns),
                        PlanExact(union.Step.Plan, union.Step.Columns), union.WorkTable, union.IsAll)
                    {
                        Output = Types(union.Columns),
                    }, union.Columns);
            case LogicalWorkTableScan scan:
                return new PlannedNode(
                    new WorkTableScanPlan(scan.WorkTable) { Output = Types(scan.Columns) }, scan.Columns);
            case LogicalCommonScan scan:
                return new PlannedNode(
                    new CommonTableScanPlan(scan.Id, scan.Name) { Output = Types(scan.Columns) }, scan.Columns);
            case LogicalDeepening deepening:
                return PlanDeepening(deepening);
            case LogicalMining mining:
                return PlanMining(mining);
            case LogicalWith with:
                return PlanWith(with);
            case LogicalLock held:
                return PlanLock(held);
            case LogicalInsert insert:
                return PlanInsert(insert);
            case LogicalUpdate update:
                return PlanUpdate(update);
            case LogicalDelete delete:
                return PlanDelete(delete);
            case LogicalMerge merge:
                return PlanMerge(merge);
            default:
                throw new InvariantException($"no physical plan for {plan.GetType().Name}");
        }
    }

    /// <summary>What reads nothing of the rows is asked before there are any.</summary>
    private PlannedNode PlanFilter(LogicalFilter filter)
    {
        PlannedNode input = Plan(filter.Input);
        HashSet<int> made = ColumnSet.MadeBy(filter.Input);
        bool isOneRow = filter.Input is LogicalValues { Columns.IsEmpty: true };
        List<ScalarExpression> parts = Conjunction.Parts(filter.Predicate);
        // HAVING false is asked of the group that there is without rows.
        bool isHaving = filter.Input is LogicalAggregate && parts.Exists(Alternatives.IsNever);
        ILookup<bool, ScalarExpression> sorted = parts.ToLookup(part => !isHaving && (isOneRow || PredicatePushDown.IsGate(part, made)));
        PhysicalPlan plan = input.Plan;
        if (Conjunction.Of([.. sorted[false]]) is { } tested)
            plan = new FilterPlan(plan, _expressions.Place(tested, input.Layout)) { Output = plan.Output };
        if (Conjunction.Of([.. sorted[true]]) is { } asked)
            plan = new GatePlan(plan, _expressions.Place(asked, PlanLayout.Empty)) { Output = plan.Output };
        return input with { Plan = plan };
    }

    private PlannedNode PlanProject(LogicalProject project)
    {
        PlannedNode input = Plan(project.Input);
        // Columns that are only passed on need no step of their own.
        if (project.Items.All(static item => item.IsPassed))
            return input;
        PlanLayout layout = input.Layout;
        ImmutableArray<ScalarExpression> items =
            [.. project.Items.Select(item => _expressions.Place(item.Value, layout))];
        ImmutableArray<ColumnExpression> columns = project.Output;
        return new PlannedNode(new ProjectPlan(input.Plan, items) { Output = Types(columns) }, columns);
    }

    private PlannedNode PlanProjectSet(LogicalProjectSet project)
    {
        PlannedNode input = Plan(project.Input);
        PlanLayout layout = input.Layout;
        ImmutableArray<ScalarExpression> items =
        [
            .. input.Columns.Select((column, i) => new InputExpression(column.Type, i)),
            .. project.Calls.Select(call => _expressions.Place(call.Value, layout)),
        ];
        ImmutableArray<ColumnExpression> columns = [.. input.Columns, .. project.Calls.Select(call => call.Column)];
        return new PlannedNode(new ProjectSetPlan(input.Plan, items) { Output = Types(columns) }, columns);
    }

    private PlannedNode PlanAggregate(LogicalAggregate aggregate)
    {
        PlannedNode input = Plan(aggregate.Input);
        PlanLayout layout = input.Layout;
        ImmutableArray<ColumnExpression> columns = aggregate.Output;
        var plan = new AggregatePlan(input.Plan,
            [.. aggregate.Keys.Select(key => _expressions.Place(key.Value, layout))],
            aggregate.GroupingSets,
            [.. aggregate.Aggregates.Select(item =>
                PlanExpressions.Map(item.Call, part => _expressions.Place(part, layout)))],
            [.. aggregate.Groupings.Select(item => item.Keys)])
        {
            Output = Types(columns),
        };
        return new PlannedNode(plan, columns);
    }

    private PlannedNode PlanWindow(LogicalWindow window)
    {
        PlannedNode input = Plan(window.Input);
        PlanLayout layout = input.Layout;
        ImmutableArray<ColumnExpression> columns = [.. input.Columns, .. window.Calls.Select(item => item.Column)];
        var plan = new WindowPlan(input.Plan,
            _expressions.Place(window.PartitionBy, layout), _expressions.Place(window.OrderBy, layout),
            [.. window.Calls.Select(item => PlanExpressions.Map(item.Call, part => _expressions.Place(part, layout)))])
        {
            Output = Types(columns),
        };
        return new PlannedNode(plan, columns);
    }

    private PlannedNode PlanLimit(LogicalLimit limit)
    {
        ScalarExpression? count = _expressions.PlaceOptional(limit.Limit, PlanLayout.Empty);
        ScalarExpression? offset = _expressions.PlaceOptional(limit.Offset, PlanLayout.Empty);
        if (limit.Input is LogicalSort order && count is not null && TryVectorTopK(order, limit, count, offset) is { } nearest)
            return nearest;
        if (limit.Input is LogicalSort scored && count is not null && TryTextTopK(scored, limit, count, offset) is { } best)
            return best;
        if (limit is { Input: LogicalSort sort, Ties.IsEmpty: true } && count is not null)
        {
            PlannedNode sorted = Plan(sort.Input);
            return sorted with
            {
                Plan = new TopNPlan(sorted.Plan, _expressions.Place(sort.Keys, sorted.Layout), count, offset)
                {
                    Output = sorted.Plan.Output,
                },
            };
        }
        PlannedNode input = Plan(limit.Input);
        return input with
        {
            Plan = new LimitPlan(input.Plan, count, offset, _expressions.Place(limit.Ties, input.Layout))
            {
                Output = input.Plan.Output,
            },
        };
    }

    private PlannedNode PlanWith(LogicalWith with)
    {
        ImmutableArray<CommonTablePlan> tables = [.. with.Tables.Select(table => new CommonTablePlan(
            table.Id, table.Name, PlanExact(table.Query.Plan, table.Query.Columns), table.IsModifying))];
        PlannedNode body = Plan(with.Body);
        return tables.IsEmpty ? body
            : body with { Plan = new WithPlan(tables, body.Plan) { Output = body.Plan.Output } };
    }

    private PlannedNode PlanLock(LogicalLock held)
    {
        PlannedNode input = Plan(held.Input);
        PlanLayout layout = input.Layout;
        var locks = ImmutableArray.CreateBuilder<RowLock>();
        foreach (LogicalRowLock row in held.Locks)
        {
            int ordinal = layout.Find(row.RowId.ColumnId)
                ?? throw new InvariantException("a locked table's row id is missing");
            locks.Add(new RowLock(row.Table, ordinal, row.Mode, row.Wait));
        }
        return input with { Plan = new LockRowsPlan(input.Plan, locks.ToImmutable()) { Output = input.Plan.Output } };
    }
}
