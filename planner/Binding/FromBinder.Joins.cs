using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Definitions;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Joins: conditions, USING and NATURAL, and what of either side stays visible.</summary>
internal sealed partial class FromBinder
{
    private (LogicalPlan Plan, List<NamespaceItem> Items) BindJoin(JoinedTable join)
    {
        (LogicalPlan left, List<NamespaceItem> leftItems) = state.Barred(
            join.Kind is JoinKind.Right or JoinKind.Full ? RecursionBar.OuterJoin : RecursionBar.None,
            () => BindItem(join.Left));
        bool allowsLateral = join.Kind is JoinKind.Inner or JoinKind.Left or JoinKind.Cross;
        SetLateral(leftItems, isLateralOnly: true, allowsLateral);
        List<NamespaceItem> outside = scope.Items;
        scope.Items = [.. outside, .. leftItems];
        (LogicalPlan right, List<NamespaceItem> rightItems) = state.Barred(
            join.Kind is JoinKind.Left or JoinKind.Full ? RecursionBar.OuterJoin : RecursionBar.None,
            () => BindItem(join.Right));
        scope.Items = outside;
        CheckConflicts(leftItems, rightItems);
        List<NamespaceItem> both = [.. leftItems, .. rightItems];
        SetLateral(both, isLateralOnly: false, isAllowed: true);
        PhysicalJoinKind kind = join.Kind switch
        {
            JoinKind.Left => PhysicalJoinKind.Left,
            JoinKind.Right => PhysicalJoinKind.Right,
            JoinKind.Full => PhysicalJoinKind.Full,
            _ => PhysicalJoinKind.Inner,
        };
        if (kind is PhysicalJoinKind.Left or PhysicalJoinKind.Full)
            right = MarkPresence(right, rightItems);
        if (kind is PhysicalJoinKind.Right or PhysicalJoinKind.Full)
            left = MarkPresence(left, leftItems);
        ImmutableArray<NamespaceColumn> leftColumns = VisibleColumns(leftItems),
            rightColumns = VisibleColumns(rightItems);
        IReadOnlyList<string> common = join.IsNatural
            ? [.. leftColumns.Select(column => column.Name).Where(name =>
                rightColumns.Any(other => other.Name == name))]
            : join.Using;
        ScalarExpression? condition = null;
        var merged = ImmutableArray.CreateBuilder<NamespaceColumn>();
        if (common.Count > 0)
            condition = Merge(join, kind, common, leftColumns, rightColumns, merged);
        else if (join.On is not null)
            condition = BindOn(join.On, both);
        ImmutableArray<NamespaceColumn> columns =
        [
            .. merged,
            .. leftColumns.Where(column => !common.Contains(column.Name)),
            .. rightColumns.Where(column => !common.Contains(column.Name)),
        ];
        LogicalPlan plan = new LogicalJoin(kind, left, right, condition);
        List<NamespaceItem> items = NameJoin(join, both, columns, merged.ToImmutable(), ref plan);
        if (state.Forms is { } forms)
        {
            forms.From[join] = new JoinForm(join, forms.From[join.Left], forms.From[join.Right], condition, common,
                columns, join.Alias is null ? null : items[0]);
        }
        return (plan, items);
    }

    /// <summary>Gives the items of a side that may be filled with nulls a column that tells whether they are.</summary>
    private LogicalPlan MarkPresence(LogicalPlan side, List<NamespaceItem> items)
    {
        ColumnExpression? marker = null;
        foreach (NamespaceItem item in items)
        {
            if (item.IsJoin || item.IsScalarFunction || item.Presence is not null)
                continue;
            item.Presence = item.RowId ?? (marker ??= state.NewColumn(SqlType.Bool, "present"));
        }
        if (marker is null)
            return side;
        state.Own(marker, scope);
        return new LogicalProject(side, [.. side.Output.Select(static column => new ProjectItem(column, column)),
            new ProjectItem(marker, LiteralReader.Bool(true))]);
    }

    private ScalarExpression BindOn(Expression on, List<NamespaceItem> visible)
    {
        List<NamespaceItem> outside = scope.Items;
        scope.Items = visible;
        ScalarExpression condition = scope.At(ExpressionPlace.JoinOn,
            () => new ExpressionBinder(state, scope).BindCondition(on, "JOIN/ON"));
        scope.Items = outside;
        return condition;
    }

    private List<NamespaceItem> NameJoin(
        JoinedTable join, List<NamespaceItem> both, ImmutableArray<NamespaceColumn> columns,
        ImmutableArray<NamespaceColumn> merged, ref LogicalPlan plan)
    {
        if (join.Alias is { } alias)
        {
            if (alias.Columns.Count > columns.Length)
            {
                throw new SqlException(SqlState.InvalidColumnReference,
                    $"table \"{alias.Name}\" has {columns.Length} columns available but "
                    + $"{alias.Columns.Count} columns specified");
            }
            ImmutableArray<NamespaceColumn> renamed = [.. columns.Select((column, i) =>
                i < alias.Columns.Count ? column with { Name = alias.Columns[i] } : column)];
            if (state.Forms is not null)
                plan = RenewJoin(plan, ref renamed);
            var aliased = new NamespaceItem
            {
                Name = alias.Name, Columns = renamed, IsJoin = true, UnlockableAs = "a join",
            };
            Enter(aliased);
            return [aliased];
        }
        foreach (NamespaceItem item in both)
            item.AreColumnsVisible = false;
        List<NamespaceItem> items =
            [.. both, new NamespaceItem { Columns = columns, IsTableVisible = false, IsJoin = true }];
        if (join.UsingAlias is { } usingAlias)
        {
            if (both.Any(item => item.IsTableVisible && item.Name == usingAlias))
                throw new SqlException(SqlState.DuplicateAlias, $"table name \"{usingAlias}\" specified more than once");
            items.Add(new NamespaceItem
            {
                Name = usingAlias, Columns = merged, AreColumnsVisible = false, IsJoin = true,
            });
        }
        return items;
    }

    /// <summary>What an aliased join shows goes by the alias alone: it gets columns of its own.</summary>
    private LogicalProject RenewJoin(LogicalPlan plan, ref ImmutableArray<NamespaceColumn> columns)
    {
        ImmutableArray<ProjectItem> items = [.. columns.Select(
            column => new ProjectItem(state.NewColumn(column.Value.Type, column.Name), column.Value))];
        columns = [.. columns.Select((column, i) => column with { Value = items[i].Column })];
        return new LogicalProject(plan, items);
    }

    private ScalarExpression Merge(
        JoinedTable join, PhysicalJoinKind kind, IReadOnlyList<string> names,
        ImmutableArray<NamespaceColumn> left, ImmutableArray<NamespaceColumn> right,
        ImmutableArray<NamespaceColumn>.Builder merged)
    {
        var binder = new ExpressionBinder(state, scope);
        var conditions = new List<ScalarExpression>();
        HashSet<string> seen = [];
        foreach (string name in names)
        {
            if (!seen.Add(name))
            {
                throw new SqlException(SqlState.DuplicateColumn,
                    $"column name \"{name}\" appears more than once in USING clause");
            }
            ScalarExpression x = Single(left, name, "left"), y = Single(right, name, "right");
            conditions.Add(binder.BuildOperator(new OperatorName("="), x, y, join.Position));
            uint common = CommonType.Select([x.Type.Oid, y.Type.Oid], [join.Position, join.Position], "JOIN/USING");
            ScalarExpression xs = binder.Coercion.ToCommon(x, common, "JOIN/USING", join.Position);
            ScalarExpression ys = binder.Coercion.ToCommon(y, common, "JOIN/USING", join.Position);
            ScalarExpression value = kind switch
            {
                PhysicalJoinKind.Full => new CoalesceOperation(
                    ExpressionBinder.CommonModifier([xs, ys], common), [xs, ys]),
                PhysicalJoinKind.Right => ys,
                PhysicalJoinKind.Inner when xs is not ColumnExpression && ys is ColumnExpression => ys,
                _ => xs,
            };
            if (state.Forms is { } forms && value is not ColumnExpression)
            {
                ColumnExpression column = state.NewColumn(value.Type, name);
                state.Own(column, scope);
                forms.Merged.Add(column.ColumnId);
                value = column;
            }
            merged.Add(new NamespaceColumn(name, value));
        }
        return conditions.Count == 1
            ? conditions[0]
            : new LogicalOperation(IsAnd: true, new ValueList<ScalarExpression>([.. conditions]));
    }

    private static ScalarExpression Single(ImmutableArray<NamespaceColumn> columns, string name, string side)
    {
        NamespaceColumn[] found = [.. columns.Where(column => column.Name == name)];
        return found.Length switch
        {
            1 => found[0].Value,
            0 => throw new SqlException(SqlState.UndefinedColumn,
                $"column \"{name}\" specified in USING clause does not exist in {side} table"),
            _ => throw new SqlException(SqlState.AmbiguousColumn,
                $"common column name \"{name}\" appears more than once in {side} table"),
        };
    }

    private static ImmutableArray<NamespaceColumn> VisibleColumns(List<NamespaceItem> items) =>
        [.. items.Where(static item => item.AreColumnsVisible).SelectMany(static item => item.Columns)];
}
