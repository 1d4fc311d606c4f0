using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Parser;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Definitions;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Reads the hidden column of an index where a query has the index's expression, and binds the indexes' predicates.</summary>
/// <remarks>
/// What a row's hidden column holds is what the expression gives for the row, so any use of the expression may be replaced where the row
/// is still itself: not above an outer join that may have made nulls of it.
/// </remarks>
internal sealed class IndexExpressions(BindingState state)
{
    private readonly ConstantFolding _folding = new(state.Context);

    /// <summary>An expression that the rows of a plan have as a column.</summary>
    private sealed record Kept(ScalarExpression Expression, ColumnExpression Column);

    /// <summary>What an index's hidden column is, for people.</summary>
    internal static string NameOf(TableEntry table, ColumnEntry column, PlannerContext context)
    {
        foreach (IndexEntry index in table.Indexes)
        {
            int key = index.Columns.IndexOf(column.Number);
            if (key >= 0 && index.ExpressionOf(key) is { } expression)
                return DefinitionText.Expression(SqlParser.ParseExpression(expression), table, null, context, DefinitionLayout.Lines);
        }
        return column.Name;
    }

    internal LogicalPlan Apply(LogicalPlan plan) => Rewrite(plan).Plan;

    private (LogicalPlan Plan, ImmutableArray<Kept> Kept) Rewrite(LogicalPlan plan)
    {
        switch (plan)
        {
            case LogicalScan scan:
                return scan.Table.Indexes.Any(static index => index.Predicate is not null || !index.Expressions.IsEmpty)
                    ? OfScan(scan) : (scan, []);
            case LogicalJoin join:
                return OfJoin(join);
            case LogicalProject project:
                return OfProject(project);
        }
        ImmutableArray<Kept> kept = [];
        LogicalPlan mapped = PlanTree.MapInputs(plan, input =>
        {
            (LogicalPlan inner, ImmutableArray<Kept> found) = Rewrite(input);
            kept = found;
            return inner;
        });
        bool isOneInput = plan is LogicalFilter or LogicalSort or LogicalLimit or LogicalWindow or LogicalProjectSet or LogicalLock
            or LogicalDistinctOn or LogicalAggregate;
        if (!isOneInput || kept.IsEmpty)
            return (mapped, []);
        return (PlanExpressions.Map(mapped, expression => Replace(expression, kept)), plan is LogicalAggregate ? [] : kept);
    }

    private (LogicalPlan Plan, ImmutableArray<Kept> Kept) OfScan(LogicalScan scan)
    {
        var kept = ImmutableArray.CreateBuilder<Kept>();
        foreach (IndexEntry index in scan.Table.Indexes)
        {
            for (int key = 0; key < index.Expressions.Length; key++)
            {
                // The keys of a partial unique index are null in rows that are not its own.
                bool isWhole = index.ExpressionOf(key) is not null && (index.Predicate is null || !index.IsUnique);
                ScanColumn? column = isWhole ? scan.Columns.FirstOrDefault(read => read.Number == index.Columns[key]) : null;
                if (column is not null && scan.Table.Column(column.Number).IsHidden)
                    kept.Add(new Kept(Bind(index.Expressions[key], scan), column.Column));
            }
        }
        ImmutableArray<Kept> found = kept.ToImmutable();
        ImmutableArray<IndexPredicate> predicates =
        [
            .. scan.Table.Indexes.Where(static index => index.Predicate is not null)
                .Select(index => new IndexPredicate(index.Oid, Replace(Bind(index.Predicate ?? "", scan), found))),
        ];
        return (scan with { Predicates = predicates }, found);
    }

    private ScalarExpression Bind(string sql, LogicalScan scan)
    {
        TableExpressions expressions = new(state, scan.Table);
        ImmutableArray<ColumnExpression> row = [.. expressions.Live.Select(column =>
            scan.Columns.First(read => read.Number == column.Number).Column)];
        ScalarExpression bound = expressions.Over(row, ExpressionPlace.Generated,
            binder => binder.Coercion.Settle(binder.Bind(SqlParser.ParseExpression(sql))));
        return _folding.Apply(StatementBinder.Finish(bound, state));
    }

    private (LogicalPlan Plan, ImmutableArray<Kept> Kept) OfJoin(LogicalJoin join)
    {
        (LogicalPlan left, ImmutableArray<Kept> ofLeft) = Rewrite(join.Left);
        (LogicalPlan right, ImmutableArray<Kept> ofRight) = Rewrite(join.Right);
        ImmutableArray<Kept> both = [.. ofLeft, .. ofRight];
        LogicalPlan mapped = join with { Left = left, Right = right };
        if (!both.IsEmpty)
            mapped = PlanExpressions.Map(mapped, expression => Replace(expression, both));
        return (mapped, join.Kind switch
        {
            PhysicalJoinKind.Inner => both,
            PhysicalJoinKind.Left or PhysicalJoinKind.Semi or PhysicalJoinKind.Anti or PhysicalJoinKind.NullAwareAnti => ofLeft,
            PhysicalJoinKind.Right => ofRight,
            _ => [],
        });
    }

    /// <summary>Passes the hidden columns on beside what the query asks for; what nobody uses is dropped later.</summary>
    private (LogicalPlan Plan, ImmutableArray<Kept> Kept) OfProject(LogicalProject project)
    {
        (LogicalPlan input, ImmutableArray<Kept> kept) = Rewrite(project.Input);
        LogicalProject mapped = project with { Input = input };
        if (kept.IsEmpty)
            return (mapped, []);
        HashSet<int> passed = [.. project.Items.Where(static item => item.IsPassed).Select(static item => item.Column.ColumnId)];
        ImmutableArray<Kept> usable = [.. kept.Where(entry => ColumnSet.UsedBy(entry.Expression).IsSubsetOf(passed))];
        mapped = (LogicalProject)PlanExpressions.Map(mapped, expression => Replace(expression, kept));
        ImmutableArray<ProjectItem> more = [.. usable.Where(entry => !passed.Contains(entry.Column.ColumnId))
            .DistinctBy(static entry => entry.Column.ColumnId).Select(static entry => new ProjectItem(entry.Column, entry.Column))];
        return (mapped with { Items = [.. mapped.Items, .. more] }, usable);
    }

    /// <remarks>Subqueries are left as they are: what they take from the row around them is passed by columns known before.</remarks>
    private static ScalarExpression Replace(ScalarExpression expression, ImmutableArray<Kept> kept) =>
        ExpressionTree.Rewrite(expression, node => node is SubqueryExpression or ColumnExpression or ConstantExpression
            ? node
            : Find(node, kept));

    private static ScalarExpression? Find(ScalarExpression node, ImmutableArray<Kept> kept)
    {
        foreach (Kept entry in kept)
        {
            if (node.Equals(entry.Expression))
                return entry.Column;
        }
        return null;
    }
}
