using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;

namespace VecSQL.Engine.Statements;

/// <summary>What types that users make have in common: their names, ALTER TYPE, COMMENT ON TYPE.</summary>
internal static class UserTypeCommands
{
    internal static async ValueTask AlterAsync(SessionState session, AlterUserTypeStatement statement, CancellationToken cancellation)
    {
        SqlType found = Find(session, statement.Name);
        bool isOfEnum = statement.Action is AddEnumValueAction or RenameEnumValueAction;
        if (isOfEnum && !UserTypeOid.IsEnum(found.Oid))
            throw new SqlException(SqlState.WrongObjectType, $"{BuiltinTypes.FormatType(found)} is not an enum");
        UserTypeEntry type = await LockAsync(session, Get(session, found), cancellation);
        switch (statement.Action)
        {
            case AddEnumValueAction add when type is EnumTypeEntry changed:
                EnumCommands.Add(session, changed, add);
                break;
            case RenameEnumValueAction rename when type is EnumTypeEntry changed:
                EnumCommands.Rename(session, changed, rename);
                break;
            case RenameAction rename:
                await RenameAsync(session, type, rename.NewName, cancellation);
                break;
            case SetSchemaAction move:
                await MoveAsync(session, type, move.Schema, cancellation);
                break;
            case OwnerAction owner:
                Roles.RequireOwner(session, owner.Owner);
                break;
            default:
                throw StatementDispatch.Unsupported("this action of ALTER TYPE");
        }
    }

    internal static async ValueTask CommentAsync(
        SessionState session, QualifiedName name, string? text, CancellationToken cancellation)
    {
        UserTypeEntry type = await LockAsync(session, Get(session, Find(session, name)), cancellation);
        Definitions.Put(session, type with { Comment = text });
    }

    /// <summary>The schema of a new type, whose name is locked and known to be free.</summary>
    internal static async ValueTask<SchemaEntry> TakeNameAsync(
        SessionState session, QualifiedName name, CancellationToken cancellation)
    {
        SchemaEntry schema = Definitions.ChooseSchema(session, name, isTemporary: false);
        await TakeNameAsync(session, schema.Oid, name.Name, cancellation);
        return schema;
    }

    /// <summary>A free name for the array type of a type.</summary>
    internal static string ArrayName(SessionState session, uint schemaOid, string name)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        for (string underscores = "_"; ; underscores += "_")
        {
            string arrayName = Definitions.ChooseName(underscores + name, null, "", static _ => false);
            if (catalog.FindType(schemaOid, arrayName) == 0 && !HasRowType(catalog, schemaOid, arrayName))
                return arrayName;
        }
    }

    /// <summary>A relation that is to be made has a row type in PostgreSQL, so that no type may have its name.</summary>
    internal static void RefuseRelation(SessionState session, uint schemaOid, string name, string? hint = null)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        uint found = catalog.FindType(schemaOid, name);
        if (found != 0 && !TryRenameArray(session, catalog, schemaOid, found))
        {
            throw new SqlException(SqlState.DuplicateObject, $"type \"{name}\" already exists", hint: hint);
        }
    }

    /// <exception cref="SqlException">42704: there is no such type.</exception>
    private static SqlType Find(SessionState session, QualifiedName name) =>
        QueryPlanner.ResolveType(new TypeName(name with { Position = 0 }, []), Definitions.Context(session));

    /// <exception cref="SqlException">42501: nobody made it; 42809: it is the array type of another.</exception>
    private static UserTypeEntry Get(SessionState session, SqlType found)
    {
        if (Definitions.Catalog(session).FindType(found.Oid) is not { } type)
        {
            throw new SqlException(
                SqlState.InsufficientPrivilege, $"permission denied: {BuiltinTypes.FormatType(found)} is a system type");
        }
        return found.Oid == type.Oid ? type : throw new SqlException(SqlState.WrongObjectType,
            $"cannot alter array type {BuiltinTypes.FormatType(found)}",
            hint: $"You can alter type {CatalogMark.OfType(type.Oid)}, which will alter the array type as well.");
    }

    private static async ValueTask<UserTypeEntry> LockAsync(
        SessionState session, UserTypeEntry type, CancellationToken cancellation)
    {
        await Definitions.LockNameAsync(session, type.SchemaOid, type.Name, cancellation);
        return Definitions.Catalog(session).FindType(type.Oid)
            ?? throw new SqlException(SqlState.UndefinedObject, $"type \"{type.Name}\" does not exist");
    }

    private static async ValueTask RenameAsync(
        SessionState session, UserTypeEntry type, string name, CancellationToken cancellation)
    {
        await TakeNameAsync(session, type.SchemaOid, name, cancellation);
        Definitions.Put(session, type with { Name = name, ArrayName = ArrayName(session, type.SchemaOid, name) });
    }

    private static async ValueTask MoveAsync(
        SessionState session, UserTypeEntry type, string schemaName, CancellationToken cancellation)
    {
        SchemaEntry schema = session.Names.GetSchema(Definitions.Catalog(session), schemaName);
        if (schema.Oid == type.SchemaOid)
            return;
        if (session.IsTemporarySchema(schema.Oid) || session.IsTemporarySchema(type.SchemaOid))
            throw new SqlException(SqlState.FeatureNotSupported, "cannot move objects into or out of temporary schemas");
        await Definitions.LockNameAsync(session, schema.Oid, type.Name, cancellation);
        if (Definitions.Catalog(session).FindType(schema.Oid, type.Name) != 0)
        {
            throw new SqlException(SqlState.DuplicateObject,
                $"type \"{type.Name}\" already exists in schema \"{schema.Name}\"");
        }
        Definitions.Put(session, type with { SchemaOid = schema.Oid, ArrayName = ArrayName(session, schema.Oid, type.Name) });
    }

    private static async ValueTask TakeNameAsync(
        SessionState session, uint schemaOid, string name, CancellationToken cancellation)
    {
        await Definitions.LockNameAsync(session, schemaOid, name, cancellation);
        CatalogSnapshot catalog = Definitions.Catalog(session);
        uint found = catalog.FindType(schemaOid, name);
        bool isTaken = found != 0 && !TryRenameArray(session, catalog, schemaOid, found);
        if (isTaken || HasRowType(catalog, schemaOid, name))
            throw new SqlException(SqlState.DuplicateObject, $"type \"{name}\" already exists");
    }

    /// <summary>Array types, which nobody named, make room.</summary>
    private static bool TryRenameArray(SessionState session, CatalogSnapshot catalog, uint schemaOid, uint found)
    {
        if (catalog.FindType(found) is not { } type || type.Oid == found)
            return false;
        Definitions.Put(session, type with { ArrayName = ArrayName(session, schemaOid, type.ArrayName) });
        return true;
    }

    private static bool HasRowType(CatalogSnapshot catalog, uint schemaOid, string name) =>
        catalog.FindRelation(schemaOid, name) is not null;
}
