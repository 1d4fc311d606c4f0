using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE TABLE AS and SELECT INTO.</summary>
internal static class CreateTableAsCommand
{
    internal static CommandWork OpenInto(
        SessionState session, QueryStatement statement, SelectBody into, PlannedQuery? query, Column[] parameters)
    {
        CreateTableAsStatement create = new(
            into.Into ?? throw new InvariantException("SELECT INTO without a name"),
            StatementPreparation.WithoutInto(statement.Query))
        { IsTemporary = into.IntoIsTemporary, Text = statement.Text };
        return Open(session, create, query, parameters);
    }

    internal static CommandWork Open(
        SessionState session, CreateTableAsStatement statement, PlannedQuery? query, Column[] parameters)
    {
        if (statement.IsMaterializedView)
            throw StatementDispatch.Unsupported("CREATE MATERIALIZED VIEW");
        return new CommandWork(cancellation => RunAsync(session, statement, query, parameters, cancellation));
    }

    private static async ValueTask<string> RunAsync(
        SessionState session, CreateTableAsStatement statement, PlannedQuery? query, Column[] parameters,
        CancellationToken cancellation)
    {
        if (session.Transaction.IsReadOnly && !statement.IsTemporary)
            throw QueryWork.ReadOnlyTransaction("CREATE TABLE AS");
        ITransaction storage = session.Transaction.Storage;
        storage.BeginStatement();
        SchemaEntry? schema = await Definitions.TakeNameAsync(
            session, statement.Name, statement.IsTemporary, statement.IfNotExists, cancellation);
        if (schema is null)
            return "CREATE TABLE AS";
        if (statement.Prepared is { } execute)
            (query, parameters) = PrepareCommands.Select(session, execute);
        query ??= new PlannedQuery(StatementPreparation.Planned(statement)
            ?? throw new InvariantException("CREATE TABLE AS without a query"), []);
        await using QueryWork work = await QueryWork.OpenAsync(session, query, parameters, cancellation);
        if (statement.Columns.Count > work.Plan.Columns.Length)
            throw new SqlException(SqlState.SyntaxError, "too many column names were specified");
        TableEntry table = CreateTableCommand.Empty(session, schema, statement.Name.Name, statement.Options) with
        {
            Columns = QueryColumns.Of(work.Plan, statement.Columns),
        };
        table = await ShardPlacement.PlaceAsync(session, table, cancellation);
        Definitions.Put(session, table);
        CreateTableCommand.RegisterOnCommit(session, table, statement.OnCommit, statement.IsTemporary);
        if (statement.WithoutData)
            return statement.Prepared is null ? "CREATE TABLE AS" : "SELECT 0";
        long rowCount = 0;
        while (await work.NextAsync(cancellation) is { } batch)
        {
            await storage.InsertAsync(table.Id, batch, cancellation);
            rowCount += batch.RowCount;
        }
        return $"SELECT {rowCount}";
    }
}
