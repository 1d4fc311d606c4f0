using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Executor;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>PREPARE, EXECUTE and DEALLOCATE.</summary>
internal static class PrepareCommands
{
    internal static CommandWork Prepare(SessionState session, PrepareStatement statement) => new(_ =>
    {
        if (StatementPreparation.Planned(statement.Statement) is null)
        {
            throw new SqlException(SqlState.InvalidPreparedStatementDefinition,
                "utility statements cannot be prepared");
        }
        PlannerContext context = session.PlanningContext(session.Catalog);
        ImmutableArray<SqlType> types =
            [.. statement.ParameterTypes.Select(type => QueryPlanner.ResolveType(type, context))];
        session.Statements.Add(StatementPreparation.Prepare(
            session, statement.Name, statement.Text.Value, statement.Statement, types, isFromSql: true));
        return new ValueTask<string>("PREPARE");
    });

    internal static async ValueTask<StatementWork> ExecuteAsync(
        SqlSession session, ExecuteStatement statement, bool isInScript, CancellationToken cancellation)
    {
        (PreparedStatement prepared, Column[] parameters) = Open(session.State, statement);
        return prepared.Statement is null
            ? new EmptyWork()
            : await StatementDispatch.OpenAsync(session, prepared.Statement, prepared.Query, parameters, isInScript, cancellation);
    }

    /// <summary>The prepared statement that EXECUTE names, with its arguments' values.</summary>
    internal static (PreparedStatement Statement, Column[] Parameters) Open(SessionState session, ExecuteStatement statement)
    {
        PreparedStatement prepared = session.Statements.Get(statement.Name);
        if (statement.Arguments.Count != prepared.ParameterTypes.Length)
        {
            throw new SqlException(SqlState.SyntaxError,
                $"wrong number of parameters for prepared statement \"{statement.Name}\"")
            { Detail = $"Expected {prepared.ParameterTypes.Length} parameters but got {statement.Arguments.Count}." };
        }
        return (prepared, Evaluate(session, statement.Arguments, prepared.ParameterTypes));
    }

    /// <summary>The same for one that must be a query.</summary>
    internal static (PlannedQuery Query, Column[] Parameters) Select(SessionState session, ExecuteStatement statement)
    {
        (PreparedStatement prepared, Column[] parameters) = Open(session, statement);
        return prepared is { Statement: QueryStatement query, Query: { } planned } && StatementPreparation.IntoTable(query) is null
            ? (planned, parameters)
            : throw new SqlException(SqlState.WrongObjectType, "prepared statement is not a SELECT");
    }

    internal static CommandWork Deallocate(SessionState session, DeallocateStatement statement) => new(_ =>
    {
        if (statement.Name is not { } name)
        {
            session.Statements.Clear();
            return new ValueTask<string>("DEALLOCATE ALL");
        }
        session.Statements.Get(name);
        session.Statements.Remove(name);
        return new ValueTask<string>("DEALLOCATE");
    });

    private static Column[] Evaluate(
        SessionState session, ValueList<Expression> arguments, ImmutableArray<SqlType> types)
    {
        PlannerContext context = session.PlanningContext(session.Catalog);
        var values = new Column[arguments.Count];
        for (int i = 0; i < values.Length; i++)
        {
            ScalarExpression bound = QueryPlanner.BindArgument(arguments[i], types[i], i + 1, context);
            values[i] = SessionExpressions.Evaluate(session, bound);
        }
        return values;
    }
}
