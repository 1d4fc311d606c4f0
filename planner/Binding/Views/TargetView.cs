using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding.Views;

/// <summary>A simple view that a statement changes: each of its rows is a row of one table, which is changed in its place.</summary>
/// <remarks>
/// The statement sees the view's columns, which are expressions over the table's; the views' conditions restrict what it finds; and
/// what it assigns goes to the columns that the view's are.
/// Source: PostgreSQL's manual, "Updatable Views".
/// </remarks>
internal sealed class TargetView
{
    private readonly BindingState _state;
    private readonly ViewChange _change;
    private readonly List<ViewLayer> _layers = []; // the one that the statement names first

    private TargetView(BindingState state, ViewChange change) => (_state, _change) = (state, change);

    /// <summary>The view that the statement names.</summary>
    internal TableEntry View => _layers[0].View;

    /// <summary>The table that its rows are of.</summary>
    internal TableEntry Table => _layers[^1].Relation;

    /// <exception cref="SqlException">55000: the view, or one below it, is not simple.</exception>
    internal static TargetView Resolve(BindingState state, TableEntry view, ViewChange change)
    {
        var target = new TargetView(state, change);
        TableEntry relation = view;
        while (relation.Kind == TableKind.View)
        {
            if (target.Add(relation) is { } problem)
                throw NotUpdatable(relation, change, problem);
            relation = target.Table;
        }
        if (target.FindCalls() is var (layer, reason))
            throw NotUpdatable(layer, change, reason);
        ViewLayer? computed = target._layers.Find(static below => !below.Columns.Any(static column => column is not null));
        if (computed is not null && change != ViewChange.Delete)
            throw NotUpdatable(computed.View, change, "Views that have no updatable columns are not automatically updatable.");
        return target;
    }

    /// <summary>Which columns of the view may be assigned to; all false with the reason where none may, since it is not simple.</summary>
    internal static (string? Problem, ImmutableArray<bool> Columns) Describe(BindingState state, TableEntry view)
    {
        var target = new TargetView(state, ViewChange.Update);
        TableEntry relation = view;
        while (relation.Kind == TableKind.View)
        {
            if (target.Add(relation) is { } problem)
                return (problem, [.. view.LiveColumns.Select(static _ => false)]);
            relation = target.Table;
        }
        if (target.FindCalls() is var (_, reason))
            return (reason, [.. view.LiveColumns.Select(static _ => false)]);
        bool isStored = relation.Kind == TableKind.Table;
        return (isStored ? null : ViewLayer.NotSingle,
            [.. view.LiveColumns.Select(column => isStored && target.TryFind(column.Name) is not null)]);
    }

    /// <summary>The table's item as the statement sees it: the view's columns, as expressions over the table's.</summary>
    internal NamespaceItem Over(NamespaceItem source, string name)
    {
        for (int i = _layers.Count - 1; i >= 0; i--)
            source = Project(_layers[i], source, i == 0 ? name : _layers[i].View.Name, out _);
        return source;
    }

    /// <summary>What rows of the table must meet to be rows of the view, over the table's item; null for nothing.</summary>
    internal ScalarExpression? Condition(NamespaceItem source)
    {
        ScalarExpression? condition = null;
        for (int i = _layers.Count - 1; i >= 0; i--)
        {
            if (Where(_layers[i], source) is { } where)
                condition = condition is null ? where : new LogicalOperation(IsAnd: true, [condition, where]);
            source = Project(_layers[i], source, _layers[i].View.Name, out _);
        }
        return condition;
    }

    /// <summary>What WITH CHECK OPTION asks of new rows, over the table's item; the lowest view's first.</summary>
    internal ImmutableArray<RowCheck> Checks(NamespaceItem source)
    {
        bool isCascaded = false;
        var isChecked = new bool[_layers.Count];
        for (int i = 0; i < isChecked.Length; i++)
        {
            isChecked[i] = isCascaded || _layers[i].CheckOption is not null;
            isCascaded |= _layers[i].CheckOption == "cascaded";
        }
        return Checks(source, i => isChecked[i]);
    }

    /// <summary>What a row must meet to be seen through the view, over the table's item; the lowest view's first.</summary>
    internal ImmutableArray<RowCheck> Visibility(NamespaceItem source) => Checks(source, static _ => true);

    private ImmutableArray<RowCheck> Checks(NamespaceItem source, Func<int, bool> isChecked)
    {
        var checks = ImmutableArray.CreateBuilder<RowCheck>();
        for (int i = _layers.Count - 1; i >= 0; i--)
        {
            if (isChecked(i) && Where(_layers[i], source) is { } where)
                checks.Add(new RowCheck(_layers[i].View.Name, new BooleanTest(where, true, IsNegated: false)) { IsOfView = true });
            source = Project(_layers[i], source, _layers[i].View.Name, out _);
        }
        return checks.ToImmutable();
    }

    /// <summary>The table's column that a column of the view is; null for what a view computes, or where it has none of the name.</summary>
    internal string? TryFind(string column)
    {
        string? name = column;
        foreach (ViewLayer layer in _layers)
        {
            int at = PositionOf(layer.View, name);
            name = at >= 0 && at < layer.Columns.Length ? layer.Columns[at] : null;
            if (name is null)
                return null;
        }
        return name;
    }

    /// <summary>The table's column that a column of the view is.</summary>
    /// <exception cref="SqlException">42703: the view has none of the name. 0A000: a view computes it.</exception>
    internal string Find(string column, int position)
    {
        if (PositionOf(View, column) < 0)
        {
            throw new SqlException(SqlState.UndefinedColumn,
                $"column \"{column}\" of relation \"{View.Name}\" does not exist", position);
        }
        string name = column;
        foreach (ViewLayer layer in _layers)
        {
            int at = PositionOf(layer.View, name);
            if (at < 0 || at >= layer.Columns.Length || layer.Columns[at] is not { } next)
                throw NotAssignable(layer.View, name);
            name = next;
        }
        return name;
    }

    /// <summary>The default that a view has for a column of the table; null where none has.</summary>
    internal string? DefaultOf(string tableColumn)
    {
        foreach (ColumnEntry column in View.LiveColumns)
        {
            if (column.DefaultSql is { } sql && TryFind(column.Name) == tableColumn)
                return sql;
        }
        return null;
    }

    /// <summary>Adds a view below those that are there.</summary>
    /// <returns>Why it is not simple; null where it is.</returns>
    private string? Add(TableEntry view)
    {
        if (ViewLayer.QueryOf(view) is not { Body: SelectBody body } query || ViewLayer.ProblemOf(query) is not null)
            return ViewLayer.QueryOf(view) is { } other ? ViewLayer.ProblemOf(other) : ViewLayer.NotSingle;
        var from = (NamedTable)body.From[0];
        TableEntry relation = Within(view, () => new NameLookup(_state).Table(from.Name));
        if (relation.Kind == TableKind.System)
            return ViewLayer.NotSingle;
        _layers.Add(new ViewLayer(view, body, from, relation, ViewLayer.ColumnsOf(body, from, relation)));
        return null;
    }

    /// <summary>Calls in a select list that make its rows others than the table's.</summary>
    private (TableEntry View, string Problem)? FindCalls()
    {
        if (Table.Kind != TableKind.Table)
            return null;
        var expressions = new TableExpressions(_state, Table);
        var owner = new QueryScope(null); // aggregates of the table's columns are counted to it
        NamespaceItem source = expressions.ItemOver(expressions.NewRow(owner, Table.Name), Table.Name);
        for (int i = _layers.Count - 1; i >= 0; i--)
        {
            source = Project(_layers[i], source, _layers[i].View.Name, out QueryScope scope);
            string? kind = scope.Aggregates.Count + owner.Aggregates.Count > 0 ? "aggregate"
                : scope.Windows.Count + owner.Windows.Count > 0 ? "window"
                : scope.SetCalls.Count > 0 ? "set-returning" : null;
            if (kind is not null)
                return (_layers[i].View, $"Views that return {kind} functions are not automatically updatable.");
        }
        return null;
    }

    private NamespaceItem Project(ViewLayer layer, NamespaceItem source, string name, out QueryScope used)
    {
        QueryScope scope = used = ScopeOver(layer, source);
        var columns = ImmutableArray.CreateBuilder<NamespaceColumn>();
        Within(layer.View, () =>
        {
            var binder = new ExpressionBinder(_state, scope);
            foreach (SelectItem item in layer.Body.Items)
            {
                if (item.Expression is StarExpression star)
                    columns.AddRange(binder.ExpandStar(star));
                else if (item.Expression is FieldExpression { Field: "*" } field)
                    columns.AddRange(binder.ExpandFields(field));
                else if (scope.Items[0].RowId is null && SystemColumnType(item.Expression) is { } system)
                    columns.Add(new NamespaceColumn("", Coercion.Null(system))); // a row that is not stored yet has none
                else
                    columns.Add(new NamespaceColumn("", binder.BindSettled(item.Expression)));
            }
            return true;
        });
        return new NamespaceItem
        {
            Name = name,
            Columns = [.. layer.View.LiveColumns.Zip(columns, (column, value) => value with { Name = column.Name })],
        };
    }

    private static SqlType? SystemColumnType(Expression expression) => expression is not ColumnReference column ? null
        : column.Name.Name switch
        {
            "ctid" => new SqlType(TypeOid.Tid),
            "tableoid" => SqlType.OidType,
            "xmin" or "xmax" => new SqlType(TypeOid.Xid),
            "cmin" or "cmax" => new SqlType(TypeOid.Cid),
            _ => null,
        };

    private ScalarExpression? Where(ViewLayer layer, NamespaceItem source) => layer.Body.Where is not { } where
        ? null
        : Within(layer.View, () =>
        {
            QueryScope scope = ScopeOver(layer, source);
            scope.Place = ExpressionPlace.Where;
            return new ExpressionBinder(_state, scope).BindCondition(where, "WHERE");
        });

    private static QueryScope ScopeOver(ViewLayer layer, NamespaceItem source)
    {
        var item = new NamespaceItem
        {
            Name = layer.From.Alias?.Name ?? layer.Relation.Name,
            Columns =
            [
                .. layer.Relation.LiveColumns.Zip(source.Columns).Select((pair, i) =>
                    pair.Second with { Name = ViewLayer.NameOf(layer.From.Alias, pair.First, i) }),
            ],
            Table = source.Table,
            RowId = source.RowId,
            TableOid = source.TableOid,
            SystemVersion = source.SystemVersion,
        };
        var scope = new QueryScope(null);
        scope.Items.Add(item);
        scope.AllItems.Add(item);
        return scope;
    }

    /// <summary>Names in a view mean what they meant where it was made.</summary>
    private T Within<T>(TableEntry view, Func<T> bind)
    {
        PlannerContext outer = _state.Context;
        if (!view.ViewSearchPath.IsDefaultOrEmpty)
            _state.Context = outer with { SearchPath = view.ViewSearchPath };
        try
        {
            return bind();
        }
        finally
        {
            _state.Context = outer;
        }
    }

    private static int PositionOf(TableEntry view, string column)
    {
        int at = 0;
        foreach (ColumnEntry entry in view.LiveColumns)
        {
            if (entry.Name == column)
                return at;
            at++;
        }
        return -1;
    }

    private SqlException NotAssignable(TableEntry view, string column) => new(SqlState.FeatureNotSupported,
        $"cannot {(_change == ViewChange.Insert ? "insert into" : "update")} column \"{column}\" of view \"{view.Name}\"")
    {
        Detail = "View columns that are not columns of their base relation are not updatable.",
    };

    private static SqlException NotUpdatable(TableEntry view, ViewChange change, string detail)
    {
        (string verb, string doing, string rule) = change switch
        {
            ViewChange.Insert => ("insert into", "inserting into", "INSERT"),
            ViewChange.Update => ("update", "updating", "UPDATE"),
            _ => ("delete from", "deleting from", "DELETE"),
        };
        return new SqlException(SqlState.ObjectNotInPrerequisiteState, $"cannot {verb} view \"{view.Name}\"",
            hint: $"To enable {doing} the view, provide an INSTEAD OF {rule} trigger or an unconditional ON {rule} DO INSTEAD rule.")
        {
            Detail = detail,
        };
    }
}
