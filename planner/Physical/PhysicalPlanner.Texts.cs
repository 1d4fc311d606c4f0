using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Costs;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Rules;

namespace VecSQL.Planner.Physical;

/// <summary>Plans that find rows by full-text indexes.</summary>
internal sealed partial class PhysicalPlanner
{
    /// <summary>WHERE text @@@ query: the index has the rows.</summary>
    private PlannedNode? TryTextMatch(LogicalScan scan)
    {
        List<ScalarExpression> parts = Conjunction.Parts(scan.Filter);
        foreach (ScalarExpression part in parts)
        {
            if (TextScoring.MatchOf(part, scan) is not { } match || TextIndexOf(scan, match.Column) is not { } index)
                continue;
            ImmutableArray<ColumnExpression> output = scan.Output;
            NoteAccess(nameof(TextMatchPlan), scan.Table.Id, index.Oid);
            ScalarExpression? rest = Conjunction.Of(parts.FindAll(other => !ReferenceEquals(other, part)));
            return new PlannedNode(new TextMatchPlan(scan.Table.Id, scan.Alias, index.Oid, match.Column,
                _expressions.Place(match.Query, PlanLayout.Empty), [.. scan.Columns.Select(column => column.Number)])
            {
                Output = Types(output), WithRowId = scan.RowId is not null, Filter = _expressions.PlaceOptional(rest, new PlanLayout(output)),
            }, output);
        }
        return null;
    }

    /// <summary>ORDER BY score DESC LIMIT k over one table: the index has the best rows.</summary>
    private PlannedNode? TryTextTopK(LogicalSort sort, LogicalLimit limit, ScalarExpression count, ScalarExpression? offset)
    {
        List<LogicalProject> projects = [];
        LogicalPlan below = sort.Input;
        for (; below is LogicalProject project; below = project.Input)
            projects.Add(project);
        SortKey key = sort.Keys[0];
        if (below is not LogicalScan { Table.Kind: TableKind.Table } scan || !key.IsDescending
            || KeyMatch.Find(scan, _state.Context) is not null)
        {
            return null;
        }
        ScalarExpression value = key.Key;
        foreach (LogicalProject project in projects)
            value = PredicatePushDown.Replace(value, project.Items.ToDictionary(item => item.Column.ColumnId, item => item.Value));
        if (TextScoring.ScoreOf(value, scan) is not { } scored || TextIndexOf(scan, scored.Column) is not { } index)
            return null;
        ColumnExpression score = _state.NewColumn(SqlType.Float8, "bm25_score");
        ScalarExpression Scored(ScalarExpression expression) =>
            ExpressionTree.Rewrite(expression, node => node.Equals(value) ? score : null);
        projects = [.. projects.Select(project => project with { Items = PlanExpressions.Map(project.Items, Scored) })];
        bool withTies = sort.Keys.Length > 1 || !limit.Ties.IsEmpty;
        PlannedNode node = PlanTextTopK(scan, index.Oid, scored, score, projects, count, offset, withTies);
        for (int i = projects.Count - 1; i >= 0; i--)
            node = PlanProjectOver(node, projects[i]);
        if (!withTies)
            return node;
        ImmutableArray<SortKey> keys = _expressions.Place(PlanExpressions.Map(sort.Keys, Scored), node.Layout);
        PhysicalPlan top = limit.Ties.IsEmpty
            ? new TopNPlan(node.Plan, keys, count, offset) { Output = node.Plan.Output }
            : new LimitPlan(new SortPlan(node.Plan, keys) { Output = node.Plan.Output }, count, offset, keys) { Output = node.Plan.Output };
        return node with { Plan = top with { EstimatedRows = node.Plan.EstimatedRows, EstimatedCost = node.Plan.EstimatedCost } };
    }

    private IndexEntry? TextIndexOf(LogicalScan scan, short column) =>
        TextIndexOptions.FindIndex(scan.Table, column) is { } index && _state.Context.MayUse(scan.Alias, index) ? index : null;

    private PlannedNode PlanTextTopK(
        LogicalScan scan, uint index, (short Column, ScalarExpression Query) scored, ColumnExpression score,
        List<LogicalProject> projects, ScalarExpression count, ScalarExpression? offset, bool withTies)
    {
        HashSet<int> used = [];
        if (projects.Count == 0)
            used.UnionWith(ColumnSet.MadeBy(scan));
        else
            Array.ForEach([.. projects[^1].Items], item => ColumnSet.AddUsed(item.Value, used));
        ImmutableArray<ScanColumn> columns = [.. scan.Columns.Where(column => used.Contains(column.Column.ColumnId))];
        List<ScalarExpression> parts = Conjunction.Parts(scan.Filter);
        // A match of the same text for the same query is what scores above 0.
        int matches = parts.RemoveAll(part => TextScoring.MatchOf(part, scan) is { } match && match.Equals(scored));
        ScalarExpression? filter = Conjunction.Of(parts);
        HashSet<int> filtered = filter is null ? [] : ColumnSet.UsedBy(filter);
        ImmutableArray<ScanColumn> inputs = [.. scan.Columns.Where(column => filtered.Contains(column.Column.ColumnId))];
        bool hasRowId = scan.RowId is { } rowId && used.Contains(rowId.ColumnId);
        ImmutableArray<ColumnExpression> output = [.. columns.Select(column => column.Column), .. RowIdOf(scan, hasRowId), score];
        double rows = count is ConstantExpression { IsNull: false, Value: FixedColumn<long> wanted } ? wanted[0] : 100;
        NoteAccess(nameof(TextTopKPlan), scan.Table.Id, index);
        TextTopKPlan plan = new(scan.Table.Id, scan.Alias, index, scored.Column, _expressions.Place(scored.Query, PlanLayout.Empty),
            count, offset, [.. columns.Select(column => column.Number)])
        {
            Output = Types(output),
            WithRowId = hasRowId,
            WithTies = withTies,
            MatchesOnly = matches > 0,
            Filter = _expressions.PlaceOptional(filter, new PlanLayout(inputs.Select(column => column.Column))),
            FilterColumns = [.. inputs.Select(column => column.Number)],
            EstimatedRows = Math.Clamp(rows, 1, Math.Max(1, _estimator.Rows(scan))),
        };
        return new PlannedNode(plan with { EstimatedCost = PlanCost.Of(plan, plan.EstimatedRows) }, output);
    }
}
