using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE INDEX: unique ones are enforced, those of vectors are built over segments; plain ones are recorded, zone maps
/// doing their work.</summary>
internal static class IndexCommands
{
    internal static async ValueTask CreateAsync(
        SessionState session, CreateIndexStatement statement, bool isInScript, CancellationToken cancellation)
    {
        statement = VectorMethodAliases.Resolve(session, statement);
        TableEntry table = session.Names.GetTable(Definitions.Catalog(session), statement.Table);
        RefuseNonTable(table);
        if (statement.IsConcurrent)
            session.Transaction.RefuseBlock("CREATE INDEX CONCURRENTLY", isInScript);
        RefuseMethod(statement);
        table = await Definitions.LockTableAsync(session, table, LockFor(statement), cancellation);
        IndexDraft draft = new(session, table, statement);
        string name = statement.Name ?? Definitions.ChooseName(table.Name, string.Join('_', draft.Names), "idx",
            taken => Definitions.Catalog(session).IsNameTaken(table.SchemaOid, taken));
        await Definitions.LockNameAsync(session, table.SchemaOid, name, cancellation);
        if (Definitions.Catalog(session).IsNameTaken(table.SchemaOid, name))
        {
            if (!statement.IfNotExists)
                throw Definitions.AlreadyExists(name);
            session.Notices.Notice(SqlState.DuplicateTable, $"relation \"{name}\" already exists, skipping");
            return;
        }
        IndexEntry index = draft.Make(session, name);
        if (index.IsUnique)
            await TableValidation.RequireUniqueAsync(session, draft.Table, index, cancellation);
        if (!ReferenceEquals(draft.Table, table))
            await TableRewrite.RunAsync(session, table, draft.Table, new Dictionary<short, ScalarExpression>(), cancellation);
        table = await ShardPlacement.RefitAsync(
            session, draft.Table, draft.Table with { Indexes = table.Indexes.Add(index) }, cancellation);
        Definitions.Put(session, table);
        string command = statement.IsConcurrent ? "CREATE INDEX CONCURRENTLY" : "CREATE INDEX";
        await BuildAsync(session, table, index, command, isAnew: false, cancellation);
    }

    // Stronger than PostgreSQL's, which lets two build at once: here both change the same record of the table. Where the index takes
    // hidden columns, all rows are stored anew.
    private static TableLockMode LockFor(CreateIndexStatement statement) => IndexDraft.HidesColumns(statement)
        ? TableLockMode.AccessExclusive
        : statement is { IsConcurrent: true, IsUnique: false } ? TableLockMode.ShareUpdateExclusive : TableLockMode.ShareRowExclusive;

    /// <summary>Builds what searches by the index need, and tests what it promises.</summary>
    internal static async ValueTask BuildAsync(
        SessionState session, TableEntry table, IndexEntry index, string command, bool isAnew, CancellationToken cancellation)
    {
        SegmentIndexDefinition? definition = SegmentIndexDefinition.Of(table, index);
        session.Activity.IndexBuild = new IndexBuildActivity(table.Oid, index.Oid, command, definition is not null);
        try
        {
            if (index.IsUnique && isAnew)
                await TableValidation.RequireUniqueAsync(session, table, index, cancellation);
            if (definition is not null && isAnew)
                await session.Database.Storage.RebuildIndexAsync(table.Id, definition, cancellation);
            else if (definition is not null)
                await session.Database.Storage.BuildIndexAsync(table.Id, definition, cancellation);
        }
        finally
        {
            session.Activity.IndexBuild = null;
        }
    }

    /// <summary>Keys need a type whose values have an order.</summary>
    /// <exception cref="SqlException">42704: the type has none.</exception>
    internal static void RequireOrder(SqlType type, string method)
    {
        if (type.Oid is not (TypeOid.Json or TypeOid.AclItem or TypeOid.PgNodeTree))
            return;
        throw new SqlException(SqlState.UndefinedObject,
            $"data type {BuiltinTypes.FormatType(type.Oid, null)} has no default operator class for access method \"{method}\"",
            hint: "You must specify an operator class for the index or define a default operator class for the data type.");
    }

    private static void RefuseNonTable(TableEntry table)
    {
        Definitions.RefuseSystem(table);
        if (table.Kind != TableKind.Table)
        {
            throw new SqlException(SqlState.WrongObjectType, $"cannot create index on relation \"{table.Name}\"")
            { Detail = "This operation is not supported for views." };
        }
    }

    private static void RefuseMethod(CreateIndexStatement statement)
    {
        switch (statement.Method)
        {
            case "btree":
                break;
            case "hash" when statement.IsUnique:
                throw new SqlException(
                    SqlState.FeatureNotSupported, "access method \"hash\" does not support unique indexes");
            case "hash" when statement.Elements.Count > 1:
                throw new SqlException(
                    SqlState.FeatureNotSupported, "access method \"hash\" does not support multicolumn indexes");
            case "hash" or "brin":
                break;
            case "hnsw" or "ivfflat" or "vecsql":
                VectorIndexRules.CheckShape(statement);
                break;
            case TextIndexOptions.Method:
                TextIndexRules.CheckShape(statement);
                break;
            case "gin":
                TextIndexRules.CheckGin(statement);
                break;
            case "gist" or "spgist":
                throw new SqlException(SqlState.FeatureNotSupported, $"access method \"{statement.Method}\" is not supported");
            default:
                throw new SqlException(SqlState.UndefinedObject, $"access method \"{statement.Method}\" does not exist");
        }
        ImmutableArray<KeyValuePair<string, string>> options = Definitions.Options(statement.Options);
        IndexOptions.Check(statement.Method, options);
        if (VectorOperatorClass.IsVectorMethod(statement.Method))
            IndexOptions.CheckBuild(options);
    }
}
