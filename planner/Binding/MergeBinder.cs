using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds MERGE: a join of the source with the table, and what becomes of its rows.</summary>
internal sealed class MergeBinder(BindingState state, MergeStatement merge, QueryScope? outer)
{
    private readonly QueryScope _scope = new(outer);

    internal (LogicalModification Plan, ImmutableArray<OutputColumn> Columns) Bind()
    {
        TableEntry table = Target();
        RefuseUnreachable();
        var from = new FromBinder(state, _scope);
        LogicalPlan source = from.Bind([merge.Source]) ?? throw new InvariantException("MERGE without a source");
        List<NamespaceItem> sources = _scope.Items;
        string name = merge.Alias ?? table.Name;
        if (sources.Any(item => item.IsTableVisible && item.Name == name))
        {
            throw new SqlException(SqlState.DuplicateAlias, $"name \"{name}\" specified more than once")
            { Detail = "The name is used both as MERGE target table and data source." };
        }
        (LogicalScan scan, NamespaceItem item) =
            from.BindScan(table, merge.Alias is { } alias ? new TableAlias(alias, []) : null, isModified: true);
        bool inserts = merge.Whens.Any(static when => when.Action is InsertStatement);
        item.Presence = inserts ? item.RowId : null;
        _scope.Items = [item, .. sources];
        var binder = new ExpressionBinder(state, _scope);
        ScalarExpression condition = _scope.At(ExpressionPlace.JoinOn, () => binder.BindCondition(merge.Condition, "JOIN/ON"));
        var input = new LogicalJoin(inserts ? PhysicalJoinKind.Left : PhysicalJoinKind.Inner, source, scan, condition);
        var expressions = new TableExpressions(state, table, view: null);
        ImmutableArray<ColumnExpression> row = expressions.NewRow(_scope, name);
        var actions = ImmutableArray.CreateBuilder<MergeAction>();
        foreach (MergeWhen when in merge.Whens)
        {
            _scope.Items = when.IsMatched ? [item, .. sources] : sources;
            actions.Add(BindAction(when, table, expressions, scan, row));
        }
        ColumnExpression rowId = item.RowId ?? throw new InvariantException("a table without row ids");
        var plan = new LogicalMerge(table, input, rowId, row) { Actions = actions.ToImmutable(), Checks = expressions.Checks(row) };
        return (plan, []);
    }

    private TableEntry Target()
    {
        TableEntry table = new NameLookup(state).Table(merge.Table);
        string? other = table.Kind == TableKind.View ? "views" : state.Context.Catalog.Find(table.Oid) is SequenceEntry ? "sequences" : null;
        if (other is not null)
        {
            throw new SqlException(SqlState.FeatureNotSupported, $"cannot execute MERGE on relation \"{table.Name}\"")
            { Detail = $"This operation is not supported for {other}." };
        }
        return ModificationBinder.Target(state, merge.Table, Views.ViewChange.Update).Table;
    }

    private void RefuseUnreachable()
    {
        foreach (bool isMatched in (ReadOnlySpan<bool>)[true, false])
        {
            bool isCovered = false;
            foreach (MergeWhen when in merge.Whens.Where(when => when.IsMatched == isMatched))
            {
                if (isCovered)
                {
                    throw new SqlException(
                        SqlState.SyntaxError, "unreachable WHEN clause specified after unconditional WHEN clause");
                }
                isCovered = when.Condition is null;
            }
        }
    }

    private MergeAction BindAction(
        MergeWhen when, TableEntry table, TableExpressions expressions, LogicalScan scan, ImmutableArray<ColumnExpression> row)
    {
        ScalarExpression? condition = when.Condition is { } syntax
            ? _scope.At(ExpressionPlace.MergeWhen, () => new ExpressionBinder(state, _scope).BindCondition(syntax, "WHEN"))
            : null;
        switch (when.Action)
        {
            case InsertStatement insert:
                ImmutableArray<ScalarExpression> inserted = new InsertBinder(state, insert, table, expressions, _scope).BindRow();
                return new MergeAction(MergeActionKind.Insert, when.IsMatched, condition, inserted, expressions.Generated(row));
            case UpdateStatement update:
                ScalarExpression?[] assigned = new AssignmentBinder(
                    state, _scope, expressions, i => UpdateBinder.Current(expressions.Live[i], scan)).Bind(update.Assignments);
                HashSet<int> positions = [.. Enumerable.Range(0, assigned.Length).Where(i => assigned[i] is not null)];
                ImmutableArray<GeneratedColumn> generated = expressions.Generated(row, positions);
                return new MergeAction(MergeActionKind.Update, when.IsMatched, condition,
                    UpdateBinder.Values(expressions, scan, assigned, generated), generated);
            default:
                return new MergeAction(when.Action is null ? MergeActionKind.Nothing : MergeActionKind.Delete,
                    when.IsMatched, condition, [], []);
        }
    }
}
