using System.Collections.Immutable;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>
/// Computes volatile items of a select list, and those that give sets, behind the sort of its rows: in that order, only for the rows that
/// LIMIT or DISTINCT ON leave, and with a set's rows together.
/// </summary>
internal static class VolatileDelay
{
    internal static LogicalPlan Apply(LogicalPlan plan) => plan switch
    {
        LogicalDistinctOn { Input: LogicalSort { Input: LogicalProject project } sort } distinct =>
            Behind(project, sort.Keys, rows => distinct with { Input = sort with { Input = rows } }),
        LogicalSort { Input: LogicalProject project } sort => Behind(project, sort.Keys, rows => sort with { Input = rows }),
        _ => PlanTree.MapInputs(plan, Apply),
    };

    private static LogicalPlan Behind(LogicalProject project, ImmutableArray<SortKey> keys, Func<LogicalProject, LogicalPlan> sort)
    {
        HashSet<int> sorted = [.. keys.SelectMany(static key => ColumnSet.UsedBy(key.Key))];
        List<LogicalProjectSet> sets = SetsOf(project, sorted);
        LogicalPlan below = sets is [.., var lowest] ? lowest.Input : project.Input;
        HashSet<int> made = [.. sets.SelectMany(static set => set.Calls).Select(static call => call.Column.ColumnId)];
        ImmutableArray<ProjectItem> delayed = [.. project.Items.Where(item => !sorted.Contains(item.Column.ColumnId)
            && (PredicatePushDown.IsVolatile(item.Value) || ColumnSet.UsedBy(item.Value).Overlaps(made)))];
        if (delayed.IsEmpty)
            return sort(project with { Input = Apply(project.Input) });
        HashSet<int> needed = [.. delayed.Concat(sets.SelectMany(static set => set.Calls)).SelectMany(static item => ColumnSet.UsedBy(item.Value))];
        ImmutableArray<ProjectItem> early = [.. project.Items.Where(item => !delayed.Contains(item))];
        needed.ExceptWith(early.Select(static item => item.Column.ColumnId));
        ImmutableArray<ProjectItem> passed =
            [.. below.Output.Where(column => needed.Contains(column.ColumnId)).Select(static column => new ProjectItem(column, column))];
        LogicalPlan rows = sort(project with { Input = Apply(below), Items = [.. early, .. passed] });
        for (int i = sets.Count - 1; i >= 0; i--)
            rows = sets[i] with { Input = rows };
        return new LogicalProject(
            rows, [.. project.Items.Select(item => delayed.Contains(item) ? item : new ProjectItem(item.Column, item.Column))]);
    }

    /// <summary>The calls that give sets, uppermost first; none where rows are sorted by one's.</summary>
    private static List<LogicalProjectSet> SetsOf(LogicalProject project, HashSet<int> sorted)
    {
        List<LogicalProjectSet> sets = [];
        for (LogicalPlan input = project.Input; input is LogicalProjectSet set; input = set.Input)
            sets.Add(set);
        HashSet<int> made = [.. sets.SelectMany(static set => set.Calls).Select(static call => call.Column.ColumnId)];
        bool isSorted = made.Overlaps(sorted)
            || project.Items.Any(item => sorted.Contains(item.Column.ColumnId) && ColumnSet.UsedBy(item.Value).Overlaps(made));
        return isSorted ? [] : sets;
    }
}
