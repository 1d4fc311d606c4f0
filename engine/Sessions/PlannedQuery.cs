using System.Collections.Immutable;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Hints;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Sessions;

/// <summary>A query or data change with the plan last made for it. The plan is kept while catalog and settings stay the same.</summary>
/// <param name="statement">A query, INSERT, UPDATE or DELETE.</param>
/// <param name="declaredTypes">Types that the client gave its parameters; Oid 0 leaves one to inference.</param>
internal sealed class PlannedQuery(Statement statement, ImmutableArray<SqlType> declaredTypes)
{
    private PlannedStatement? _plan;
    private StatementHints? _hints;
    private ImmutableArray<ResultColumnInfo>? _columns;
    private CatalogSnapshot? _catalog;
    private int _settingsVersion;
    private ImmutableArray<SqlType> _types = declaredTypes;

    internal Statement Statement => statement;

    internal StatementHints Hints => _hints ??= StatementHints.Read(statement.Hints.Value);

    internal PlannedStatement LastPlan =>
        _plan ?? throw new InvariantException("a query was asked for its plan before it was planned");

    /// <summary>What the plan last made returns; null where it returns no rows.</summary>
    internal ImmutableArray<ResultColumnInfo>? LastColumns => _columns;

    /// <summary>The plan for the catalog.</summary>
    /// <exception cref="SqlException">The statement does not fit the catalog; 0A000: it would return other columns than before.</exception>
    internal PlannedStatement Plan(SessionState session, CatalogSnapshot catalog)
    {
        int version = session.Settings.PlanVersion;
        // Versions of a rolled back catalog can come again, so that the snapshot itself is compared.
        if (_plan is { } plan && ReferenceEquals(_catalog, catalog) && _settingsVersion == version)
            return plan;
        if (_hints is null)
        {
            foreach (SqlNotice message in Hints.Messages)
                session.Notices.Send(message);
        }
        PlannerContext context = session.PlanningContext(catalog) with { ParameterTypes = _types, ScanHints = Hints.Scans };
        if (!Hints.Overlay.IsEmpty)
            context = context with { Setting = name => Hints.Overlay.Show(name, session.Settings) };
        PlannedStatement made = QueryPlanner.Plan(statement, context);
        if (_plan is not null && !HasSameColumns(_plan, made))
            throw new SqlException(SqlState.FeatureNotSupported, "cached plan must not change result type");
        (_plan, _catalog, _settingsVersion, _types) = (made, catalog, version, made.ParameterTypes);
        _columns = ColumnsOf(made);
        return made;
    }

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

    internal static ImmutableArray<ResultColumnInfo>? ColumnsOf(PlannedStatement plan)
    {
        if (plan.Kind != StatementKind.Select && plan.Columns.IsEmpty)
            return null;
        return ImmutableArray.CreateRange(plan.Columns,
            column => new ResultColumnInfo(column.Name, column.Type, column.TableOid, column.ColumnNumber));
    }
}
