using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Parser.Printing;
using VecSQL.Planner.Binding.Mining;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Explain;

/// <summary>
/// Turns plan steps into EXPLAIN's nodes. Projections and filters are shown in the node they work on, as PostgreSQL
/// does.
/// </summary>
internal sealed partial class PlanDescriber(ExplainNames names, bool isVerbose)
{
    private const string OneTimeFilter = "One-Time Filter";

    internal ExplainNode Describe(PhysicalPlan plan)
    {
        ExplainNode node = Dispatch(plan);
        if (isVerbose && plan is not (FilterPlan or KeyFilterPlan or WithPlan) && node.Outputs.Count > 0)
        {
            node.Properties.RemoveAll(static property => property.Name == "Output");
            node.Properties.Insert(0, new ExplainProperty("Output", string.Join(", ", node.Outputs), node.Outputs));
        }
        int initial = 0;
        foreach ((string label, bool isInitial, SubplanExpression subplan) in names.TakeSubplans())
            node.Children.Insert(isInitial ? initial++ : node.Children.Count, (label, Describe(subplan.Plan)));
        return node;
    }

    private ExplainNode Dispatch(PhysicalPlan plan) => plan switch
    {
        ValuesPlan values => DescribeValues(values),
        EmptyPlan none => new ExplainNode("Result", none) { Outputs = [.. none.Names.Select(SqlPrinter.QuoteIdentifier)] }
            .With(OneTimeFilter, "false"),
        GatePlan gate => DescribeGate(gate),
        TableScanPlan or KeyLookupPlan or RowLookupPlan or VectorTopKPlan or TextTopKPlan or TextMatchPlan or SystemScanPlan or FunctionScanPlan or WorkTableScanPlan
            or CommonTableScanPlan => DescribeScan(plan),
        HashJoinPlan or NestedLoopJoinPlan or ApplyPlan => DescribeJoin(plan),
        FilterPlan filter => DescribeFilter(filter),
        KeyFilterPlan filter => DescribeKeyFilter(filter),
        ProjectPlan project => DescribeProject(project),
        ProjectSetPlan project => DescribeProjectSet(project),
        AggregatePlan aggregate => DescribeAggregate(aggregate),
        SortPlan sort => DescribeSort(sort, sort.Input, sort.Keys),
        TopNPlan top => DescribeTopN(top),
        DeepeningPlan deepening => DescribeDeepening(deepening),
        MiningPlan mining => DescribeMining(mining),
        LimitPlan limit => Over("Limit", limit, limit.Input),
        DistinctPlan distinct => DescribeDistinct(distinct),
        DistinctOnPlan distinct => Over("Unique", distinct, distinct.Input),
        WindowPlan window => DescribeWindow(window),
        AppendPlan append => DescribeSeveral("Append", append, append.Inputs),
        SetOperationPlan operation => DescribeSeveral(
            $"HashSetOp {(operation.IsIntersect ? "Intersect" : "Except")}{(operation.IsAll ? " All" : "")}",
            operation, [operation.Left, operation.Right]),
        RecursiveUnionPlan union => DescribeSeveral("Recursive Union", union, [union.Seed, union.Step]),
        WithPlan with => DescribeWith(with),
        FragmentPlan fragment => DescribeFragment(fragment),
        ReceivedPlan received => DescribeReceived(received),
        LockRowsPlan held => Over("LockRows", held, held.Input),
        InsertPlan insert => DescribeInsert(insert),
        UpdatePlan update => DescribeModify("Update", update, update.Input, update.Table),
        MergePlan merge => DescribeModify("Merge", merge, merge.Input, merge.Table),
        DeletePlan delete => DescribeModify("Delete", delete, delete.Input, delete.Table),
        _ => new ExplainNode(plan.GetType().Name, plan),
    };

    private ExpressionText Text(IReadOnlyList<string> inputs) => new(inputs, names);

    private ExplainNode Over(string type, PhysicalPlan plan, PhysicalPlan input)
    {
        ExplainNode child = Describe(input);
        var node = new ExplainNode(type, plan) { Outputs = child.Outputs };
        node.Children.Add((null, child));
        return node;
    }

    private ExplainNode DescribeValues(ValuesPlan values)
    {
        ExpressionText text = Text([]);
        if (values.Rows is [var row])
            return new ExplainNode("Result", values) { Outputs = [.. row.Select(text.Of)] };
        return new ExplainNode("Values Scan", values)
        {
            Subject = "on \"*VALUES*\"",
            Outputs = [.. values.Output.Select((_, i) => $"\"*VALUES*\".column{i + 1}")],
        };
    }

    private ExplainNode DescribeFilter(FilterPlan filter)
    {
        ExplainNode node = Describe(filter.Input);
        string predicate = Text(node.Outputs).Of(filter.Predicate);
        int known = node.Properties.FindIndex(static property => property.Name == "Filter");
        if (known >= 0)
            node.Properties[known] = new ExplainProperty("Filter", $"({node.Properties[known].Value} AND {predicate})");
        else
            node.With("Filter", predicate);
        node.Cover(filter);
        return node;
    }

    private ExplainNode DescribeGate(GatePlan gate)
    {
        bool isOneRow = gate.Input is ValuesPlan { Rows.Length: 1 };
        ExplainNode node = isOneRow ? Describe(gate.Input) : Over("Result", gate, gate.Input);
        if (isOneRow)
            node.Cover(gate);
        return node.With(OneTimeFilter, Text([]).Of(gate.Condition));
    }

    private ExplainNode DescribeKeyFilter(KeyFilterPlan filter)
    {
        ExplainNode node = Describe(filter.Input);
        node.With("Key Filter", Text(node.Outputs).List(filter.Keys));
        node.Cover(filter);
        return node;
    }

    private ExplainNode DescribeProject(ProjectPlan project)
    {
        ExplainNode node = Describe(project.Input);
        ExpressionText text = Text(node.Outputs);
        node.Outputs = [.. project.Expressions.Select(text.Of)];
        node.Cover(project);
        return node;
    }

    private ExplainNode DescribeProjectSet(ProjectSetPlan project)
    {
        ExplainNode node = Over("ProjectSet", project, project.Input);
        ExpressionText text = Text(node.Outputs);
        node.Outputs = [.. project.Expressions.Select(text.Of)];
        return node;
    }

    private ExplainNode DescribeAggregate(AggregatePlan aggregate)
    {
        bool isMixed = aggregate.GroupingSets.Length > 1;
        ExplainNode node = Over(
            aggregate.Keys.IsEmpty ? "Aggregate" : isMixed ? "MixedAggregate" : "HashAggregate", aggregate,
                aggregate.Input);
        ExpressionText text = Text(node.Outputs);
        ImmutableArray<string> keys = [.. aggregate.Keys.Select(text.Of)];
        if (isMixed)
        {
            foreach (ImmutableArray<int> set in aggregate.GroupingSets)
            {
                if (set.IsEmpty)
                    node.With("Group Key", "()");
                else
                    node.With("Hash Key", [.. set.Select(key => keys[key])]);
            }
        }
        else if (!keys.IsEmpty)
        {
            node.With("Group Key", keys);
        }
        node.Outputs =
        [
            .. keys, .. aggregate.Aggregates.Select(call => Aggregate(call, text)),
            .. aggregate.Groupings.Select(grouping =>
                $"GROUPING({string.Join(", ", grouping.Select(key => keys[key]))})"),
        ];
        return node;
    }

    private static string Aggregate(AggregateCall call, ExpressionText text)
    {
        string arguments = call.Arguments.IsEmpty && call.DirectArguments.IsEmpty ? "*" : text.List(call.Arguments);
        string distinct = call.IsDistinct ? "DISTINCT " : "";
        bool isOrderedSet = FunctionRegistry.FindAggregate(call.Function.Oid) is { Kind: not 'n' };
        string order = call.OrderBy.IsEmpty ? "" : $"ORDER BY {string.Join(", ", text.SortKeys(call.OrderBy))}";
        string spelled = isOrderedSet
            ? $"{call.Function.Name}({text.List(call.DirectArguments)}) WITHIN GROUP ({order})"
            : $"{call.Function.Name}({distinct}{arguments}{(order.Length > 0 ? " " + order : "")})";
        return call.Filter is null ? spelled : $"{spelled} FILTER (WHERE {text.Of(call.Filter)})";
    }

    private ExplainNode DescribeSort(PhysicalPlan plan, PhysicalPlan input, ImmutableArray<SortKey> keys)
    {
        ExplainNode node = Over("Sort", plan, input);
        return node.With("Sort Key", Text(node.Outputs).SortKeys(keys));
    }

    private ExplainNode DescribeTopN(TopNPlan top)
    {
        ExplainNode sort = DescribeSort(top, top.Input, top.Keys);
        var node = new ExplainNode("Limit", top) { Outputs = sort.Outputs };
        node.Children.Add((null, sort));
        return node;
    }

    private ExplainNode DescribeDeepening(DeepeningPlan deepening)
    {
        names.SetOuter(deepening.DepthSlot, "as many as it takes");
        ExplainNode node = Describe(deepening.Attempt);
        node.Cover(deepening);
        ExplainNode fallback = Describe(deepening.Fallback);
        fallback.IsShownOnlyIfRun = true;
        node.Children.Add(("Otherwise", fallback));
        return node;
    }

    private ExplainNode DescribeMining(MiningPlan mining)
    {
        string what = mining.Kind switch
        {
            MiningKind.Pairs => "Pair",
            MiningKind.Triplets => "Triplet",
            _ => "Hard Negative",
        };
        ExpressionText text = Text([]);
        var node = new ExplainNode($"{what} Mining", mining)
        {
            Outputs = [.. mining.Parts.Select(part => MiningArguments.ColumnName(mining.Kind, part))],
        };
        foreach (PhysicalPlan input in PlanInputs.Of(mining))
            node.Children.Add((null, Describe(input)));
        return mining.Settings.IsEmpty ? node : node.With("Settings",
            string.Join(", ", mining.Settings.Select(setting => $"{setting.Name} => {text.Of(setting.Value)}")));
    }

    private ExplainNode DescribeDistinct(DistinctPlan distinct)
    {
        ExplainNode node = Over("HashAggregate", distinct, distinct.Input);
        return node.With("Group Key", node.Outputs);
    }

    private ExplainNode DescribeWindow(WindowPlan window)
    {
        ImmutableArray<SortKey> keys =
            [.. window.PartitionBy.Select(key => new SortKey(key, IsDescending: false, NullsFirst: false)),
                .. window.OrderBy];
        ExplainNode child = Describe(window.Input);
        ExpressionText text = Text(child.Outputs);
        var node = new ExplainNode("WindowAgg", window)
        {
            Outputs =
            [
                .. child.Outputs, .. window.Calls.Select(call =>
                    $"{call.Function.Name}({(call.Arguments.IsEmpty && call.Function.Kind == FunctionKind.Aggregate
                        ? "*" : text.List(call.Arguments))}) OVER (?)"),
            ],
        };
        if (!keys.IsEmpty)
        {
            var sort = new ExplainNode("Sort", window.Input) { Outputs = child.Outputs, HasActuals = false };
            sort.With("Sort Key", text.SortKeys(keys)).Children.Add((null, child));
            child = sort;
        }
        node.Children.Add((null, child));
        return node;
    }

    private ExplainNode DescribeSeveral(string type, PhysicalPlan plan, ImmutableArray<PhysicalPlan> inputs)
    {
        var node = new ExplainNode(type, plan);
        foreach (PhysicalPlan input in inputs)
            node.Children.Add((null, Describe(input)));
        node.Outputs = node.Children[0].Node.Outputs;
        return node;
    }

    private ExplainNode DescribeWith(WithPlan with)
    {
        ExplainNode node = Describe(with.Body);
        int place = 0;
        foreach (CommonTablePlan table in with.Tables)
            node.Children.Insert(place++, ($"CTE {table.Name}", Describe(table.Plan)));
        return node;
    }

    private ExplainNode DescribeInsert(InsertPlan insert)
    {
        ExplainNode node = DescribeModify("Insert", insert, insert.Input, insert.Table);
        if (insert.OnConflict is not { } conflict)
            return node;
        node.With("Conflict Resolution", conflict.Assignments.IsEmpty ? "NOTHING" : "UPDATE");
        if (!conflict.Indexes.IsEmpty)
        {
            node.With("Conflict Arbiter Indexes",
                string.Join(", ", conflict.Indexes.Select(index => names.IndexName(insert.Table, index))));
        }
        return node;
    }

    private ExplainNode DescribeModify(
        string verb, PhysicalPlan plan, PhysicalPlan input, Catalog.Objects.TableId table)
    {
        ExplainNode child = Describe(input);
        var node = new ExplainNode(verb, plan) { Subject = $"on {names.TableName(table)}" };
        node.JsonOnly.Add(("Relation Name", names.TableName(table)));
        node.JsonOnly.Add(("Alias", names.TableName(table)));
        node.Children.Add((null, child));
        return node;
    }
}
