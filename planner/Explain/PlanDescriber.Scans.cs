using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Explain;

/// <summary>Scans and joins.</summary>
internal sealed partial class PlanDescriber
{
    private readonly Dictionary<int, FeedPlan> _feeds = []; // by their numbers

    private ExplainNode DescribeFragment(FragmentPlan fragment)
    {
        foreach (FeedPlan feed in fragment.Feeds)
            _feeds[feed.Number] = feed;
        ExplainNode node = Over("Distributed", fragment, fragment.Plan);
        node.With("Shard Key", fragment.Keys.IsEmpty ? null : string.Join(" or ", fragment.Keys.Select(TextOf)));
        return node.With("Nearest Shards", fragment.Nearest is { } nearest ? $"{Symbol(nearest.Metric)} {Text([]).Of(nearest.Query)}" : null);
    }

    private string TextOf(ShardKeyRange keys)
    {
        ExpressionText text = Text([]);
        var limits = new List<string>();
        if (keys.Low is { } low)
            limits.Add($"{(low.IsInclusive ? ">=" : ">")} {text.Of(low.Value)}");
        if (keys.High is { } high)
            limits.Add($"{(high.IsInclusive ? "<=" : "<")} {text.Of(high.Value)}");
        return string.Join(", ", [.. keys.Prefix.Select(value => text.Of(value)), .. limits.Count > 0 ? [string.Join(" and ", limits)] : Array.Empty<string>()]);
    }

    /// <summary>Where the rows come from is shown where they go to.</summary>
    private ExplainNode DescribeReceived(ReceivedPlan received)
    {
        FeedPlan feed = _feeds[received.Number];
        ExplainNode node = Over(feed.IsParted ? "Repartition" : "Broadcast", received, feed.Input);
        return node.With("Shard Key", feed.IsParted ? string.Join(", ", feed.Keys.Select(key => node.Outputs[key])) : null);
    }

    private ExplainNode DescribeScan(PhysicalPlan plan)
    {
        switch (plan)
        {
            case TableScanPlan scan:
            {
                ExplainNode node =
                    OverTable("Seq Scan", "", scan, scan.Table, scan.Alias, scan.Columns, scan.WithRowId);
                return node.With("Filter", scan.Filter is null ? null : Text(node.Outputs).Of(scan.Filter));
            }
            case SystemScanPlan scan:
            {
                ExplainNode node =
                    OverTable("Seq Scan", "", scan, scan.Table, scan.Alias, scan.Columns, withRowId: false);
                return node.With("Filter", scan.Filter is null ? null : Text(node.Outputs).Of(scan.Filter));
            }
            case KeyLookupPlan lookup:
                return DescribeLookup(lookup);
            case RowLookupPlan lookup:
            {
                ExplainNode node = OverTable("Tid Scan", "", lookup, lookup.Table, lookup.Alias, lookup.Columns, lookup.WithRowId);
                node.With("TID Cond", lookup.Rows is ArrayConstruction { Items: [var row] }
                    ? $"(ctid = {Text([]).Of(row)})"
                    : $"(ctid = ANY ({Text([]).Of(lookup.Rows)}))");
                return node.With("Filter", lookup.Filter is null ? null : Text(node.Outputs).Of(lookup.Filter));
            }
            case VectorTopKPlan top:
                return DescribeTopK(top);
            case TextMatchPlan match:
                return DescribeTextSearch(match, match.Table, match.Alias, match.Index, match.TextColumn, match.Query, match.Columns, match.WithRowId)
                    .With("Filter", match.Filter is null ? null : Text([.. match.Columns.Select(number => names.ColumnName(match.Table, match.Alias, number))]).Of(match.Filter));
            case TextTopKPlan top:
                return DescribeTextTopK(top);
            case FunctionScanPlan scan:
                return DescribeFunctions(scan);
            case CommonTableScanPlan scan:
                return new ExplainNode("CTE Scan", scan)
                {
                    Subject = $"on {scan.Name}",
                    Outputs = [.. scan.Output.Select((_, i) => $"{scan.Name}.column{i + 1}")],
                    JsonOnly = { ("CTE Name", scan.Name), ("Alias", scan.Name) },
                };
            default:
                return new ExplainNode("WorkTable Scan", plan)
                {
                    Subject = "on worktable", Outputs = [.. plan.Output.Select((_, i) => $"worktable.column{i + 1}")],
                };
        }
    }

    private ExplainNode OverTable(
        string type, string index, PhysicalPlan plan, TableId table, string alias, ImmutableArray<short> columns,
            bool withRowId)
    {
        string name = names.TableName(table);
        List<string> outputs = [.. columns.Select(column => names.ColumnName(table, alias, column))];
        if (withRowId)
            outputs.Add("ctid");
        var node = new ExplainNode(type, plan)
        {
            Subject = $"{index}on {name}{(alias == name ? "" : " " + alias)}", Outputs = outputs,
        };
        node.JsonOnly.Add(("Relation Name", name));
        node.JsonOnly.Add(("Alias", alias));
        return node;
    }

    private ExplainNode DescribeLookup(KeyLookupPlan lookup)
    {
        IndexEntry? index = names.Table(lookup.Table)?.Indexes.FirstOrDefault(entry => entry.Oid == lookup.IndexOid);
        ExplainNode node = OverTable("Index Scan", $"using {names.IndexName(lookup.Table, lookup.IndexOid)} ",
            lookup, lookup.Table, lookup.Alias, lookup.Columns, lookup.WithRowId);
        node.JsonOnly.Insert(0, ("Index Name", names.IndexName(lookup.Table, lookup.IndexOid)));
        ExpressionText text = Text([]);
        var conditions = new List<string>();
        for (int i = 0; index is not null && i < index.Columns.Length; i++)
        {
            string column = names.ColumnName(lookup.Table, lookup.Alias, index.Columns[i]);
            string[] values = [.. lookup.Keys.Select(key => text.Of(key[i])).Distinct()];
            conditions.Add(values.Length == 1
                ? $"({column} = {values[0]})"
                : $"({column} = ANY (ARRAY[{string.Join(", ", values)}]))");
        }
        node.With("Index Cond", conditions.Count == 1 ? conditions[0] : $"({string.Join(" AND ", conditions)})");
        return node.With("Filter", lookup.Filter is null ? null : Text(node.Outputs).Of(lookup.Filter));
    }

    private ExplainNode DescribeTopK(VectorTopKPlan top)
    {
        string column = names.ColumnName(top.Table, top.Alias, top.VectorColumn);
        string distance = $"({column} {Symbol(top.Metric)} {Text([]).Of(top.Query)})";
        bool isIndexed = top.Index != 0;
        bool isRange = top.Limit is ConstantExpression { IsNull: true } && top.Within is not null;
        ExplainNode node = OverTable(isIndexed ? "Index Scan" : isRange ? "Range Scan" : "Top-K Scan",
            isIndexed ? $"using {names.IndexName(top.Table, top.Index)} " : "",
            top, top.Table, top.Alias, top.Columns, top.WithRowId);
        if (isIndexed)
            node.JsonOnly.Insert(0, ("Index Name", names.IndexName(top.Table, top.Index)));
        node.Outputs = [.. node.Outputs, distance];
        if (!isRange)
            node.With("Order By", distance).With("Limit", Text([]).Of(top.Limit));
        ScalarExpression?[] bounds = [top.Beyond, top.Within];
        string[] conditions = [.. bounds.OfType<ScalarExpression>().Select(Text([distance]).Of)];
        if (conditions.Length > 0)
            node.With("Distance Cond", conditions.Length == 1 ? conditions[0] : $"({string.Join(" AND ", conditions)})");
        node.With("Offset", top.Offset is null ? null : Text([]).Of(top.Offset));
        node.With("Vector Search", !isIndexed ? "exact" : top.Query.Type.Oid == TypeOid.SparseVector ? "inverted lists" : "cells");
        if (top.Filter is null)
            return node;
        string[] filterInputs = [.. top.FilterColumns.Select(number => names.ColumnName(top.Table, top.Alias, number))];
        return node.With("Filter", Text(filterInputs).Of(top.Filter));
    }

    private ExplainNode DescribeTextSearch(
        PhysicalPlan plan, TableId table, string alias, uint index, short column, ScalarExpression query, ImmutableArray<short> columns,
        bool withRowId)
    {
        string name = names.IndexName(table, index);
        ExplainNode node = OverTable("Index Scan", $"using {name} ", plan, table, alias, columns, withRowId);
        node.JsonOnly.Insert(0, ("Index Name", name));
        bool isMatch = plan is TextMatchPlan or TextTopKPlan { MatchesOnly: true };
        return node.With("Index Cond", isMatch ? $"({names.ColumnName(table, alias, column)} @@@ {Text([]).Of(query)})" : null);
    }

    private ExplainNode DescribeTextTopK(TextTopKPlan top)
    {
        ExplainNode node = DescribeTextSearch(
            top, top.Table, top.Alias, top.Index, top.TextColumn, top.Query, top.Columns, top.WithRowId);
        string score = $"bm25_score({names.ColumnName(top.Table, top.Alias, top.TextColumn)}, {Text([]).Of(top.Query)})";
        node.Outputs = [.. node.Outputs, score];
        node.With("Order By", $"{score} DESC").With("Limit", Text([]).Of(top.Limit))
            .With("Offset", top.Offset is null ? null : Text([]).Of(top.Offset)).With("Text Search", "bm25");
        string[] inputs = [.. top.FilterColumns.Select(number => names.ColumnName(top.Table, top.Alias, number))];
        return node.With("Filter", top.Filter is null ? null : Text(inputs).Of(top.Filter));
    }

    private static string Symbol(VectorMetric metric) => metric switch
    {
        VectorMetric.L2 => "<->",
        VectorMetric.NegativeInnerProduct => "<#>",
        VectorMetric.Cosine => "<=>",
        VectorMetric.L1 => "<+>",
        VectorMetric.Hamming => "<~>",
        VectorMetric.MaxSim => "@#",
        _ => "<%>",
    };

    private ExplainNode DescribeFunctions(FunctionScanPlan scan)
    {
        string name = scan.Functions[0].Call is CallExpression call ? call.Function.Name : "function";
        ExpressionText text = Text([]);
        var node = new ExplainNode("Function Scan", scan)
        {
            Subject = $"on {name}",
            Outputs = scan.Output.Length == 1 ? [name] : [.. scan.Output.Select((_, i) => $"{name}.column{i + 1}")],
            JsonOnly = { ("Function Name", name), ("Alias", name) },
        };
        return isVerbose ? node.With("Function Call", text.List(scan.Functions.Select(source => source.Call))) : node;
    }

    private ExplainNode DescribeJoin(PhysicalPlan plan)
    {
        (PhysicalJoinKind kind, PhysicalPlan leftPlan, PhysicalPlan rightPlan) = plan switch
        {
            HashJoinPlan join => (join.Kind, join.Left, join.Right),
            NestedLoopJoinPlan join => (join.Kind, join.Left, join.Right),
            _ => (((ApplyPlan)plan).Kind, ((ApplyPlan)plan).Left, ((ApplyPlan)plan).Right),
        };
        ExplainNode left = Describe(leftPlan);
        if (plan is ApplyPlan outer)
        {
            ExpressionText leftText = Text(left.Outputs);
            foreach (OuterValue value in outer.OuterValues)
                names.SetOuter(value.Slot, leftText.Of(value.Value));
        }
        ExplainNode right = Describe(rightPlan);
        bool isHash = plan is HashJoinPlan;
        string suffix = Suffix(kind);
        string type = isHash
            ? suffix.Length == 0 ? "Hash Join" : $"Hash {suffix} Join"
            : suffix.Length == 0 ? "Nested Loop" : $"Nested Loop {suffix} Join";
        IReadOnlyList<string> both = [.. left.Outputs, .. right.Outputs];
        bool keepsLeftOnly = kind is PhysicalJoinKind.Semi or PhysicalJoinKind.Anti or PhysicalJoinKind.NullAwareAnti;
        var node = new ExplainNode(type, plan)
        {
            Outputs = plan switch
            {
                HashJoinPlan join => [.. join.Kept.Select(i => both[i])],
                ApplyPlan join => [.. join.Kept.Select(i => both[i])],
                _ => keepsLeftOnly ? left.Outputs : both,
            },
        };
        ScalarExpression? filter = plan switch
        {
            HashJoinPlan join => join.Residual,
            NestedLoopJoinPlan join => join.Condition,
            _ => ((ApplyPlan)plan).Condition,
        };
        if (plan is HashJoinPlan hash)
        {
            ExpressionText leftText = Text(left.Outputs), rightText = Text(right.Outputs);
            string[] pairs =
                [.. hash.LeftKeys.Zip(hash.RightKeys, (x, y) => $"({leftText.Of(x)} = {rightText.Of(y)})")];
            node.With("Hash Cond", pairs.Length == 1 ? pairs[0] : $"({string.Join(" AND ", pairs)})");
        }
        node.With("Join Filter", filter is null ? null : Text(both).Of(filter));
        node.Children.Add((null, left));
        node.Children.Add((null, isHash ? Hash(right, rightPlan) : right));
        return node;
    }

    private static ExplainNode Hash(ExplainNode right, PhysicalPlan plan)
    {
        var hash = new ExplainNode("Hash", plan) { HasActuals = false, Outputs = right.Outputs };
        hash.Children.Add((null, right));
        return hash;
    }

    private static string Suffix(PhysicalJoinKind kind) => kind switch
    {
        PhysicalJoinKind.Inner => "",
        PhysicalJoinKind.NullAwareAnti => "Anti",
        _ => kind.ToString(),
    };
}
