using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>ALTER COLUMN … SET MODEL: a column that is computed by embed() is computed anew; of any other it is noted whose vectors it holds.</summary>
/// <remarks>All in the statement's transaction: readers see the vectors of one model or of the other, after a crash too. Where vectors come behind the
/// statements, they are NULL until then.</remarks>
internal static class AlterColumnModel
{
    internal static async ValueTask RunAsync(
        SessionState session, TableEntry table, SetModelAction action, CancellationToken cancellation)
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
        ModelUse use = new(model.Oid, version.Number);
        if (!column.IsGenerated)
        {
            Definitions.Put(session, TableColumns.With(table, column with { Model = use }));
            return;
        }
        if (column.Model != use)
            await ComputeAsync(session, table, column, use, cancellation);
    }

    private static async ValueTask ComputeAsync(
        SessionState session, TableEntry table, ColumnEntry column, ModelUse use, CancellationToken cancellation)
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
        TableEntry after = TableColumns.With(table, column with { DefaultSql = kept, Model = model, Statistics = null });
        Dictionary<short, ScalarExpression> changes = [];
        if (after.IsDeferred(after.Column(column.Number)))
            changes[column.Number] = ConstantExpression.Null(column.Type, BuiltinTypes.PhysicalOf(column.Type.Oid));
        await TableRewrite.RunAsync(session, table, after, changes, cancellation);

        static string Literal(ModelUse use) => SqlPrinter.QuoteLiteral(CatalogMark.OfModel(use.Model, use.Version));
    }
}
