using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE VIEW.</summary>
internal static class ViewCommands
{
    internal static async ValueTask CreateAsync(
        SessionState session, CreateViewStatement statement, CancellationToken cancellation)
    {
        CheckOptions(statement.Options);
        ImmutableArray<ColumnEntry> columns = ColumnsOf(session, statement, out bool usesTemporary);
        bool isTemporary = statement.IsTemporary || usesTemporary;
        if (usesTemporary && !statement.IsTemporary)
            session.Notices.Notice($"view \"{statement.Name.Name}\" will be a temporary view");
        if (statement.OrReplace && FindReplaced(session, statement, isTemporary) is { } old)
        {
            RefuseOtherColumns(old, columns);
            TableEntry changed = old with
            {
                Columns = columns,
                ViewSql = TextOf(session, statement, columns),
                ViewSearchPath = SearchPath(session, isTemporary),
                Options = Definitions.Options(statement.Options),
            };
            RequireUpdatable(session, changed);
            Definitions.Put(session, changed);
            return;
        }
        SchemaEntry? schema = await Definitions.TakeNameAsync(
            session, statement.Name, isTemporary, ifNotExists: false, cancellation);
        if (schema is null)
            return;
        TableEntry view = new(Definitions.NextOid(session), schema.Oid, statement.Name.Name)
        {
            Kind = TableKind.View,
            Columns = columns,
            ViewSql = TextOf(session, statement, columns),
            ViewSearchPath = SearchPath(session, isTemporary),
            IsTemporary = session.IsTemporarySchema(schema.Oid),
            Options = Definitions.Options(statement.Options),
        };
        RequireUpdatable(session, view);
        Definitions.Put(session, view);
    }

    /// <exception cref="SqlException">22023: a view has no such parameter, or not this value of it.</exception>
    internal static void CheckOptions(IEnumerable<Option> options)
    {
        foreach (Option option in options)
        {
            string? value = Definitions.OptionText(option.Value);
            switch (option.Name)
            {
                case "security_barrier" or "security_invoker" when value is null or "true" or "false" or "on" or "off" or "0" or "1":
                    break;
                case "security_barrier" or "security_invoker":
                    throw new SqlException(
                        SqlState.InvalidParameterValue, $"invalid value for boolean option \"{option.Name}\": {value}");
                case "check_option" when value is "local" or "cascaded":
                    break;
                case "check_option":
                    throw new SqlException(
                        SqlState.InvalidParameterValue, $"invalid value for enum option \"check_option\": {value}")
                    { Detail = "Valid values are \"local\" and \"cascaded\"." };
                default:
                    throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized parameter \"{option.Name}\"");
            }
        }
    }

    /// <exception cref="SqlException">0A000: the view has a check option, and rows cannot be changed through it.</exception>
    internal static void RequireUpdatable(SessionState session, TableEntry view)
    {
        if (!view.Options.Any(option => option.Key == "check_option"))
            return;
        (string? problem, ImmutableArray<bool> columns) = QueryPlanner.DescribeView(view, Definitions.Context(session));
        if (problem is null && !columns.Contains(true))
            problem = "Views that have no updatable columns are not automatically updatable.";
        if (problem is not null)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "WITH CHECK OPTION is supported only on automatically updatable views", hint: problem);
        }
    }

    private static string TextOf(SessionState session, CreateViewStatement statement, ImmutableArray<ColumnEntry> columns)
    {
        PlannerContext context = Definitions.Context(session);
        return ViewTexts.Of(statement.Query, columns, context, context);
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
