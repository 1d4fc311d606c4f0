using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Views;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds INSERT: every live column gets a value, converted to its type.</summary>
internal sealed class InsertBinder
{
    private readonly BindingState _state;
    private readonly InsertStatement _insert;
    private readonly QueryScope _scope;
    private readonly TableEntry _table;
    private readonly TargetView? _view;
    private readonly TableExpressions _expressions;
    private readonly ExpressionBinder _binder;

    private const int NotStored = -1; // a column that the view computes

    internal InsertBinder(BindingState state, InsertStatement insert, QueryScope? outer)
    {
        (_state, _insert) = (state, insert);
        _scope = new QueryScope(outer);
        (_table, _view) = ModificationBinder.Target(state, insert.Table, ViewChange.Insert);
        _expressions = new TableExpressions(state, _table, _view);
        _binder = new ExpressionBinder(state, _scope);
    }

    /// <summary>For a row of MERGE, whose values are over what the scope has.</summary>
    internal InsertBinder(BindingState state, InsertStatement insert, TableEntry table, TableExpressions expressions, QueryScope scope)
    {
        (_state, _insert, _table, _expressions, _scope) = (state, insert, table, expressions, scope);
        _binder = new ExpressionBinder(state, scope);
    }

    /// <summary>The values of every live column, which VALUES or DEFAULT VALUES gives.</summary>
    internal ImmutableArray<ScalarExpression> BindRow()
    {
        int[] targets = Targets();
        ScalarExpression?[] given = _insert.Source is { Body: ValuesBody { Rows: [var row] } }
            ? BindRow(row, targets)
            : new ScalarExpression?[_expressions.Live.Length];
        return [.. given.Select((value, i) => value ?? _expressions.Default(_expressions.Live[i]))];
    }

    internal (LogicalModification Plan, ImmutableArray<OutputColumn> Columns) Bind()
    {
        int[] targets = Targets();
        SetInput source = _insert.Source switch
        {
            null => Rows([[.. _expressions.Live.Select(_expressions.Default)]]),
            { Body: ValuesBody values, OrderBy.IsEmpty: true, Limit: null, Offset: null, With: null } =>
                FromValues(values, targets),
            { } query => FromQuery(query, targets),
        };
        string name = _insert.Alias ?? _view?.View.Name ?? _table.Name;
        ImmutableArray<ColumnExpression> row = _expressions.NewRow(_scope, name);
        LogicalConflict? conflict = _insert.OnConflict is { } clause
            ? new ConflictBinder(_state, _table, _expressions, name, _scope.Parent).Bind(clause)
            : null;
        ColumnExpression rowId = _state.NewColumn(SqlType.Int8, "ctid");
        _state.Own(rowId, _scope, name);
        NamespaceItem item = _expressions.ItemOver(row, name, rowId: rowId);
        _scope.Items.Add(item);
        _scope.AllItems.Add(item);
        (ImmutableArray<ProjectItem> returning, ImmutableArray<OutputColumn> columns) =
            ModificationBinder.BindReturning(_state, _scope, _insert.Returning);
        var plan = new LogicalInsert(_table, source, row)
        {
            RowId = returning.IsEmpty ? null : rowId,
            Generated = _expressions.Generated(row),
            Checks = _expressions.Checks(row),
            OnConflict = conflict,
            Returning = returning,
        };
        return (plan, columns);
    }

    /// <summary>Positions of the columns named, or of all.</summary>
    private int[] Targets()
    {
        if (_insert.Columns.IsEmpty && _view is { } view)
            return [.. view.View.LiveColumns.Select(column => view.TryFind(column.Name) is null ? NotStored : _expressions.Find(column.Name, 0))];
        if (_insert.Columns.IsEmpty)
            return [.. Enumerable.Range(0, _expressions.Live.Length).Where(i => !_expressions.Live[i].IsHidden)];
        var targets = new List<int>();
        HashSet<int> whole = [];
        foreach (TargetColumn column in _insert.Columns)
        {
            int position = _expressions.Find(column.Name, column.Position);
            // Parts of one column may be given one by one, but not beside the whole.
            bool isGiven = column.Subscripts.IsEmpty
                ? !whole.Add(position) || targets.Contains(position)
                : whole.Contains(position);
            if (isGiven)
            {
                throw new SqlException(SqlState.DuplicateColumn,
                    $"column \"{column.Name}\" specified more than once", column.Position);
            }
            targets.Add(position);
        }
        return [.. targets];
    }

    private SetInput FromValues(ValuesBody values, int[] targets)
    {
        int width = values.Rows[0].Count;
        List<ImmutableArray<ScalarExpression>> rows = [];
        ScalarExpression[] defaults = new ScalarExpression[_expressions.Live.Length];
        foreach (IReadOnlyList<Expression> row in values.Rows)
        {
            if (row.Count != width)
            {
                throw new SqlException(SqlState.SyntaxError,
                    "VALUES lists must all be the same length", ExpressionBinder.Start(row[0]));
            }
            rows.Add([.. BindRow(row, targets).Select((value, i) =>
                value ?? (defaults[i] ??= _expressions.Default(_expressions.Live[i])))]);
        }
        bool hasSets = _scope.SetCalls.Count > 0;
        return hasSets && rows.Count == 1 ? WithSets(rows[0]) : Rows(rows);
    }

    /// <summary>The value of each column; null for those that take their default.</summary>
    private ScalarExpression?[] BindRow(IReadOnlyList<Expression> row, int[] targets)
    {
        CheckCount(row.Count, targets, index => ExpressionBinder.Start(row[index]));
        // The whole row before any conversion: a parameter used twice must fit both of its columns.
        ScalarExpression?[] given = [.. row.Select((syntax, i) => Given(syntax, _expressions.Live[targets[i]]))];
        var bound = new ScalarExpression?[_expressions.Live.Length];
        for (int i = 0; i < given.Length; i++)
        {
            int position = ExpressionBinder.Start(row[i]);
            if (given[i] is { } value)
                bound[targets[i]] = Assign(i, targets[i], value, bound[targets[i]], position);
            else if (PartOf(i) is not null)
                throw TableExpressions.PartIsDefault(position);
        }
        return bound;
    }

    /// <summary>The value given; null where the column's default is taken.</summary>
    private ScalarExpression? Given(Expression syntax, ColumnEntry column) =>
        syntax is DefaultExpression || TakesDefaultAnyway(column)
            ? null
            : _scope.At(ExpressionPlace.Insert, () => _binder.Bind(syntax));

    /// <summary>VALUES (f(x)) whose f returns a set inserts a row for each.</summary>
    private SetInput WithSets(ImmutableArray<ScalarExpression> row)
    {
        LogicalPlan plan = LogicalValues.OneRow;
        foreach (List<ProjectItem> level in _scope.SetCalls)
            plan = new LogicalProjectSet(plan, [.. level]);
        return Project(plan, row);
    }

    private SetInput FromQuery(QueryExpression query, int[] targets)
    {
        QueryBuilder builder = new QueryBinder(_state).Build(query, _scope, isTop: false);
        CheckCount(builder.ColumnCount, targets, builder.ColumnPosition);
        for (int i = 0; i < builder.ColumnCount; i++)
        {
            ColumnEntry column = _expressions.Live[targets[i]];
            if (builder.ColumnType(i).Oid == TypeOid.Unknown && PartOf(i) is null)
                builder.Resolve(i, new SqlType(column.Type.Oid));
        }
        int[] positions = [.. Enumerable.Range(0, builder.ColumnCount).Select(builder.ColumnPosition)];
        BoundQuery bound = builder.Finish();
        var values = new ScalarExpression?[_expressions.Live.Length];
        for (int i = 0; i < bound.Columns.Length; i++)
        {
            ColumnEntry column = _expressions.Live[targets[i]];
            if (!TakesDefaultAnyway(column))
            {
                values[targets[i]] =
                    Assign(i, targets[i], bound.Columns[i].Column, values[targets[i]], positions[i]);
            }
        }
        return Project(bound.Plan,
            [.. values.Select((value, i) => value ?? _expressions.Default(_expressions.Live[i]))]);
    }

    /// <summary>The column list's item where it names a part of a column.</summary>
    private TargetColumn? PartOf(int item) =>
        !_insert.Columns.IsEmpty && !_insert.Columns[item].Subscripts.IsEmpty ? _insert.Columns[item] : null;

    /// <param name="before">The column with the parts that were given before.</param>
    private ScalarExpression Assign(
        int item, int target, ScalarExpression value, ScalarExpression? before, int position)
    {
        ColumnEntry column = _expressions.Live[target];
        return PartOf(item) is { } part
            ? _binder.AssignPart(before ?? Coercion.Null(column.Type), part, value, position)
            : TableExpressions.Assign(_binder, value, column, position);
    }

    private void CheckCount(int given, int[] targets, Func<int, int> positionOf)
    {
        int wanted = targets.Length, computed = Array.IndexOf(targets, NotStored);
        if (_view is { } view && computed >= 0 && computed < given)
            view.Find(view.View.LiveColumns.ElementAt(computed).Name, positionOf(computed));
        if (given > wanted)
            throw new SqlException(SqlState.SyntaxError, "INSERT has more expressions than target columns",
                positionOf(wanted));
        if (given < wanted && !_insert.Columns.IsEmpty)
        {
            throw new SqlException(SqlState.SyntaxError,
                "INSERT has more target columns than expressions", _insert.Columns[given].Position);
        }
    }

    /// <summary>Whether the column's own value replaces the one given (OVERRIDING USER VALUE).</summary>
    /// <exception cref="SqlException">428C9: only DEFAULT may be given.</exception>
    private bool TakesDefaultAnyway(ColumnEntry column)
    {
        if (column.IsGenerated)
        {
            throw new SqlException(SqlState.GeneratedAlways,
                $"cannot insert a non-DEFAULT value into column \"{column.Name}\"")
            {
                Detail = $"Column \"{column.Name}\" is a generated column.",
            };
        }
        if (column.Identity == IdentityKind.None)
            return false;
        if (_insert.OverridingSystem == false)
            return true;
        if (column.Identity == IdentityKind.Always && _insert.OverridingSystem is null)
        {
            throw new SqlException(SqlState.GeneratedAlways,
                $"cannot insert a non-DEFAULT value into column \"{column.Name}\"", hint:
                "Use OVERRIDING SYSTEM VALUE to override.")
            {
                Detail = $"Column \"{column.Name}\" is an identity column defined as GENERATED ALWAYS.",
            };
        }
        return false;
    }

    private SetInput Rows(IReadOnlyList<ImmutableArray<ScalarExpression>> rows)
    {
        ImmutableArray<ColumnExpression> columns =
            [.. _expressions.Live.Select(column => _state.NewColumn(column.Type, column.Name))];
        return new SetInput(new LogicalValues(columns, [.. rows]), columns);
    }

    private SetInput Project(LogicalPlan plan, ImmutableArray<ScalarExpression> values)
    {
        ImmutableArray<ProjectItem> items = [.. values.Select((value, i) =>
            new ProjectItem(_state.NewColumn(_expressions.Live[i].Type, _expressions.Live[i].Name), value))];
        return new SetInput(new LogicalProject(plan, items), [.. items.Select(item => item.Column)]);
    }
}
