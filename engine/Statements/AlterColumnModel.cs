using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Models;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>ALTER COLUMN … SET MODEL: a column that is computed by embed() is computed anew; of any other it is noted whose vectors it holds.</summary>
/// <remarks>
/// By itself the statement does not keep others waiting: a shadow of the column is filled behind it (<see cref="ShadowColumns"/>) and takes its
/// place. Among others of a transaction it is part of that: the table is locked and stored anew. Where vectors come behind the statements, they are
/// NULL until then. Readers see the vectors of one model or of the other, after a crash too.
/// </remarks>
internal static class AlterColumnModel
{
    internal static async ValueTask RunAsync(
        SessionState session, TableEntry table, SetModelAction action, CancellationToken cancellation)
    {
        (ColumnEntry column, ModelUse use) = Resolve(session, table, action);
        if (!column.IsGenerated)
            Definitions.Put(session, TableColumns.With(table, column with { Model = use }));
        else if (column.Model != use)
            await ComputeAsync(session, table, column, use, cancellation);
    }

    /// <summary>Has the column computed anew while others go on with the table, and returns when that is done.</summary>
    /// <returns>False where the statement is not such that this can be done; nothing has happened then.</returns>
    internal static async ValueTask<bool> TryOnlineAsync(
        SessionState session, TableEntry table, SetModelAction action, bool isInScript, CancellationToken cancellation)
    {
        if (table.Kind != TableKind.Table || table.IsTemporary || session.Transaction.IsInBlock(isInScript)
            || session.Transaction.Storage.Isolation != IsolationLevel.ReadCommitted)
            return false;
        (ColumnEntry column, ModelUse use) = Resolve(session, table, action);
        if (table.ShadowOf(column) is { } shadow && column.Model == use)
        {
            await ShadowColumns.DropAsync(session.Database, session.DatabaseOid, table.Id, shadow.Number, cancellation);
            return true;
        }
        if (!column.IsGenerated || column.Model == use || table.DefersEmbedding || !ShadowColumns.CanStandFor(table, column))
            return false;
        ColumnEntry after = Recomputed(session, table, column, use);
        short number = await ShadowColumns.AddAsync(session.Database, session.DatabaseOid, table, column, after, cancellation);
        bool isDone = false;
        try
        {
            await WaitAsync(session, table.Id, number, cancellation);
            return isDone = true;
        }
        finally
        {
            if (!isDone) // whatever has happened: what the statement does not do is not done behind it
                await ShadowColumns.DropAsync(session.Database, session.DatabaseOid, table.Id, number, CancellationToken.None);
        }
    }

    private static async ValueTask WaitAsync(SessionState session, TableId table, short number, CancellationToken cancellation)
    {
        while (true)
        {
            Task progress = session.Database.Embedding.Progress;
            session.Transaction.Storage.BeginStatement(); // the catalog as it is now; and no old snapshot that the change would wait for
            if (!Definitions.Catalog(session).TryFindTable(table, out TableEntry? now))
                throw new SqlException(SqlState.UndefinedTable, "the table was dropped");
            ColumnEntry column = now.Column(number);
            if (column.IsDropped)
                throw new SqlException(SqlState.QueryCanceled, $"the change of the model of a column of relation \"{now.Name}\" was taken back");
            if (column.ShadowOf == 0)
                return;
            if (session.Database.Embedding.JobOf(now, column) is { State: "failing" } job)
            {
                throw new SqlException(SqlState.SystemError,
                    $"column \"{now.Column(column.ShadowOf).Name}\" of relation \"{now.Name}\" could not be embedded: {job.LastError}");
            }
            await progress.WaitAsync(cancellation);
        }
    }

    private static (ColumnEntry Column, ModelUse Use) Resolve(SessionState session, TableEntry table, SetModelAction action)
    {
        ColumnEntry column = TableColumns.Get(table, action.Column);
        if (column.Type.Oid is not (TypeOid.Vector or TypeOid.HalfVector))
        {
            throw new SqlException(SqlState.WrongObjectType,
                $"column \"{column.Name}\" of relation \"{table.Name}\" does not hold vectors");
        }
        if (action.Model.Length == 0)
            throw new SqlException(SqlState.InvalidParameterValue, "a model must be named", action.Position);
        (ModelEntry model, ModelVersion version) = ModelLookup.Find(Definitions.Catalog(session), action.Model, null, action.Position);
        if (column.Type.Modifier is > 0 and var dimensions && dimensions != version.Dimensions)
        {
            throw new SqlException(SqlState.DataException,
                $"model \"{model.Name}\" makes vectors of {version.Dimensions} dimensions, but column \"{column.Name}\" holds {dimensions}",
                action.Position);
        }
        return (column, new ModelUse(model.Oid, version.Number));
    }

    /// <summary>The column as the other model makes it.</summary>
    private static ColumnEntry Recomputed(SessionState session, TableEntry table, ColumnEntry column, ModelUse use)
    {
        Expression before = SqlParser.ParseExpression(column.DefaultSql ?? "");
        int callCount = SyntaxWalk.All(before).Count(static node => node is FunctionCall { Name.Name: "embed" });
        if (column.Model is not { } old || callCount != 1)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"column \"{column.Name}\" of relation \"{table.Name}\" is not computed by one call of embed()",
                hint: "Drop the column, and add it with another expression.");
        }
        string sql = (column.DefaultSql ?? "").Replace(Literal(old), Literal(use), StringComparison.Ordinal);
        (string kept, ModelUse? model) = StoredExpressions.Generated(
            SqlParser.ParseExpression(sql), column, table, Definitions.Context(session));
        Invariant.Holds(model == use);
        return column with { DefaultSql = kept, Model = model, Statistics = null };

        static string Literal(ModelUse use) => SqlPrinter.QuoteLiteral(CatalogMark.OfModel(use.Model, use.Version));
    }

    /// <summary>The table with what an index computes from its columns as these are now.</summary>
    private static TableEntry Spelled(SessionState session, TableEntry table, IndexEntry index)
    {
        for (int key = 0; key < index.Columns.Length; key++)
        {
            if (index.ExpressionOf(key) is { } sql && table.Column(index.Columns[key]) is { IsHidden: true } hidden)
                table = TableColumns.With(table, hidden with { DefaultSql = IndexColumns.Spelled(table, sql, Definitions.Context(session)) });
        }
        return index is { Predicate: { } predicate, PredicateColumn: > 0 }
            ? TableColumns.With(table, table.Column(index.PredicateColumn) with
            {
                DefaultSql = IndexColumns.Spelled(table, predicate, Definitions.Context(session)),
            })
            : table;
    }

    private static async ValueTask ComputeAsync(
        SessionState session, TableEntry table, ColumnEntry column, ModelUse use, CancellationToken cancellation)
    {
        TableEntry after = TableColumns.With(table, Recomputed(session, table, column, use));
        foreach (IndexEntry index in after.Indexes.Where(index => !index.IsUnique && IndexColumns.MentionsInSql(index, column)))
            after = Spelled(session, after, index);
        Dictionary<short, ScalarExpression> changes = [];
        if (after.IsDeferred(after.Column(column.Number)))
            changes[column.Number] = ConstantExpression.Null(column.Type, BuiltinTypes.PhysicalOf(column.Type.Oid));
        await TableRewrite.RunAsync(session, table, after, changes, cancellation);
    }
}
