using System.Collections.Immutable;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Hints;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Plans;

/// <summary>A query or data change with the plan that it runs by: one of its own, or one that all statements of its shape share.</summary>
internal sealed class PlannedQuery
{
    private readonly StatementShape? _shape;
    private readonly ImmutableArray<SqlType> _declaredTypes;
    private Statement? _statement;
    private StatementHints? _hints;
    private PlannedStatement? _plan;
    private PlanBasis? _basis;
    private int _settingsVersion;
    private ImmutableArray<SqlType> _types;
    private CachedPlan? _found, _shared;
    private Column[] _literals = [];
    private StatementFigures? _figures;
    private bool _arePromised;

    /// <param name="statement">A query, INSERT, UPDATE or DELETE.</param>
    /// <param name="declaredTypes">Types that the client gave its parameters; Oid 0 leaves one to inference.</param>
    internal PlannedQuery(Statement statement, ImmutableArray<SqlType> declaredTypes) =>
        (_statement, _declaredTypes, _types) = (statement, declaredTypes, declaredTypes);

    /// <param name="shape">The shape of the statement's text.</param>
    /// <param name="statement">Parsed with its literals numbered; null where that has not been necessary yet.</param>
    internal PlannedQuery(StatementShape shape, Statement? statement, ImmutableArray<SqlType> declaredTypes)
    {
        (_shape, _statement) = (shape, statement);
        (_declaredTypes, _types) = (declaredTypes, declaredTypes);
        _hints = StatementHints.None;
    }

    internal Statement Statement => _statement ??= ParsedAgain();

    /// <summary>AS OF SYSTEM TIME; null where it does not say that.</summary>
    internal Expression? AsOf => _statement?.AsOf; // which no statement has whose shape is known

    internal StatementHints Hints => _hints ??= StatementHints.Read(Statement.Hints.Value);

    /// <summary>What the plan last made returns; null where it returns no rows.</summary>
    internal ImmutableArray<ResultColumnInfo>? LastColumns { get; private set; }

    /// <summary>A statement for which a plan of its shape is known; null where there is none. It has not been parsed.</summary>
    internal static PlannedQuery? FromCache(SessionState session, StatementShape shape, ImmutableArray<SqlType> declaredTypes)
    {
        var query = new PlannedQuery(shape, statement: null, declaredTypes);
        query._found = query.FindShared(session, session.Catalog);
        query._settingsVersion = session.Settings.PlanVersion;
        return query._found is null ? null : query;
    }

    /// <summary>The plan for the catalog.</summary>
    /// <exception cref="SqlException">The statement does not fit the catalog; 0A000: it would return other columns than before.</exception>
    internal PlannedStatement Plan(SessionState session, CatalogSnapshot catalog)
    {
        int version = session.Settings.PlanVersion;
        if (_plan is { } plan && _settingsVersion == version && _basis is { } basis
            && basis.Holds(catalog, session.Database.Statistics))
        {
            return plan;
        }
        CachedPlan? shared = _found is { } found && _settingsVersion == version && ReferenceEquals(found.Basis.Catalog, catalog)
            ? found : FindShared(session, catalog);
        _found = null;
        Column[]? literals = _shape is null ? null : shared?.Read(_shape, session.Format);
        PlannedStatement made = shared is not null && literals is not null ? shared.Plan : Make(session, catalog);
        if (_arePromised && _plan is not null && !HasSameColumns(_plan, made))
        {
            // Drivers prepare anew at this code only when it comes from this place.
            throw new SqlException(SqlState.FeatureNotSupported, "cached plan must not change result type")
            { Routine = "RevalidateCachedQuery" };
        }
        (_plan, _settingsVersion, _types) = (made, version, made.ParameterTypes);
        (_shared, _literals) = literals is null ? (null, []) : (shared, literals);
        _basis = _shared?.Basis ?? new PlanBasis(catalog, made, session.Database.Statistics);
        LastColumns = _shared is null ? ColumnsOf(made) : _shared.Columns;
        return made;
    }

    /// <summary>The columns of the plan last made are told to somebody: from now on they are these. Before, a statement that waits for another to
    /// define its table anew has the columns that it then has.</summary>
    internal void PromiseColumns() => _arePromised = true;

    /// <summary>What the plan last made is to be given as parameters.</summary>
    /// <param name="parameters">The client's.</param>
    internal Column[] Arguments(Column[] parameters) => _shared is null ? parameters : _shared.Arguments(parameters, _literals);

    /// <summary>Where runs of the statement, which has been planned, are counted; null where its shape is not known.</summary>
    internal StatementFigures? FiguresOf(SessionState session)
    {
        if (_shape is null || _plan is null)
            return null;
        StatementFigures? known = _shared is null ? _figures : _shared.Figures;
        StatementOwner owner = session.StatementOwner;
        return known is not null && !known.IsGone && known.Owner == owner ? known : FindFigures(session, owner, _shape, _plan);
    }

    private StatementFigures FindFigures(SessionState session, StatementOwner owner, StatementShape shape, PlannedStatement plan)
    {
        StatementFigures found = session.Database.Tally.Find(
            owner, shape.Key, () => StatementText.Of(shape, plan.ValueLiterals.Contains));
        if (_shared is null)
            _figures = found;
        else
            _shared.Figures = found;
        return found;
    }

    internal static ImmutableArray<ResultColumnInfo>? ColumnsOf(PlannedStatement plan)
    {
        if (plan.Kind != StatementKind.Select && plan.Columns.IsEmpty)
            return null;
        return ImmutableArray.CreateRange(plan.Columns,
            column => new ResultColumnInfo(column.Name, column.Type, column.TableOid, column.ColumnNumber));
    }

    private PlannedStatement Make(SessionState session, CatalogSnapshot catalog)
    {
        if (_hints is null)
        {
            foreach (SqlNotice message in Hints.Messages)
                session.Notices.Send(message);
        }
        PlannerContext context = session.PlanningContext(catalog) with { ParameterTypes = _types, ScanHints = Hints.Scans };
        if (!Hints.Overlay.IsEmpty)
            context = context with { Setting = name => Hints.Overlay.Show(name, session.Settings) };
        PlannedStatement made = QueryPlanner.Plan(Statement, context);
        if (_shape is not null)
            Share(session, _shape, made, context);
        return made;
    }

    private CachedPlan? FindShared(SessionState session, CatalogSnapshot catalog) =>
        _shape is null || !session.SharesPlans
            ? null
            : session.Database.Plans.Find(KeyOf(session, catalog, _shape), _shape, catalog, session.Database.Statistics);

    /// <summary>Has the shape planned for all its statements when it comes again, for those that follow.</summary>
    private void Share(SessionState session, StatementShape shape, PlannedStatement own, PlannerContext context)
    {
        CatalogSnapshot catalog = context.Catalog;
        if (!session.SharesPlans || !ReferenceEquals(catalog, session.Database.Storage.Catalog.InDatabase(session.DatabaseOid)))
            return;
        PlanCache plans = session.Database.Plans;
        PlanKey key = KeyOf(session, catalog, shape);
        bool isForced = session.ForcesSharedPlans;
        if (!isForced && (IsLong(own) || !plans.Mark(key) || plans.IsHopeless(key, catalog)))
            return;
        var literals = new OpenLiterals(Math.Max(shape.ParameterMax, _declaredTypes.Length));
        PlannedStatement? open = PlanOpen(context with { Literals = literals });
        bool isUseful = open is not null && !literals.IsOfTheMoment && HasSameColumns(own, open)
            && open.ParameterTypes.SequenceEqual(own.ParameterTypes)
            && (isForced || (open.Accesses.SetEquals(own.Accesses) && open.Plan.EstimatedCost <= OpenCostMax(own)));
        plans.Put(key, catalog, isUseful && open is not null
            ? new CachedPlan(open, literals, shape, new PlanBasis(catalog, open, session.Database.Statistics)) : null);
    }

    /// <summary>The plan with literals left open; null where it cannot be made so, though for the statement's own values it could.</summary>
    private PlannedStatement? PlanOpen(PlannerContext context)
    {
        try
        {
            return QueryPlanner.Plan(Statement, context);
        }
        catch (SqlException)
        {
            return null;
        }
    }

    /// <summary>A plan for all values may cost as much more as planning costs, by PostgreSQL's guess, and a little.</summary>
    private static double OpenCostMax(PlannedStatement own) => (own.Plan.EstimatedCost * 1.1) + PlanningCost(own);

    /// <summary>Planning is next to nothing beside running: a plan that knows the values can only gain.</summary>
    private static bool IsLong(PlannedStatement own) => own.Plan.EstimatedCost > 200 * PlanningCost(own);

    private static double PlanningCost(PlannedStatement own) => 2.5 * (own.Tables.Length + 1);

    private PlanKey KeyOf(SessionState session, CatalogSnapshot catalog, StatementShape shape) => new(
        session.PlanEnvironment(catalog),
        _declaredTypes.IsEmpty ? shape.Key : $"{shape.Key}({string.Join(',', _declaredTypes.Select(type => type.Oid))})");

    private Statement ParsedAgain() => _shape is { } shape
        ? SqlParser.Parse(shape.Source, numbersLiterals: true)[0]
        : throw new InvariantException("a query has neither a tree nor a text");

    private static bool HasSameColumns(PlannedStatement old, PlannedStatement made)
    {
        if (old.Columns.Length != made.Columns.Length)
            return false;
        for (int i = 0; i < old.Columns.Length; i++)
        {
            if (old.Columns[i].Type != made.Columns[i].Type || old.Columns[i].Name != made.Columns[i].Name)
                return false;
        }
        return true;
    }
}
