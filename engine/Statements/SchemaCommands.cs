using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE and ALTER SCHEMA.</summary>
internal static class SchemaCommands
{
    /// <param name="define">Makes something.</param>
    internal static async ValueTask CreateAsync(
        SessionState session, CreateSchemaStatement statement, Func<Statement, ValueTask<string>> define, CancellationToken cancellation)
    {
        string name = statement.Name.Length > 0 ? statement.Name : statement.Owner ?? "";
        if (statement.Owner is { } owner)
            Roles.RequireOwner(session, owner);
        if (!await TakeNameAsync(session, name, statement.IfNotExists, cancellation))
            return;
        Definitions.Put(session, new SchemaEntry(Definitions.NextOid(session), name) { DatabaseOid = session.DatabaseOid });
        if (statement.Elements.IsEmpty)
            return;
        Statement[] elements = [.. statement.Elements.Select(element => In(name, element) with { Text = statement.Text }).OrderBy(RankOf)];
        session.Names.MadeSchema = name;
        try
        {
            foreach (Statement element in elements)
                await define(element);
        }
        finally
        {
            session.Names.MadeSchema = null;
        }
    }

    /// <summary>What is read by others is made before them, in whatever order it was written.</summary>
    private static int RankOf(Statement element) => element switch
    {
        CreateSequenceStatement => 0,
        CreateTableStatement => 1,
        CreateViewStatement => 2,
        CreateIndexStatement => 3,
        _ => 4,
    };

    private static Statement In(string schema, Statement element) => element switch
    {
        CreateSequenceStatement create => create with { Name = In(schema, create.Name) },
        CreateTableStatement create => create with { Name = In(schema, create.Name) },
        CreateViewStatement create => create with { Name = In(schema, create.Name) },
        CreateIndexStatement create => create with { Table = In(schema, create.Table) },
        _ => element,
    };

    private static QualifiedName In(string schema, QualifiedName name)
    {
        if (name.Schema is { } other && other != schema)
        {
            throw new SqlException(SqlState.InvalidSchemaDefinition,
                $"CREATE specifies a schema ({other}) different from the one being created ({schema})");
        }
        return new QualifiedName([schema, name.Name]) { Position = name.Position };
    }

    internal static async ValueTask AlterAsync(
        SessionState session, AlterSchemaStatement statement, CancellationToken cancellation)
    {
        SchemaEntry schema = session.Names.GetSchema(Definitions.Catalog(session), statement.Name);
        switch (statement.Action)
        {
            case OwnerAction owner:
                Roles.RequireOwner(session, owner.Owner);
                break;
            case RenameAction rename:
                RefuseSystem(schema);
                await TakeNameAsync(session, rename.NewName, ifNotExists: false, cancellation);
                RenameInViews(session, schema, rename.NewName);
                break;
            default:
                throw StatementDispatch.Unsupported("this action of ALTER SCHEMA");
        }
    }

    /// <summary>Views go on finding their tables.</summary>
    private static void RenameInViews(SessionState session, SchemaEntry schema, string name)
    {
        IEnumerable<TableEntry> naming = Definitions.Catalog(session).Tables.Where(
            table => table.Kind == TableKind.View && Dependencies.NamesSchema(table, schema.Name));
        ViewTexts.Rewrite(session, naming, () => Definitions.Put(session, schema with { Name = name }));
        foreach (TableEntry view in Definitions.Catalog(session).Tables.Where(
            table => table.Kind == TableKind.View && table.ViewSearchPath.Contains(schema.Name)).ToArray())
            Definitions.Put(session, view with { ViewSearchPath = view.ViewSearchPath.Replace(schema.Name, name) });
    }

    internal static void RefuseSystem(SchemaEntry schema)
    {
        if (schema.Oid < Catalog.Types.TypeOid.FirstUser && schema.Name != "public")
        {
            throw new SqlException(SqlState.DependentObjectsStillExist,
                $"cannot drop schema {schema.Name} because it is required by the database system");
        }
    }

    private static async ValueTask<bool> TakeNameAsync(
        SessionState session, string name, bool ifNotExists, CancellationToken cancellation)
    {
        if (name.StartsWith("pg_", StringComparison.Ordinal))
        {
            throw new SqlException(SqlState.ReservedName, $"unacceptable schema name \"{name}\"")
            { Detail = "The prefix \"pg_\" is reserved for system schemas." };
        }
        await Definitions.LockNameAsync(session, schemaOid: 0, name, cancellation);
        if (Definitions.Catalog(session).FindSchema(name) is null)
            return true;
        if (!ifNotExists)
            throw new SqlException(SqlState.DuplicateSchema, $"schema \"{name}\" already exists");
        session.Notices.Notice(SqlState.DuplicateSchema, $"schema \"{name}\" already exists, skipping");
        return false;
    }
}
