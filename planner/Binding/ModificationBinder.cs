using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Views;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds INSERT, UPDATE, DELETE and MERGE.</summary>
internal static class ModificationBinder
{
    /// <summary>A data change under its WITH list.</summary>
    /// <param name="isTop">Not itself a member of WITH, so that its list may have data changes.</param>
    internal static (LogicalPlan Plan, ImmutableArray<OutputColumn> Columns) Bind(
        BindingState state, Statement statement, QueryScope? outer, bool isTop)
    {
        if (statement is MergeStatement && !isTop)
            throw new SqlException(SqlState.FeatureNotSupported, "MERGE not supported in WITH query", statement.Position);
        if (WithOf(statement) is not { } with)
            return BindChange(state, statement, outer);
        if (statement is MergeStatement && with.IsRecursive)
            throw new SqlException(SqlState.SyntaxError, "WITH RECURSIVE is not supported for MERGE statement", with.Position);
        var scope = new QueryScope(outer);
        ImmutableArray<LogicalCommonTable> tables = new CommonTableBinder(state, with, scope, isTop).Bind();
        (LogicalModification plan, ImmutableArray<OutputColumn> columns) = BindChange(state, statement, scope);
        return (new LogicalWith(tables, plan), columns);
    }

    private static (LogicalModification Plan, ImmutableArray<OutputColumn> Columns) BindChange(
        BindingState state, Statement statement, QueryScope? outer) => statement switch
        {
            InsertStatement insert => new InsertBinder(state, insert, outer).Bind(),
            UpdateStatement update => new UpdateBinder(state, update, outer).Bind(),
            DeleteStatement delete => BindDelete(state, delete, outer),
            MergeStatement merge => new MergeBinder(state, merge, outer).Bind(),
            _ => throw new SqlException(SqlState.FeatureNotSupported, "this statement is not supported in WITH"),
        };

    private static WithClause? WithOf(Statement statement) => statement switch
    {
        InsertStatement insert => insert.With,
        UpdateStatement update => update.With,
        DeleteStatement delete => delete.With,
        MergeStatement merge => merge.With,
        _ => null,
    };

    private static (LogicalModification Plan, ImmutableArray<OutputColumn> Columns) BindDelete(
        BindingState state, DeleteStatement delete, QueryScope? outer)
    {
        var scope = new QueryScope(outer);
        (TableEntry table, TargetView? view) = Target(state, delete.Table, ViewChange.Delete);
        var from = new FromBinder(state, scope);
        (LogicalPlan rows, LogicalScan _, NamespaceItem item, NamespaceItem shown) = BindRows(from, table, view, delete.Alias);
        scope.Items.Add(shown);
        // The target is not among what LATERAL items of USING may refer to.
        (shown.IsLateralOnly, shown.IsLateralAllowed) = (true, false);
        LogicalPlan input = from.Bind(delete.Using, rows) ?? rows;
        (shown.IsLateralOnly, shown.IsLateralAllowed) = (false, true);
        var binder = new ExpressionBinder(state, scope);
        if (delete.Where is { } where)
        {
            input = new LogicalFilter(input,
                scope.At(ExpressionPlace.Where, () => binder.BindCondition(where, "WHERE")));
        }
        (ImmutableArray<ProjectItem> returning, ImmutableArray<OutputColumn> columns) =
            BindReturning(state, scope, delete.Returning);
        ColumnExpression rowId = item.RowId ?? throw new InvariantException("a table without row ids");
        return (new LogicalDelete(table, input, rowId) { Returning = returning }, columns);
    }

    private static TableAlias? AliasOf(string? name) => name is null ? null : new TableAlias(name, []);

    /// <summary>The rows that a statement may change: the table's, or those of them that the view shows.</summary>
    /// <returns>With the table's item that which the statement sees, which may be a view's.</returns>
    internal static (LogicalPlan Rows, LogicalScan Scan, NamespaceItem Item, NamespaceItem Shown) BindRows(
        FromBinder from, TableEntry table, TargetView? view, string? alias)
    {
        (LogicalScan scan, NamespaceItem item) = from.BindScan(table, view is null ? AliasOf(alias) : null, isModified: true);
        if (view is null)
            return (scan, scan, item, item);
        LogicalPlan rows = view.Condition(item) is { } condition ? new LogicalFilter(scan, condition) : scan;
        return (rows, scan, item, view.Over(item, alias ?? view.View.Name));
    }

    /// <summary>The table that a statement changes, and the view through which it does.</summary>
    internal static (TableEntry Table, TargetView? View) Target(BindingState state, QualifiedName name, ViewChange change)
    {
        TableEntry table = new NameLookup(state).Table(name);
        TargetView? view = null;
        if (table.Kind == TableKind.View)
        {
            view = TargetView.Resolve(state, table, change);
            table = view.Table;
        }
        if (state.Context.Catalog.Find(table.Oid) is SequenceEntry)
            throw new SqlException(SqlState.WrongObjectType, $"cannot change sequence \"{table.Name}\"");
        if (table.Kind == TableKind.System)
        {
            throw new SqlException(SqlState.InsufficientPrivilege,
                $"permission denied: \"{table.Name}\" is a system catalog");
        }
        state.Use(table, isModified: true);
        return (table, view);
    }

    internal static (ImmutableArray<ProjectItem> Items, ImmutableArray<OutputColumn> Columns) BindReturning(
        BindingState state, QueryScope scope, IReadOnlyList<SelectItem> returning)
    {
        var items = ImmutableArray.CreateBuilder<ProjectItem>();
        var columns = ImmutableArray.CreateBuilder<OutputColumn>();
        var binder = new ExpressionBinder(state, scope);
        scope.Place = ExpressionPlace.Returning;
        foreach (SelectItem item in returning)
        {
            switch (item.Expression)
            {
                case StarExpression star:
                    foreach (NamespaceColumn column in binder.ExpandStar(star))
                        Add(column.Name, column.Value);
                    break;
                case FieldExpression { Field: "*" } field:
                    foreach (NamespaceColumn column in binder.ExpandFields(field))
                        Add(column.Name, column.Value);
                    break;
                default:
                    Add(item.Alias ?? OutputNames.Of(item.Expression), binder.BindSettled(item.Expression));
                    break;
            }
        }
        return (items.ToImmutable(), columns.ToImmutable());

        void Add(string name, ScalarExpression value)
        {
            ColumnExpression column = value is ColumnExpression same
                ? state.Copy(same, name)
                : state.NewColumn(value.Type, name);
            state.Stand(column, value);
            items.Add(new ProjectItem(column, value));
            columns.Add(new OutputColumn(name, column));
        }
    }
}
