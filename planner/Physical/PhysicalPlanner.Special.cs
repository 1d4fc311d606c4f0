using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Costs;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>Plans for shapes that have a better way: nearest vectors, key lookups per row.</summary>
internal sealed partial class PhysicalPlanner
{
    /// <summary>ORDER BY distance LIMIT k over one table: filter, distance and top-k in one pass.</summary>
    private PlannedNode? TryVectorTopK(LogicalSort sort, LogicalLimit limit, ScalarExpression count, ScalarExpression? offset)
    {
        List<LogicalProject> projects = [];
        LogicalPlan below = sort.Input;
        while (below is LogicalProject project)
        {
            projects.Add(project);
            below = project.Input;
        }
        // The few rows of a key are looked up and sorted.
        if (below is not LogicalScan { Table.Kind: TableKind.Table } scan || KeyMatch.Find(scan, _state.Context) is not null)
            return null;
        SortKey key = sort.Keys[0];
        ScalarExpression value = key.Key;
        foreach (LogicalProject project in projects)
            value = Rules.PredicatePushDown.Replace(value,
                project.Items.ToDictionary(item => item.Column.ColumnId, item => item.Value));
        if (DistanceOrder.Of(value, key.IsDescending, scan) is not { IsAscending: true } order)
            return null;
        ColumnExpression distance = _state.NewColumn(order.Distance.Type, order.Distance.Function.Name);
        ScalarExpression Measured(ScalarExpression expression) => order.IsFiner || order.Distance.Function.Name == "inner_product"
            ? expression // another number than the distance
            : ExpressionTree.Rewrite(expression, node => node.Equals(order.Distance) ? distance : null);
        projects = [.. projects.Select(project => project with { Items = PlanExpressions.Map(project.Items, Measured) })];
        bool withTies = sort.Keys.Length > 1 || order.IsFiner || !limit.Ties.IsEmpty;
        PlannedNode node = PlanTopK(scan, order, distance, projects, count, offset, top => top with
        {
            NaNIsNearest = key.IsDescending,
            NullsFirst = key.NullsFirst && !IsNeverNull(order.Column, scan),
            WithTies = withTies,
            TieKey = withTies ? TieKeyOf(value, order) : null,
        });
        for (int i = projects.Count - 1; i >= 0; i--)
            node = PlanProjectOver(node, projects[i]);
        if (!withTies)
            return node;
        ImmutableArray<SortKey> keys = _expressions.Place(PlanExpressions.Map(sort.Keys, Measured), node.Layout);
        PhysicalPlan top = limit.Ties.IsEmpty
            ? new TopNPlan(node.Plan, keys, count, offset) { Output = node.Plan.Output }
            : new LimitPlan(sort.Keys.Length == 1 ? node.Plan : new SortPlan(node.Plan, keys) { Output = node.Plan.Output },
                count, offset, keys) { Output = node.Plan.Output };
        return node with
        {
            Plan = top with { EstimatedRows = node.Plan.EstimatedRows, EstimatedCost = node.Plan.EstimatedCost },
        };
    }

    /// <summary>WHERE distance &lt; r: the distances of all rows, without making rows of those that are farther.</summary>
    private PlannedNode? TryRange(LogicalScan scan)
    {
        if (scan.Table.Kind != TableKind.Table || DistanceRange.Of(scan, null) is not { Within: not null } range)
            return null;
        ColumnExpression distance = _state.NewColumn(SqlType.Float8, range.Distance.Distance.Function.Name);
        ConstantExpression all = ConstantExpression.Null(SqlType.Int8, PhysicalType.Int64);
        return PlanTopK(scan, range.Distance, distance, [], all, offset: null, top => top with
        {
            Index = 0, // which finds a number of rows, not all within a distance
            EstimatedRows = Math.Max(1, _estimator.Rows(scan)),
        });
    }

    /// <summary>What the query orders by, over the distance; null where they are the same, or rows of equal distance differ in it.</summary>
    private ScalarExpression? TieKeyOf(ScalarExpression key, DistanceOrder order)
    {
        if (order.IsFiner || key.Equals(order.Distance))
            return null;
        ScalarExpression number = new InputExpression(order.Distance.Type, 0);
        if (order.Distance.Function.Name == "inner_product")
        {
            if (FunctionRegistry.FindFunctions("float8um").FirstOrDefault() is not { } negation)
                return null;
            number = new CallExpression(SqlType.Float8, negation, [number]);
        }
        return _expressions.Place(ExpressionTree.Rewrite(key, node => node.Equals(order.Distance) ? number : null), PlanLayout.Empty);
    }

    private PlannedNode PlanTopK(
        LogicalScan scan, DistanceOrder order, ColumnExpression distance, List<LogicalProject> projects,
        ScalarExpression limit, ScalarExpression? offset, Func<VectorTopKPlan, VectorTopKPlan> finish)
    {
        HashSet<int> used = [];
        if (projects.Count == 0)
            used.UnionWith(ColumnSet.MadeBy(scan));
        else
            Array.ForEach([.. projects[^1].Items], item => ColumnSet.AddUsed(item.Value, used));
        ImmutableArray<ScanColumn> columns = [.. scan.Columns.Where(column => used.Contains(column.Column.ColumnId))];
        uint index = VectorIndexes.Find(scan, order, _state.Context);
        DistanceRange? range = DistanceRange.Of(scan, order);
        if (range is not null)
            scan = scan with { Filter = range.Rest };
        if (scan.Filter is not null)
            scan = scan with { Filter = PlaceSubqueries(scan.Filter, scan) };
        HashSet<int> filtered = scan.Filter is null ? [] : ColumnSet.UsedBy(scan.Filter);
        ImmutableArray<ScanColumn> filterColumns =
            [.. scan.Columns.Where(column => filtered.Contains(column.Column.ColumnId))];
        ImmutableArray<FilterCondition> conditions = index == 0 ? [] : Conditions(scan);
        bool hasRowId = scan.RowId is { } rowId && used.Contains(rowId.ColumnId);
        ImmutableArray<ColumnExpression> output =
            [.. columns.Select(column => column.Column), .. RowIdOf(scan, hasRowId), distance];
        double rows = Math.Min(_estimator.Rows(scan),
            limit is ConstantExpression { IsNull: false, Value: FixedColumn<long> count } ? count[0] : 100);
        NoteAccess(nameof(VectorTopKPlan), scan.Table.Id, index);
        VectorTopKPlan plan = finish(new VectorTopKPlan(scan.Table.Id, scan.Alias, order.Column.Number, order.Metric,
            _expressions.Place(order.Query, PlanLayout.Empty), limit, offset,
                [.. columns.Select(column => column.Number)])
        {
            Output = Types(output),
            WithRowId = hasRowId,
            Index = index,
            Within = _expressions.PlaceOptional(range?.Within, PlanLayout.Empty),
            Beyond = _expressions.PlaceOptional(range?.Beyond, PlanLayout.Empty),
            Filter = _expressions.PlaceOptional(scan.Filter,
                new PlanLayout(filterColumns.Select(column => column.Column))),
            FilterColumns = [.. filterColumns.Select(column => column.Number)],
            Zones = Zones(scan),
            Conditions = conditions,
            IsFilteredByConditions = scan.Filter is not null && conditions.Length == Conjunction.Parts(scan.Filter).Count,
            EstimatedRows = Math.Max(1, rows),
        });
        return new PlannedNode(plan with { EstimatedCost = PlanCost.Of(plan, _estimator.Rows(scan)) }, output);
    }

    /// <summary>The filter with subqueries that are the same for all rows as they will be run: wherever their values are used, they run
    /// once.</summary>
    private ScalarExpression PlaceSubqueries(ScalarExpression filter, LogicalScan scan)
    {
        HashSet<int> made = ColumnSet.MadeBy(scan);
        return ExpressionTree.Rewrite(filter, node =>
            node is SubqueryExpression { Test: null } subquery && !ColumnSet.UsedBy(subquery).Overlaps(made)
                ? _expressions.Place(subquery, PlanLayout.Empty) : null);
    }

    private PlannedNode PlanDeepening(LogicalDeepening deepening)
    {
        ImmutableArray<ColumnExpression> columns = deepening.Output;
        ScalarExpression limit = _expressions.Place(deepening.Limit, PlanLayout.Empty);
        ScalarExpression? offset = _expressions.PlaceOptional(deepening.Offset, PlanLayout.Empty);
        ImmutableArray<SortKey> keys = _expressions.Place(deepening.Keys, new PlanLayout(columns));
        TopNPlan Top(LogicalPlan input) =>
            new(PlanExact(input, columns), keys, limit, offset)
            {
                Output = Types(columns), EstimatedRows = Math.Max(1, _estimator.Rows(deepening)),
            };
        TopNPlan attempt = Top(deepening.Input), fallback = Top(deepening.Fallback);
        var plan = new DeepeningPlan(attempt, fallback, _expressions.SlotOf(deepening.Depth.ColumnId), deepening.Table, deepening.Share,
            limit, offset)
        {
            Output = Types(columns), EstimatedRows = attempt.EstimatedRows, EstimatedCost = attempt.Input.EstimatedCost,
        };
        return new PlannedNode(plan, columns);
    }

    private PlannedNode PlanMining(LogicalMining mining)
    {
        PhysicalPlan rows = PlanExact(mining.Rows.Plan, mining.Rows.Columns);
        PhysicalPlan? anchors = mining.Anchors is null ? null : PlanExact(mining.Anchors.Plan, mining.Anchors.Columns);
        ImmutableArray<MiningSetting> settings =
            [.. mining.Settings.Select(setting => setting with { Value = _expressions.Place(setting.Value, PlanLayout.Empty) })];
        return new PlannedNode(
            new MiningPlan(mining.Kind, rows, anchors, [.. mining.Columns.Select(static column => column.Part)], settings)
            {
                Output = Types(mining.Output), HasLabels = mining.HasLabels,
                Candidates = mining.Candidates is null ? null : PlanExact(mining.Candidates.Plan, mining.Candidates.Columns),
            }, mining.Output);
    }

    private static ImmutableArray<ColumnExpression> RowIdOf(LogicalScan scan, bool isWanted) =>
        isWanted && scan.RowId is { } rowId ? [rowId] : [];

    private PlannedNode PlanProjectOver(PlannedNode input, LogicalProject project)
    {
        if (project.Items.All(static item => item.IsPassed))
            return input;
        PlanLayout layout = input.Layout;
        ImmutableArray<ColumnExpression> columns = project.Output;
        var plan = new ProjectPlan(input.Plan,
            [.. project.Items.Select(item => _expressions.Place(item.Value, layout))])
        {
            Output = Types(columns), EstimatedRows = input.Plan.EstimatedRows, EstimatedCost = input.Plan.EstimatedCost,
        };
        return new PlannedNode(plan, columns);
    }

    private static bool IsNeverNull(ScanColumn column, LogicalScan scan) =>
        scan.Table.Column(column.Number).IsNotNull
        || (scan.Filter is { } filter && Rules.NullRejection.Rejects(filter, [column.Column.ColumnId]));

    /// <summary>A join with a table by its whole key, from few rows: a lookup for each instead of a scan.</summary>
    private PlannedNode? TryKeyApply(LogicalJoin join)
    {
        if (join.Kind is not (PhysicalJoinKind.Inner or PhysicalJoinKind.Left or PhysicalJoinKind.Semi
            or PhysicalJoinKind.Anti))
            return null;
        if (TryLookups(join, join.Left, join.Right) is { } direct)
            return direct;
        return join.Kind == PhysicalJoinKind.Inner ? TryLookups(join, join.Right, join.Left) : null;
    }

    private PlannedNode? TryLookups(LogicalJoin join, LogicalPlan outer, LogicalPlan inner)
    {
        if (inner is not LogicalScan { Table.Kind: TableKind.Table } scan)
            return null;
        double outerRows = _estimator.Rows(outer), innerRows = _estimator.Rows(scan with { Filter = null });
        if (outerRows * LookupFactor > innerRows)
            return null;
        List<ScalarExpression> parts = Conjunction.Parts(join.Condition);
        bool hasSubquery =
            parts.Exists(static part => ExpressionTree.Any(part, static node => node is SubqueryExpression));
        LogicalScan keyed = scan with { Filter = Conjunction.And(scan.Filter, join.Condition) };
        if (hasSubquery || KeyMatch.Find(keyed, _state.Context) is not { } match || KeyMatch.Find(scan, _state.Context) is not null)
            return null;
        if (match.Keys.Length != 1)
            return null;
        return Apply(join.Kind, Plan(outer), Plan(keyed), ColumnSet.FreeIn(keyed), condition: null, join.Required);
    }

    /// <summary>A lookup costs about as much as scanning this many rows.</summary>
    private const double LookupFactor = 200;

    /// <summary>key = ANY (array): the distinct elements, and a lookup for each.</summary>
    private PlannedNode? TryArrayLookup(LogicalScan scan)
    {
        List<ScalarExpression> parts = Conjunction.Parts(scan.Filter);
        foreach (ScalarExpression part in parts)
        {
            if (ArrayKey(part, scan) is not { } found)
                continue;
            FunctionEntry? unnest = FunctionRegistry.FindFunctions("unnest").FirstOrDefault(
                function => function.Arguments is [TypeOid.AnyArray]);
            if (unnest is null)
                return null;
            ColumnExpression element = _state.NewColumn(found.Key.Type, "unnest");
            var elements = new LogicalDistinct(
                new LogicalFunctionScan([new LogicalFunctionSource(
                    new CallExpression(element.Type, unnest, [found.Array]), [element])], null),
                [element]);
            var equal = new CallExpression(SqlType.Bool, found.Equality, [found.Key, element]);
            List<ScalarExpression> rest = [.. parts.Where(other => !ReferenceEquals(other, part)), equal];
            LogicalScan keyed = scan with { Filter = Conjunction.Of(rest) };
            if (KeyMatch.Find(keyed, _state.Context) is null)
                return null;
            PlannedNode left = Plan(elements), right = PlanScan(keyed);
            PlannedNode lookups = Apply(PhysicalJoinKind.Inner, left, right, [element.ColumnId], condition: null, required: null);
            return lookups with { Plan = lookups.Plan with { EstimatedRows = 10, EstimatedCost = 5 } };
        }
        return null;
    }

    private static (ColumnExpression Key, ScalarExpression Array, FunctionEntry Equality)? ArrayKey(
        ScalarExpression part, LogicalScan scan)
    {
        (ScalarExpression operand, ScalarExpression array, FunctionEntry equality) = part switch
        {
            ArrayComparison { IsAll: false } any => (any.Operand, any.Array, any.Function),
            InListOperation { IsNegated: false } list when BuiltinTypes.ArrayOf(list.Items[0].Type.Oid) is var type
                and not 0 =>
                (list.Operand, new ArrayConstruction(new SqlType(type), list.Items, IsNested: false), list.Equality),
            _ => default,
        };
        if (operand is not ColumnExpression key || BuiltinTypes.ElementOf(array.Type.Oid) != key.Type.Oid)
            return null;
        bool isEquality = FunctionRegistry.FindOperatorOf(equality.Oid) is { Name: "=", CanHash: true } op
            && op.Left == op.Right;
        short? number = scan.Columns.FirstOrDefault(column => column.Column.ColumnId == key.ColumnId)?.Number;
        bool isKey = scan.Table.Indexes.Any(index =>
            index.IsUnique && index.Columns.Length == 1 && index.Columns[0] == number);
        return isEquality && isKey && ScanComparison.IsKnownBefore(array, scan) ? (key, array, equality) : null;
    }
}
