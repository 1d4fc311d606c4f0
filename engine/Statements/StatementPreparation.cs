using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>Analyses a statement without running it: parameter types and result columns for Describe.</summary>
internal static class StatementPreparation
{
    internal static PreparedStatement Prepare(
        SessionState session, string name, string sql, Statement? statement, ImmutableArray<SqlType> types, bool isFromSql)
    {
        session.Transaction.RefuseFailedUnlessEnding(statement);
        PreparedStatement prepared = new(name, sql, statement, isFromSql) { PreparedAt = session.Database.Time.GetUtcNow() };
        if (statement is null)
            return prepared with { ParameterTypes = types };
        session.Transaction.EnsureOpen();
        Statement? planned = Planned(statement);
        if (planned is null)
            return prepared with { ParameterTypes = types, Columns = UtilityColumns(session, statement) };
        PlannedQuery query = new(planned, types);
        PlannedStatement plan = Plan(session, query);
        return prepared with
        {
            Query = query,
            ParameterTypes = plan.ParameterTypes,
            Columns = ReferenceEquals(planned, statement)
                ? PlannedQuery.ColumnsOf(plan)
                : UtilityColumns(session, statement),
        };
    }

    /// <summary>The same for a plain query or data change that the protocol prepares.</summary>
    internal static PreparedStatement Prepare(SessionState session, string name, string sql, PlannedQuery query)
    {
        session.Transaction.RefuseFailed();
        session.Transaction.EnsureOpen();
        PlannedStatement plan = Plan(session, query);
        return new PreparedStatement(name, sql, Dispatched: null, IsFromSql: false)
        {
            PreparedAt = session.Database.Time.GetUtcNow(), Query = query, ParameterTypes = plan.ParameterTypes, Columns = query.LastColumns,
        };
    }

    /// <summary>Whether running the statement is running its plan.</summary>
    internal static bool IsPlain(Statement statement) => statement switch
    {
        QueryStatement query => IntoTable(query) is null,
        InsertStatement or UpdateStatement or DeleteStatement or MergeStatement => true,
        _ => false,
    };

    /// <summary>The query or data change that a statement is or runs; null for other utility statements.</summary>
    internal static Statement? Planned(Statement statement) => statement switch
    {
        QueryStatement query => IntoTable(query) is null ? query : query with { Query = WithoutInto(query.Query) },
        InsertStatement or UpdateStatement or DeleteStatement or MergeStatement => statement,
        ExplainStatement explain => Planned(explain.Statement),
        DeclareCursorStatement cursor => new QueryStatement(cursor.Query) { Text = cursor.Text, Hints = cursor.Hints },
        CreateTableAsStatement { Query: { } source } create => new QueryStatement(source) { Text = create.Text, Hints = create.Hints },
        _ => null,
    };

    /// <summary>The SELECT INTO target of a query, if it has one.</summary>
    internal static SelectBody? IntoTable(QueryStatement query) =>
        LeftmostSelect(query.Query.Body) is { Into: not null } select ? select : null;

    private static SelectBody? LeftmostSelect(QueryBody body) => body switch
    {
        SelectBody select => select,
        SetOperationBody operation => LeftmostSelect(operation.Left),
        _ => null,
    };

    internal static QueryExpression WithoutInto(QueryExpression query) => query with { Body = WithoutInto(query.Body) };

    private static QueryBody WithoutInto(QueryBody body) => body switch
    {
        SelectBody select => select with { Into = null },
        SetOperationBody operation => operation with { Left = WithoutInto(operation.Left) },
        _ => body,
    };

    private static PlannedStatement Plan(SessionState session, PlannedQuery query)
    {
        session.Transaction.Storage.BeginStatement();
        PlannedStatement plan = query.Plan(session, session.Transaction.Storage.Catalog);
        query.PromiseColumns();
        return plan;
    }

    private static ImmutableArray<ResultColumnInfo>? UtilityColumns(SessionState session, Statement statement)
    {
        switch (statement)
        {
            case ShowStatement show:
                return ShowCommand.Columns(session, show);
            case ExplainStatement explain:
                return ExplainCommand.Columns(explain);
            case FetchStatement { IsMove: false } fetch:
                return session.Portals.GetCursor(fetch.Cursor).Columns;
            case ExecuteStatement execute:
                return session.Statements.Get(execute.Name).Columns;
            default:
                return ClusterCommands.Columns(statement);
        }
    }
}
