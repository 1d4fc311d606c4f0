using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE VIEW.</summary>
internal static class ViewCommands
{
    internal static async ValueTask CreateAsync(
        SessionState session, CreateViewStatement statement, CancellationToken cancellation)
    {
        foreach (Option option in statement.Options)
        {
            if (option.Name is not ("security_barrier" or "security_invoker"))
                throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized parameter \"{option.Name}\"");
        }
        ImmutableArray<ColumnEntry> columns = ColumnsOf(session, statement, out bool usesTemporary);
        bool isTemporary = statement.IsTemporary || usesTemporary;
        if (usesTemporary && !statement.IsTemporary)
            session.Notices.Notice($"view \"{statement.Name.Name}\" will be a temporary view");
        if (statement.OrReplace && FindReplaced(session, statement, isTemporary) is { } old)
        {
            RefuseOtherColumns(old, columns);
            Definitions.Put(session, old with
            {
                Columns = columns,
                ViewSql = SqlPrinter.Print(statement.Query),
                ViewSearchPath = SearchPath(session, isTemporary),
                Options = Definitions.Options(statement.Options),
            });
            return;
        }
        SchemaEntry? schema = await Definitions.TakeNameAsync(
            session, statement.Name, isTemporary, ifNotExists: false, cancellation);
        if (schema is null)
            return;
        Definitions.Put(session, new TableEntry(Definitions.NextOid(session), schema.Oid, statement.Name.Name)
        {
            Kind = TableKind.View,
            Columns = columns,
            ViewSql = SqlPrinter.Print(statement.Query),
            ViewSearchPath = SearchPath(session, isTemporary),
            IsTemporary = session.IsTemporarySchema(schema.Oid),
            Options = Definitions.Options(statement.Options),
        });
    }

    private static ImmutableArray<string> SearchPath(SessionState session, bool isTemporary) =>
        [.. session.Names.SearchPath(Definitions.Catalog(session)).Where(
            schema => isTemporary || schema != session.Names.TemporarySchema)];

    private static ImmutableArray<ColumnEntry> ColumnsOf(
        SessionState session, CreateViewStatement statement, out bool usesTemporary)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        PlannedStatement plan = new PlannedQuery(new QueryStatement(statement.Query) { Text = statement.Text }, [])
            .Plan(session, catalog);
        if (!plan.ParameterTypes.IsEmpty)
            throw new SqlException(SqlState.UndefinedParameter, "there is no parameter $1");
        usesTemporary = plan.Tables.Any(
            use => catalog.TryFindTable(use.Table, out TableEntry? table) && table.IsTemporary);
        if (statement.Columns.Count > plan.Columns.Length)
            throw new SqlException(SqlState.SyntaxError, "CREATE VIEW specifies more column names than columns");
        return QueryColumns.Of(plan, statement.Columns);
    }

    private static TableEntry? FindReplaced(SessionState session, CreateViewStatement statement, bool isTemporary)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        SchemaEntry schema = isTemporary
            ? session.Temporary.Schema(session.Transaction.Storage)
            : session.Names.SchemaForNew(catalog, statement.Name);
        CatalogObject? found = catalog.FindRelation(schema.Oid, statement.Name.Name);
        if (found is null && !catalog.IsNameTaken(schema.Oid, statement.Name.Name))
            return null;
        return found is TableEntry { Kind: TableKind.View } view
            ? view
            : throw new SqlException(SqlState.WrongObjectType, $"\"{statement.Name.Name}\" is not a view");
    }

    private static void RefuseOtherColumns(TableEntry old, ImmutableArray<ColumnEntry> columns)
    {
        if (columns.Length < old.Columns.Length)
            throw new SqlException(SqlState.InvalidTableDefinition, "cannot drop columns from view");
        for (int i = 0; i < old.Columns.Length; i++)
        {
            if (old.Columns[i].Name != columns[i].Name)
            {
                throw new SqlException(SqlState.InvalidTableDefinition,
                    $"cannot change name of view column \"{old.Columns[i].Name}\" to \"{columns[i].Name}\"",
                    hint: "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.");
            }
            if (old.Columns[i].Type != columns[i].Type)
            {
                throw new SqlException(SqlState.InvalidTableDefinition,
                    $"cannot change data type of view column \"{old.Columns[i].Name}\" from " +
                    $"{BuiltinTypes.FormatType(old.Columns[i].Type)} to {BuiltinTypes.FormatType(columns[i].Type)}");
            }
        }
    }
}
