using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE, ALTER and DROP DATABASE.</summary>
/// <remarks>Who may do what, and the words when somebody may not, are PostgreSQL 15's.</remarks>
internal static class DatabaseCommands
{
    private const uint DatabaseCatalog = 1262;

    // As long as PostgreSQL waits for sessions that are just going.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    internal static async ValueTask CreateAsync(
        SessionState session, CreateDatabaseStatement statement, bool isInScript, CancellationToken cancellation)
    {
        session.Transaction.RefuseBlock("CREATE DATABASE", isInScript);
        NewDatabase options = DatabaseOptionValues.OfNew(session, statement.Name, statement.Options);
        if (session.Role is not ({ IsSuperuser: true } or { CreatesDatabases: true }))
            throw Roles.Denied("permission denied to create database");
        await LockAsync(session, cancellation);
        CatalogSnapshot catalog = Definitions.Catalog(session);
        DatabaseEntry template = catalog.FindDatabase(options.Template)
            ?? throw new SqlException(SqlState.InvalidCatalogName, $"template database \"{options.Template}\" does not exist");
        if (!template.IsTemplate && !session.IsSuperuser)
            throw Roles.Denied($"permission denied to copy database \"{template.Name}\"");
        RefuseName(session, statement.Name);
        await RefuseInUseAsync(session, template, "source database", cancellation);
        if (options.Oid is { } oid && catalog.InDatabase(0).Find(oid) is not null)
            throw new SqlException(SqlState.DuplicateObject, $"object OID {oid} is already in use");
        Copy(session, template, options.Form with { Oid = options.Oid ?? Definitions.NextOid(session) });
    }

    internal static async ValueTask AlterAsync(
        SessionState session, AlterDatabaseStatement statement, CancellationToken cancellation)
    {
        await LockAsync(session, cancellation);
        DatabaseEntry database = GetOwn(session, statement.Name);
        if (statement.Action is OwnerAction owner)
        {
            Roles.RequireOwner(session, owner.Owner);
            return;
        }
        if (statement.Action is not RenameAction rename)
            throw StatementDispatch.Unsupported("this action of ALTER DATABASE");
        if (session.Role is not ({ IsSuperuser: true } or { CreatesDatabases: true }))
            throw Roles.Denied("permission denied to rename database");
        RefuseName(session, rename.NewName);
        if (database.Oid == session.DatabaseOid)
            throw new SqlException(SqlState.FeatureNotSupported, "current database cannot be renamed");
        await RefuseInUseAsync(session, database, "database", cancellation);
        Definitions.Put(session, database with { Name = rename.NewName });
    }

    internal static async ValueTask AlterAsync(
        SessionState session, AlterDatabaseOptionsStatement statement, CancellationToken cancellation)
    {
        await LockAsync(session, cancellation);
        DatabaseEntry database = DatabaseOptionValues.Change(GetOwn(session, statement.Name), statement.Options);
        if (!database.AllowsConnections && database.Oid == session.DatabaseOid)
            throw new SqlException(SqlState.InvalidParameterValue, "cannot disallow connections for current database");
        Definitions.Put(session, database);
    }

    internal static async ValueTask SetAsync(
        SessionState session, AlterDatabaseSettingStatement statement, CancellationToken cancellation)
    {
        await LockAsync(session, cancellation);
        DatabaseEntry database = GetOwn(session, statement.Name);
        Definitions.Put(session, database with { Settings = SettingCommands.ChangeInitial(session, database.Settings, statement.Change) });
    }

    internal static async ValueTask DropAsync(
        SessionState session, DropStatement statement, bool isInScript, CancellationToken cancellation)
    {
        session.Transaction.RefuseBlock("DROP DATABASE", isInScript);
        await LockAsync(session, cancellation);
        string name = statement.Names[0].Name;
        if (statement.IfExists && Definitions.Catalog(session).FindDatabase(name) is null)
        {
            session.Notices.Notice($"database \"{name}\" does not exist, skipping");
            return;
        }
        DatabaseEntry database = GetOwn(session, name);
        if (database.IsTemplate)
            throw new SqlException(SqlState.WrongObjectType, "cannot drop a template database");
        if (database.Oid == session.DatabaseOid)
            throw new SqlException(SqlState.ObjectInUse, "cannot drop the currently open database");
        if (statement.IsForced)
        {
            foreach (SqlSession other in OthersIn(session, database))
                other.Terminate();
        }
        await RefuseInUseAsync(session, database, "database", cancellation);
        foreach (CatalogObject item in OwnObjects(session, database))
            Definitions.Drop(session, item.Oid);
        session.ModelPins.NoteChange();
        Definitions.Drop(session, database.Oid);
    }

    internal static async ValueTask CommentAsync(
        SessionState session, string name, string? text, CancellationToken cancellation)
    {
        await LockAsync(session, cancellation);
        Definitions.Put(session, GetOwn(session, name) with { Comment = text });
    }

    /// <summary>A new database has the schemas of its template.</summary>
    private static void Copy(SessionState session, DatabaseEntry template, DatabaseEntry database)
    {
        CatalogObject[] objects = [.. OwnObjects(session, template)];
        if (objects.Any(static item => item is not SchemaEntry))
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"copying database \"{template.Name}\", which has tables, views, sequences or models, is not supported",
                hint: "Create the database from template0, and restore a dump into it.");
        }
        Definitions.Put(session, database);
        foreach (SchemaEntry schema in objects.Cast<SchemaEntry>())
            Definitions.Put(session, schema with { Oid = Definitions.NextOid(session), DatabaseOid = database.Oid });
    }

    private static IEnumerable<CatalogObject> OwnObjects(SessionState session, DatabaseEntry database) =>
        Definitions.Catalog(session).InDatabase(database.Oid).Objects.Where(static item =>
            item is SchemaEntry { DatabaseOid: not 0 } or TableEntry or SequenceEntry or ModelEntry);

    /// <exception cref="SqlException">3D000: there is no such database; 42501: it is somebody else's.</exception>
    private static DatabaseEntry GetOwn(SessionState session, string name)
    {
        DatabaseEntry database = Definitions.Catalog(session).FindDatabase(name) ?? throw Undefined(name);
        return session.IsSuperuser || session.Role?.Oid == Roles.OwnerOid
            ? database
            : throw Roles.Denied($"must be owner of database {name}");
    }

    internal static SqlException Undefined(string name) =>
        new(SqlState.InvalidCatalogName, $"database \"{name}\" does not exist");

    private static void RefuseName(SessionState session, string name)
    {
        if (Definitions.Catalog(session).FindDatabase(name) is not null)
            throw new SqlException(SqlState.DuplicateDatabase, $"database \"{name}\" already exists");
    }

    private static async ValueTask RefuseInUseAsync(
        SessionState session, DatabaseEntry database, string what, CancellationToken cancellation)
    {
        try
        {
            await Task.WhenAll(OthersIn(session, database).Select(static other => other.Gone))
                .WaitAsync(Patience, session.Database.Time, cancellation);
        }
        catch (TimeoutException)
        {
            int count = OthersIn(session, database).Count();
            throw new SqlException(SqlState.ObjectInUse, $"{what} \"{database.Name}\" is being accessed by other users")
            {
                Detail = count == 1
                    ? "There is 1 other session using the database."
                    : $"There are {count} other sessions using the database.",
            };
        }
    }

    private static IEnumerable<SqlSession> OthersIn(SessionState session, DatabaseEntry database) =>
        session.Database.Sessions.Where(other => other.State != session && other.State.DatabaseOid == database.Oid);

    /// <summary>Statements about databases run one after the other: they are few, and depend on each other's outcome.</summary>
    internal static ValueTask LockAsync(SessionState session, CancellationToken cancellation) =>
        Definitions.LockNameAsync(session, DatabaseCatalog, "", cancellation);
}
