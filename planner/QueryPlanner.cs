using System.Collections.Immutable;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Binding.Views;
using VecSQL.Planner.Distribution;
using VecSQL.Planner.Explain;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;
using VecSQL.Planner.Rules;

namespace VecSQL.Planner;

/// <summary>
/// What planning depends on beside the statement: all of it values, so that a plan is a function of its inputs.
/// </summary>
public sealed record PlannerContext
{
    public required CatalogSnapshot Catalog { get; init; }

    /// <summary>Schemas searched for unqualified names, pg_catalog first where the user did not place it.</summary>
    public ImmutableArray<string> SearchPath { get; init; } = ["pg_catalog", "public"];

    /// <summary>The schema that pg_temp stands for.</summary>
    public string TemporarySchema { get; init; } = "pg_temp";

    public string CurrentUser { get; init; } = "vecsql";

    public string CurrentDatabase { get; init; } = "vecsql";

    /// <summary>
    /// Types of parameters that the client declared; Oid 0 (or a missing entry) leaves one to inference.
    /// </summary>
    public ImmutableArray<SqlType> ParameterTypes { get; init; } = [];

    /// <summary>Computes constant expressions at plan time.</summary>
    public required IConstantEvaluator Evaluator { get; init; }

    /// <summary>How many rows a table has, about; for costs.</summary>
    public ITableStatistics Statistics { get; init; } = NoStatistics.Instance;

    /// <summary>System views by schema and name (pg_class …): they live in no catalog snapshot.</summary>
    public required ISystemViews SystemViews { get; init; }

    /// <summary>Session settings that change plans (enable_hashjoin, vecsql.exact …), by lower-case name.</summary>
    public Func<string, string?> Setting { get; init; } = static _ => null;

    /// <summary>What is to be noted of the literals that the plan leaves open; null to make them part of it.</summary>
    public OpenLiterals? Literals { get; init; }

    /// <summary>The statement may assign to columns whose values come behind the statements that leave them NULL.</summary>
    public bool FillsDeferred { get; init; }

    /// <summary>What the statement's hints say of its tables.</summary>
    public ScanHints ScanHints { get; init; } = ScanHints.None;

    /// <summary>Shards may be elsewhere: plans are cut into what runs there and what runs here.</summary>
    public bool CutsPlans { get; init; }

    /// <summary>How many bytes of rows may go along with a part of a plan to each of its shards; 0 for none.</summary>
    public long BroadcastBytesMax { get; init; }

    /// <summary>How text becomes values: needed to read unknown literals as dates and the like.</summary>
    public FormatContext Format { get; init; } = FormatContext.Default;

    /// <summary>Whether a table may be read by an index, given the name that the query has for the table.</summary>
    internal bool MayUse(string relation, IndexEntry index) =>
        ScanHints.For(relation) is { } hint ? hint.Allows(index) : Setting("enable_indexscan") != "off";
}

/// <summary>
/// Evaluates expressions without columns; implemented by the executor, so that a folded constant equals a computed
/// one.
/// </summary>
public interface IConstantEvaluator
{
    /// <summary>The value as a constant column of one row.</summary>
    /// <exception cref="Core.Errors.SqlException">The expression fails, as it would at run time.</exception>
    Column Evaluate(ScalarExpression expression, FormatContext format);
}

/// <summary>Table sizes for the cost model; what is known of columns is in the catalog.</summary>
public interface ITableStatistics
{
    double RowCount(TableId table);
}

/// <summary>Knows nothing: every table is taken to have a thousand rows.</summary>
public sealed class NoStatistics : ITableStatistics
{
    public static readonly NoStatistics Instance = new();

    public double RowCount(TableId table) => 1000;
}

/// <summary>The definitions of system views: pg_catalog, information_schema, vecsql.</summary>
public interface ISystemViews
{
    TableEntry? Find(string schema, string name);

    TableEntry? Find(uint oid);

    /// <summary>Whether rows of a relation have versions (xmin), as those of PostgreSQL's catalog tables have and those of its views have not.</summary>
    bool HasRowVersions(uint oid);
}

/// <summary>Statement to plan.</summary>
public static class QueryPlanner
{
    /// <summary>Plans a query, INSERT, UPDATE or DELETE.</summary>
    /// <exception cref="Core.Errors.SqlException">The statement does not fit the catalog; with position, and a hint
    /// where one helps.</exception>
    public static PlannedStatement Plan(Statement statement, PlannerContext context)
    {
        try
        {
            return BindAndPlan(statement, context);
        }
        catch (InsufficientExecutionStackException deep)
        {
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded", cause: deep);
        }
    }

    /// <summary>Binds the body of a function that is being defined.</summary>
    /// <exception cref="SqlException">42P13: it does not return what the function says; others: it is no query over the arguments.</exception>
    public static void BindFunction(FunctionDefinition function, PlannerContext context)
    {
        BindingState state = new(context);
        FunctionEntry entry = function.AsEntry("");
        ImmutableArray<ScalarExpression> arguments =
            [.. function.Arguments.Select(argument => (ScalarExpression)state.NewColumn(argument.Type, argument.Name))];
        FunctionInliner inliner = new(state);
        if (function.ReturnsSet)
            inliner.Rows(entry, function, arguments, FunctionInliner.ColumnsOf(function, function.Result.Oid));
        else
            inliner.Value(entry, function, arguments, function.Result, ExpressionPlace.Select);
    }

    private static PlannedStatement BindAndPlan(Statement statement, PlannerContext context)
    {
        var state = new BindingState(context);
        BoundStatement bound = StatementBinder.Bind(state, statement);
        ImmutableArray<SqlType> parameters = state.FinishParameters();
        LogicalPlan logical = new Optimizer(state).Optimize(
            bound.Plan, [.. bound.Columns.Select(column => column.Column)]);
        PhysicalPlan plan = new PhysicalPlanner(state).PlanPrefix(
            logical, [.. bound.Columns.Select(column => column.Column)]);
        context.Literals?.End();
        bool isCut = (context.CutsPlans || state.TablesRead.Any(table => PlanCutter.HasCells(context.Catalog, table))) && !state.HasModifyingWith;
        if (isCut)
            plan = new PlanCutter(context).Cut(plan);
        return new PlannedStatement
        {
            Plan = plan,
            Kind = bound.Kind,
            Columns = [.. bound.Columns.Select(column => Describe(column, state))],
            ParameterTypes = parameters,
            Tables = state.Tables,
            Models = [.. state.UsedModels],
            CatalogVersion = context.Catalog.Version,
            ValueLiterals = state.ValueLiterals,
            Accesses = state.Accesses,
            TablesRead = [.. state.TablesRead],
            Sites = isCut ? StatementSites.Of(plan, context.Catalog) : [],
            IsOneFragment = isCut && StatementSites.IsOneFragment(plan),
            HasModifyingWith = state.HasModifyingWith,
            HasRowLocks = state.HasRowLocks,
        };
    }

    /// <summary>
    /// Binds an expression over a table's live columns (checks, generated columns, COPY's WHERE), converted to a
    /// type where given.
    /// </summary>
    /// <remarks>The columns are <see cref="InputExpression"/>s by position among the live columns.</remarks>
    public static ScalarExpression BindOverTable(
        Expression expression, TableEntry table, SqlType? target, PlannerContext context)
    {
        return BindOverTable(expression, table, target, new BindingState(context), static _ => { });
    }

    /// <param name="look">Sees the expression while calls of functions are still told from their bodies.</param>
    private static ScalarExpression BindOverTable(
        Expression expression, TableEntry table, SqlType? target, BindingState state, Action<ScalarExpression> look)
    {
        var expressions = new TableExpressions(state, table);
        ImmutableArray<ColumnExpression> row = expressions.NewRow(new QueryScope(null), table.Name);
        ScalarExpression bound = expressions.Over(row, ExpressionPlace.Check, binder =>
        {
            ScalarExpression converted = Convert(binder, binder.Bind(expression), target, expression);
            look(converted);
            return converted;
        });
        return Place(bound, row, state);
    }

    /// <summary>
    /// Binds an expression without columns (DEFAULT), converted by assignment to a type where given.
    /// </summary>
    public static ScalarExpression BindConstant(Expression expression, SqlType? target, PlannerContext context)
    {
        var state = new BindingState(context);
        var binder = new ExpressionBinder(state, new QueryScope(null) { Place = ExpressionPlace.Default });
        return Place(Convert(binder, binder.Bind(expression), target, expression), [], state);
    }

    /// <summary>Binds an argument of EXECUTE, converted by assignment to its parameter's type.</summary>
    /// <param name="number">The parameter's, from 1.</param>
    /// <exception cref="SqlException">42804: it does not convert.</exception>
    public static ScalarExpression BindArgument(Expression expression, SqlType target, int number, PlannerContext context)
    {
        var state = new BindingState(context);
        var binder = new ExpressionBinder(state, new QueryScope(null) { Place = ExpressionPlace.Execute });
        ScalarExpression value = binder.Bind(expression);
        int position = ExpressionBinder.Start(expression);
        ScalarExpression converted = binder.Coercion.TryConvert(value, target, CastContext.Assignment, position)
            ?? throw new SqlException(SqlState.DatatypeMismatch,
                $"parameter ${number} of type {BuiltinTypes.FormatType(new SqlType(value.Type.Oid))} cannot be coerced to "
                + $"the expected type {BuiltinTypes.FormatType(new SqlType(target.Oid))}", position,
                "You will need to rewrite or cast the expression.");
        return Place(converted, [], state);
    }

    /// <summary>What PostgreSQL calls a column that the expression computes; null where it has no name for it.</summary>
    public static string? NameOf(Expression expression) => OutputNames.Of(expression) is not "?column?" and var name ? name : null;

    /// <summary>Binds an expression that a table or an index keeps values of, and tells whether it gives the same for the same row,
    /// whenever and by whomever it is asked.</summary>
    /// <remarks>What is constant may be known already: NULL is the same by whatever it is converted.</remarks>
    public static StoredValue BindStored(
        Expression expression, TableEntry table, SqlType? target, PlannerContext context)
    {
        bool isImmutable = false;
        ModelUse? model = null;
        BindingState state = new(context);
        ScalarExpression placed = BindOverTable(expression, table, target, state, bound =>
        {
            isImmutable = IsImmutable(new ConstantFolding(context).Apply(Opened(bound)));
            model = state.ModelOf(bound);
        });
        return new StoredValue(placed, isImmutable, model);
    }

    /// <summary>With the bodies of functions in the place of calls that PostgreSQL would not make.</summary>
    private static ScalarExpression Opened(ScalarExpression expression) => ExpressionTree.Rewrite(expression, static node =>
        node is InlinedCall { IsKept: false, Function.Volatility: not Volatility.Immutable } call ? Opened(call.Placed) : null);

    private static bool IsImmutable(ScalarExpression expression)
    {
        bool isImmutable = true;
        ExpressionTree.Descend(expression, node =>
        {
            if (node is InlinedCall { Function.Volatility: Volatility.Immutable } call) // whatever its body does
            {
                isImmutable &= call.Arguments.All(IsImmutable);
                return false;
            }
            isImmutable &= !IsMutable(node);
            return isImmutable;
        });
        return isImmutable;
    }

    private static bool IsMutable(ScalarExpression node) => node switch
    {
        NextValueExpression => true,
        InlinedCall => true,
        CallExpression { Function.Volatility: not Volatility.Immutable } call => !ConstantFolding.IsOverText(call)
            || !call.Arguments.All(static argument => ConstantFolding.IsTextOfAlways(argument.Type.Oid)),
        TextCastExpression cast => !ConstantFolding.IsPure(node) && !IsTextOfAlways(cast),
        ArrayCastExpression => !ConstantFolding.IsPure(node),
        _ => false,
    };

    /// <summary>PostgreSQL holds the text of these types to be always the same, though settings may change its form.</summary>
    private static bool IsTextOfAlways(TextCastExpression cast) =>
        cast.Type.Oid is TypeOid.Text or TypeOid.VarChar or TypeOid.BpChar && ConstantFolding.IsTextOfAlways(cast.Operand.Type.Oid);

    /// <summary>Which columns of a view statements may assign to, and why not where it is not one to change rows through.</summary>
    public static (string? Problem, ImmutableArray<bool> Columns) DescribeView(TableEntry view, PlannerContext context) =>
        TargetView.Describe(new BindingState(context), view);

    /// <summary>The type that a name finds along the search path; null for none.</summary>
    public static TypeEntry? FindType(TypeName name, PlannerContext context) => TypeResolver.Find(name, context);

    /// <summary>The type that a type name means.</summary>
    public static SqlType ResolveType(TypeName name, PlannerContext context) => TypeResolver.Resolve(name, context);

    /// <summary>
    /// The full rows a COPY FROM or an INSERT of given columns stores: fills defaults into the input's columns.
    /// </summary>
    /// <param name="columns">The table's column numbers that the input gives, in its order and of their types.</param>
    /// <returns>An insert whose input is a <see cref="WorkTableScanPlan"/> with id 0 that the caller feeds.</returns>
    public static PlannedStatement PlanBulkInsert(
        TableEntry table, ImmutableArray<short> columns, PlannerContext context)
    {
        var state = new BindingState(context);
        state.Use(table, isModified: true);
        var expressions = new TableExpressions(state, table);
        ImmutableArray<ColumnExpression> given =
            [.. columns.Select(number => state.NewColumn(table.Column(number).Type, table.Column(number).Name))];
        ImmutableArray<ProjectItem> items = [.. expressions.Live.Select(column =>
        {
            int at = columns.IndexOf(column.Number);
            return at >= 0
                ? new ProjectItem(given[at], given[at])
                : new ProjectItem(state.NewColumn(column.Type, column.Name), expressions.Default(column));
        })];
        ImmutableArray<ColumnExpression> row = expressions.NewRow(new QueryScope(null), table.Name);
        var insert = new LogicalInsert(table, new SetInput(
            new LogicalProject(new LogicalWorkTableScan(given, 0), items), [.. items.Select(item => item.Column)]), row)
        {
            Generated = expressions.Generated(row),
            Checks = expressions.Checks(row),
        };
        return new PlannedStatement
        {
            Plan = new PhysicalPlanner(state).Plan(insert).Plan,
            Kind = StatementKind.Insert,
            Columns = [],
            ParameterTypes = [],
            Tables = state.Tables,
            Models = [.. state.UsedModels],
            CatalogVersion = context.Catalog.Version,
        };
    }

    /// <summary>A plan as EXPLAIN prints it, one line a row.</summary>
    public static IReadOnlyList<string> Explain(PlannedStatement statement, ExplainOptions options) =>
        PlanPrinter.Print(statement, options);

    private static ScalarExpression Convert(
        ExpressionBinder binder, ScalarExpression value, SqlType? target, Expression syntax)
    {
        if (target is not { } type)
            return binder.Coercion.Settle(value);
        int position = ExpressionBinder.Start(syntax);
        return binder.Coercion.TryConvert(value, type, CastContext.Assignment, position)
            ?? throw new SqlException(SqlState.DatatypeMismatch,
                $"expression is of type {BuiltinTypes.FormatType(new SqlType(value.Type.Oid))} "
                + $"but type {BuiltinTypes.FormatType(new SqlType(type.Oid))} is wanted", position,
                "You will need to rewrite or cast the expression.");
    }

    private static ScalarExpression Place(ScalarExpression bound, ImmutableArray<ColumnExpression> row,
        BindingState state)
    {
        ScalarExpression finished = StatementBinder.Finish(bound, state);
        return new ExpressionPlanner(state, new PhysicalPlanner(state)).Place(finished, new PlanLayout(row));
    }

    private static ResultColumn Describe(OutputColumn column, BindingState state)
    {
        (uint table, short number) = state.OriginOf(column.Column);
        if (number > 0 && state.Context.Catalog.Find(table) is TableEntry entry)
            number = entry.PlaceOf(number);
        return new ResultColumn(column.Name, column.Column.Type, table, number);
    }
}

/// <param name="Actuals">What each node did, by reference, for EXPLAIN ANALYZE; null without ANALYZE.</param>
public sealed record ExplainOptions(
    bool Costs, bool Verbose, ExplainFormat Format, bool Timing, Func<PhysicalPlan, NodeActuals?>? Actuals,
        PlannerContext Context)
{
    /// <summary>What is told of the whole, below the plan: Planning Time and the like, in milliseconds.</summary>
    public ImmutableArray<(string Name, double Milliseconds)> Times { get; init; } = [];

    /// <summary>How many shards of how many a part of the plan would be run at, where none of it was run.</summary>
    public Func<FragmentPlan, string?>? FanOut { get; init; }
}

/// <summary>EXPLAIN (FORMAT …).</summary>
public enum ExplainFormat : byte { Text, Json, Yaml, Xml }

/// <summary>What a plan node did when it ran.</summary>
public sealed record NodeActuals(double StartupMs, double TotalMs, long Rows, long Loops, ImmutableArray<NodeFact> Facts);

/// <summary>What a node tells of how it ran, over all its loops: Sort Method: quicksort.</summary>
/// <param name="IsNumber">Whether structured formats give the value as a number.</param>
public readonly record struct NodeFact(string Name, string Value, bool IsNumber);
