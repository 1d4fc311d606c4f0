using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE and ALTER SCHEMA.</summary>
internal static class SchemaCommands
{
    internal static async ValueTask CreateAsync(
        SessionState session, CreateSchemaStatement statement, CancellationToken cancellation)
    {
        string name = statement.Name.Length > 0 ? statement.Name : statement.Owner ?? "";
        if (statement.Owner is { } owner)
            Roles.RequireOwner(session, owner);
        if (!await TakeNameAsync(session, name, statement.IfNotExists, cancellation))
            return;
        Definitions.Put(session, new SchemaEntry(Definitions.NextOid(session), name) { DatabaseOid = session.DatabaseOid });
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
