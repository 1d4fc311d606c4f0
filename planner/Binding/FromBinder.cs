using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Mining;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Definitions;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Binds FROM: its items become a plan, their names come into scope.</summary>
/// <param name="locking">FOR UPDATE and kin of the query, which also lock the rows that its subqueries and views read.</param>
internal sealed partial class FromBinder(
    BindingState state, QueryScope scope, IReadOnlyList<LockingClause>? locking = null)
{
    private const int ViewNestingMax = 100;

    private readonly NameLookup _names = new(state);

    /// <summary>The plan of all items, joined; null for no items.</summary>
    internal LogicalPlan? Bind(IReadOnlyList<TableReference> items, LogicalPlan? plan = null)
    {
        foreach (TableReference item in items)
        {
            (LogicalPlan bound, List<NamespaceItem> added) = BindItem(item);
            CheckConflicts(scope.Items, added);
            SetLateral(added, isLateralOnly: true, isAllowed: true);
            scope.Items = [.. scope.Items, .. added];
            plan = plan is null ? bound : new LogicalJoin(PhysicalJoinKind.Inner, plan, bound, null);
        }
        SetLateral(scope.Items, isLateralOnly: false, isAllowed: true);
        return plan;
    }

    private (LogicalPlan Plan, List<NamespaceItem> Items) BindItem(TableReference item) => item switch
    {
        NamedTable table => BindTable(table),
        DerivedTable derived => BindDerived(derived),
        FunctionTable { Functions: [{ Call: FunctionCall { Name.Name: HybridSearch.Name } search }] } table => BindHybridSearch(table, search),
        FunctionTable function => BindMadeFunction(function) ?? BindMining(function) ?? BindFunctions(function),
        JoinedTable join => BindJoin(join),
        _ => throw new SqlException(SqlState.FeatureNotSupported, "this FROM item is not supported", item.Position),
    };

    private (LogicalPlan Plan, List<NamespaceItem> Items) BindTable(NamedTable table)
    {
        if (table.Name.Schema is null && scope.FindCommonTable(table.Name.Name) is { } common)
        {
            RefuseSample(table);
            return BindCommonTable(table, common);
        }
        TableEntry entry = _names.Table(table.Name);
        if (entry.Kind == TableKind.View)
        {
            RefuseSample(table);
            return BindView(table, entry);
        }
        (TableAlias? alias, short last) = KnownColumns.Read(entry, table.Alias);
        (LogicalScan scan, NamespaceItem named) = BindScan(entry, alias, last: last);
        var form = new TableForm(entry, alias, named) { IsOnly = table.IsOnly, LastColumn = last };
        if (table.Sample is not { } sample)
        {
            state.Forms?.From[table] = form;
            return (scan, [named]);
        }
        (LogicalPlan sampled, SampleTest test) = TableSampleBinder.Over(scan, sample, state, scope);
        state.Forms?.From[table] = form with { Sample = sample, Percent = test.Percent, Seed = test.Seed };
        return (sampled, [named]);
    }

    private static void RefuseSample(NamedTable table)
    {
        if (table.Sample is not null)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "TABLESAMPLE clause can only be applied to tables and materialized views", table.Position);
        }
    }

    /// <summary>
    /// Reads a table's live columns under an alias, with the system columns that someone may ask for.
    /// </summary>
    internal (LogicalScan Scan, NamespaceItem Item) BindScan(
        TableEntry entry, TableAlias? alias, bool isModified = false, short last = short.MaxValue)
    {
        state.Use(entry, isModified);
        string name = alias?.Name ?? entry.Name;
        var columns = ImmutableArray.CreateBuilder<ScanColumn>();
        var named = ImmutableArray.CreateBuilder<(string, ColumnExpression)>();
        foreach (ColumnEntry column in entry.StoredColumns)
        {
            ColumnExpression reference = state.NewColumn(column.Type, column.Name);
            state.SetOrigin(reference, entry.Oid, column.Number);
            columns.Add(new ScanColumn(column.Number, reference));
            bool isNamed = !column.IsHidden || (column.ShadowOf > 0 && state.Context.FillsDeferred);
            if (isNamed && entry.PlaceOf(column.Number) <= last)
                named.Add((column.Name, reference));
        }
        ColumnExpression tableOid = state.NewColumn(SqlType.OidType, "tableoid");
        columns.Add(new ScanColumn(ScanColumn.TableOid, tableOid));
        ColumnExpression? rowId = entry.Kind == TableKind.Table ? state.NewColumn(SqlType.Int8, "ctid") : null;
        ColumnExpression? version = entry.Kind == TableKind.System && state.Context.SystemViews.HasRowVersions(entry.Oid)
            ? state.NewColumn(new SqlType(TypeOid.Xid), "xmin")
            : null;
        if (version is not null)
            columns.Add(new ScanColumn(ScanColumn.Version, version));
        var item = new NamespaceItem
        {
            Name = name,
            SchemaName = alias is null ? state.SchemaNameOf(entry) : null,
            Columns = Name(named.ToImmutable(), name, alias),
            Table = entry,
            RowId = rowId,
            LocksRows = rowId is not null,
            TableOid = tableOid,
            SystemVersion = version,
        };
        Enter(item);
        state.Own(tableOid, scope, name);
        if ((rowId ?? version) is { } own)
            state.Own(own, scope, name);
        return (new LogicalScan(entry, name, columns.ToImmutable()) { RowId = rowId }, item);
    }

    private (LogicalPlan Plan, List<NamespaceItem> Items) BindView(NamedTable table, TableEntry view)
    {
        if (scope.Depth > ViewNestingMax)
            throw new SqlException(SqlState.StatementTooComplex, "views are nested too deeply", table.Position);
        Statement parsed = SqlParser.Parse(view.ViewSql ?? "")[0];
        if (parsed is not QueryStatement query)
            throw new SqlException(SqlState.InternalError, $"view \"{view.Name}\" is not a query");
        // A view sees nothing of the query that uses it; the scope only counts the nesting.
        // PostgreSQL leaves views of set operations alone, where it refuses such subqueries.
        BoundQuery bound = BindWithPath(view, query.Query, query.Query.Body is SetOperationBody
            ? null
            : LocksOf(table.Alias?.Name ?? view.Name));
        (TableAlias? alias, short last) = KnownColumns.Read(view, table.Alias);
        ImmutableArray<(string, ColumnExpression)> columns = [.. view.LiveColumns.Zip(bound.Columns)
            .Where(pair => pair.First.Number <= last).Select(static pair => (pair.First.Name, pair.Second.Column))];
        (LogicalPlan Plan, List<NamespaceItem> Items) named = Named(bound.Plan, columns, alias,
            alias?.Name ?? view.Name, locksRows: true, locks: bound.Locks);
        state.Forms?.From[table] = new TableForm(view, alias, named.Items[0]) { IsOnly = table.IsOnly, LastColumn = last };
        return named;
    }

    /// <summary>Names in a view mean what they meant where it was made.</summary>
    private BoundQuery BindWithPath(
        TableEntry view, QueryExpression query, IReadOnlyList<LockingClause>? asked)
    {
        PlannerContext outer = state.Context;
        if (!view.ViewSearchPath.IsDefaultOrEmpty)
            state.Context = outer with { SearchPath = view.ViewSearchPath };
        try
        {
            return new QueryBinder(state).BindSubquery(query, new QueryScope(new QueryScope(null)), asked);
        }
        finally
        {
            state.Context = outer;
        }
    }

    private (LogicalPlan Plan, List<NamespaceItem> Items) BindCommonTable(NamedTable table, CommonTableBinding common)
    {
        bool isSelf = common.List.Refer(common, table.Position);
        if (!common.ReturnsRows)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"WITH query \"{common.Name}\" does not have a RETURNING clause", table.Position);
        }
        ImmutableArray<ColumnExpression> columns = common.Source.IsEmpty
            ? [.. common.Columns.Select(column => state.NewColumn(column.Type, column.Name))]
            : [.. common.Columns.Select((column, i) => state.Copy(common.Source[i].Column, column.Name))];
        LogicalPlan plan = isSelf
            ? new LogicalWorkTableScan([.. columns, .. CarryMarks(common)], common.Id)
            : new LogicalCommonScan(columns, common.Id, common.Name);
        (LogicalPlan Plan, List<NamespaceItem> Items) named = Named(plan, [.. columns.Select(column => (column.Name, column))],
            table.Alias, table.Alias?.Name ?? common.Name, unlockable: "a WITH query");
        state.Forms?.From[table] = new CommonReferenceForm(common.Name, table.Alias, named.Items[0]);
        return named;
    }

    /// <summary>The columns of SEARCH and CYCLE, which a reference from inside reads but does not show.</summary>
    private ImmutableArray<ColumnExpression> CarryMarks(CommonTableBinding common)
    {
        scope.HasSelfReference = true;
        if (common.Marks is not { } marks)
            return [];
        common.CarriedMarks = [.. marks.Columns.Select(mark => state.NewColumn(mark.Type, mark.Name))];
        foreach (ColumnExpression column in common.CarriedMarks)
            state.Own(column, scope);
        return common.CarriedMarks;
    }

    private (LogicalPlan Plan, List<NamespaceItem> Items) BindDerived(DerivedTable derived)
    {
        if (derived.Alias is null)
        {
            throw new SqlException(SqlState.SyntaxError, derived.Query.Body is ValuesBody
                    ? "VALUES in FROM must have an alias"
                    : "subquery in FROM must have an alias", derived.Position,
                derived.Query.Body is ValuesBody
                    ? "For example, FROM (VALUES ...) [AS] foo."
                    : "For example, FROM (SELECT ...) [AS] foo.");
        }
        scope.IsLateralActive = derived.IsLateral;
        BoundQuery query = new QueryBinder(state).BindSubquery(derived.Query, scope,
            derived.Query.Body is ValuesBody ? null : LocksOf(derived.Alias.Name));
        scope.IsLateralActive = false;
        (LogicalPlan Plan, List<NamespaceItem> Items) named = Named(
            query.Plan, [.. query.Columns.Select(column => (column.Name, column.Column))],
            derived.Alias, derived.Alias.Name, locksRows: derived.Query.Body is not ValuesBody, locks: query.Locks);
        if (query.Form is { } form)
            state.Forms?.From[derived] = new DerivedForm(form, derived.Alias, named.Items[0], derived.IsLateral);
        return named;
    }

    private (LogicalPlan Plan, List<NamespaceItem> Items)? BindMining(FunctionTable table)
    {
        if (table is not { Functions: [{ Call: FunctionCall { Name.Schema: null } call, ColumnDefinitions.IsEmpty: true }] }
            || MiningArguments.KindOf(call.Name.Name) is not { } kind)
            return null;
        RefuseOrdinality(table, call.Name.Name);
        LogicalMining mining = new MiningBinder(state, scope, kind, call).Bind();
        (LogicalPlan Plan, List<NamespaceItem> Items) named = Named(
            mining, [.. mining.Columns.Select(column => (MiningArguments.ColumnName(kind, column.Part), column.Column))],
            table.Alias, table.Alias?.Name ?? call.Name.Name, unlockable: "a function");
        state.Forms?.From[table] = new FunctionForm(table, [], named.Items[0]);
        return named;
    }

    private static void RefuseOrdinality(FunctionTable table, string function)
    {
        if (table.WithOrdinality)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"WITH ORDINALITY is not supported for {function}", table.Position, "Number the rows by row_number().");
        }
    }

    private (LogicalPlan Plan, List<NamespaceItem> Items) BindHybridSearch(FunctionTable table, FunctionCall search)
    {
        RefuseOrdinality(table, HybridSearch.Name);
        scope.IsLateralActive = true;
        BoundQuery query = new QueryBinder(state).BindSubquery(HybridSearch.Expand(search, _names), scope, null);
        scope.IsLateralActive = false;
        (LogicalPlan Plan, List<NamespaceItem> Items) named = Named(
            query.Plan, [.. query.Columns.Select(column => (column.Name, column.Column))],
            table.Alias, table.Alias?.Name ?? HybridSearch.Name, unlockable: "a function");
        state.Forms?.From[table] = new FunctionForm(table, [], named.Items[0]);
        return named;
    }

    private (LogicalPlan Plan, List<NamespaceItem> Items) Named(
        LogicalPlan plan, ImmutableArray<(string Name, ColumnExpression Column)> columns, TableAlias? alias,
        string name, string? unlockable = null, bool locksRows = false,
        ImmutableArray<LogicalRowLock> locks = default)
    {
        plan = state.Renew(plan, ref columns);
        var item = new NamespaceItem
        {
            Name = name, Columns = Name(columns, name, alias), UnlockableAs = unlockable,
            LocksRows = locksRows, Locks = locks.IsDefault ? [] : locks,
        };
        Enter(item);
        return (plan, [item]);
    }

    /// <summary>A function written in SQL that returns rows: its body stands for it.</summary>
    private (LogicalPlan Plan, List<NamespaceItem> Items)? BindMadeFunction(FunctionTable table)
    {
        if (table is not { Functions: [{ Call: FunctionCall call, ColumnDefinitions.IsEmpty: true }], WithOrdinality: false })
            return null;
        scope.IsLateralActive = true;
        BoundQuery? query = scope.At(ExpressionPlace.FromFunction, () => new ExpressionBinder(state, scope).TryBindRows(call));
        scope.IsLateralActive = false;
        if (query is null)
            return null;
        string name = table.Alias?.Name ?? call.Name.Name;
        bool isScalar = query.Columns.Length == 1;
        // One value: the column goes by the alias, where there is one.
        ImmutableArray<(string, ColumnExpression)> columns =
            [.. query.Columns.Select(column => (isScalar && column.Name == call.Name.Name ? name : column.Name, column.Column))];
        return Named(query.Plan, columns, table.Alias, name, unlockable: "a function");
    }

    private (LogicalPlan Plan, List<NamespaceItem> Items) BindFunctions(FunctionTable table)
    {
        scope.IsLateralActive = true; // functions see what stands before them, LATERAL or not
        var sources = ImmutableArray.CreateBuilder<LogicalFunctionSource>();
        var calls = ImmutableArray.CreateBuilder<ScalarExpression>();
        var columns = ImmutableArray.CreateBuilder<(string, ColumnExpression)>();
        string? name = null;
        bool isScalar = table.Functions.Count == 1 && !table.WithOrdinality;
        foreach (TableFunction function in table.Functions)
        {
            string functionName = function.Call is FunctionCall named ? named.Name.Name : OutputNames.Of(function.Call);
            name ??= functionName;
            foreach (ScalarExpression call in BindCalls(function))
            {
                ImmutableArray<ColumnExpression> made =
                    FunctionColumns(function, call, functionName, table, ref isScalar);
                bool isDefined = !function.ColumnDefinitions.IsEmpty;
                sources.Add(new LogicalFunctionSource(isDefined ? WithDefinitions(call, made) : call, made) { IsDefined = isDefined });
                calls.Add(call);
                columns.AddRange(made.Select(column => (column.Name, column)));
            }
        }
        isScalar &= columns.Count == 1;
        scope.IsLateralActive = false;
        ColumnExpression? ordinality = table.WithOrdinality ? state.NewColumn(SqlType.Int8, "ordinality") : null;
        if (ordinality is not null)
            columns.Add(("ordinality", ordinality));
        name = table.Alias?.Name ?? name ?? "";
        var item = new NamespaceItem
        {
            Name = name,
            Columns = Name(columns.ToImmutable(), name, table.Alias),
            IsScalarFunction = isScalar,
            UnlockableAs = "a function",
        };
        Enter(item);
        state.Forms?.From[table] = new FunctionForm(table, calls.ToImmutable(), item);
        return (new LogicalFunctionScan(sources.ToImmutable(), ordinality), [item]);
    }

    private IEnumerable<ScalarExpression> BindCalls(TableFunction function)
    {
        var binder = new ExpressionBinder(state, scope);
        // unnest(a, b) is unnest(a) and unnest(b) side by side.
        if (function.Call is FunctionCall { Name.Name: "unnest", Arguments.Count: > 1 } unnest)
        {
            return [.. unnest.Arguments.Select(argument => scope.At(ExpressionPlace.FromFunction, () =>
                binder.BindTableFunction(unnest with { Arguments = [argument] })))];
        }
        return [scope.At(ExpressionPlace.FromFunction, () => binder.BindTableFunction(function.Call))];
    }

    /// <summary>Tells the function what columns the query defines: by a row of nulls behind its arguments.</summary>
    private static ScalarExpression WithDefinitions(ScalarExpression call, ImmutableArray<ColumnExpression> columns) => call is CallExpression known
        ? known with
        {
            Arguments = [.. known.Arguments, new RowConstruction(SqlType.Record,
                [.. columns.Select(static column => ConstantExpression.Null(column.Type, BuiltinTypes.PhysicalOf(column.Type.Oid)))],
                [.. columns.Select(static column => column.Name)])],
        }
        : call;

    private ImmutableArray<ColumnExpression> FunctionColumns(
        TableFunction function, ScalarExpression call, string functionName, FunctionTable table, ref bool isScalar)
    {
        if (!function.ColumnDefinitions.IsEmpty)
        {
            if (call.Type.Oid != TypeOid.Record || state.ShapeOf(call) is not null)
            {
                throw new SqlException(SqlState.SyntaxError,
                    "a column definition list is only allowed for functions returning \"record\"", function.Position);
            }
            isScalar = false;
            return [.. function.ColumnDefinitions.Select(column =>
                state.NewColumn(TypeResolver.Resolve(column.Type, state.Context), column.Name))];
        }
        if (state.ShapeOf(call) is { } shape)
        {
            isScalar = false;
            return [.. shape.Names.Select((column, i) => state.NewColumn(shape.Types[i], column))];
        }
        if (call is CallExpression { Type.Oid: TypeOid.Record })
        {
            throw new SqlException(SqlState.SyntaxError,
                "a column definition list is required for functions returning \"record\"", function.Call.Position);
        }
        // One value: the column goes by the alias, where there is one.
        string name = call is CallExpression { Function.ResultName: { Length: > 0 } given } ? given
            : table.Alias is { } alias && table.Functions.Count == 1 ? alias.Name : functionName;
        ColumnExpression value = state.NewColumn(call.Type, name);
        state.SetModel(value, state.ModelOf(call));
        return [value];
    }

    /// <summary>Names columns by the alias's list as far as it goes.</summary>
    private static ImmutableArray<NamespaceColumn> Name(
        ImmutableArray<(string Name, ColumnExpression Column)> columns, string table, TableAlias? alias)
    {
        int given = alias?.Columns.Count ?? 0;
        if (given > columns.Length)
        {
            throw new SqlException(SqlState.InvalidColumnReference,
                $"table \"{table}\" has {columns.Length} columns available but {given} columns specified");
        }
        return [.. columns.Select((column, i) => new NamespaceColumn(
            alias is not null && i < given ? alias.Columns[i] : column.Name, column.Column))];
    }

    /// <summary>The locks that the query asks of an item that is itself a query.</summary>
    private LockingClause[]? LocksOf(string name)
    {
        LockingClause[] asked = [.. (locking ?? [])
            .Where(clause => clause.Tables.IsEmpty || clause.Tables.Any(table => table.Name == name))
            .Select(static clause => clause with { Tables = [] })];
        return asked.Length == 0 ? null : asked;
    }

    private void Enter(NamespaceItem item)
    {
        scope.AllItems.Add(item);
        for (int i = 0; i < item.Columns.Length; i++)
        {
            if (item.Columns[i].Value is not ColumnExpression reference)
                continue;
            state.Own(reference, scope, item.Name);
            state.Forms?.Columns[reference.ColumnId] = (item, i);
        }
    }

    private static void SetLateral(IEnumerable<NamespaceItem> items, bool isLateralOnly, bool isAllowed)
    {
        foreach (NamespaceItem item in items)
        {
            item.IsLateralOnly = isLateralOnly;
            item.IsLateralAllowed = isAllowed;
        }
    }

    private static void CheckConflicts(IEnumerable<NamespaceItem> before, List<NamespaceItem> added)
    {
        foreach (NamespaceItem item in added)
        {
            if (item is not { IsTableVisible: true, Name: { } name })
                continue;
            // Two tables of one name in different schemas do not collide.
            bool collides = before.Any(other => other.IsTableVisible && other.Name == name
                && !(other.SchemaName is not null && item.SchemaName is not null
                    && other.SchemaName != item.SchemaName));
            if (collides)
            {
                throw new SqlException(SqlState.DuplicateAlias,
                    $"table name \"{name}\" specified more than once");
            }
        }
    }
}
