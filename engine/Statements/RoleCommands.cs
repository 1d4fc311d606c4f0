using System.Security.Cryptography;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Core.Settings;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE, ALTER and DROP ROLE.</summary>
/// <remarks>Who may do what, and the words when somebody may not, are PostgreSQL 15's.</remarks>
internal static class RoleCommands
{
    private const uint AuthorizationCatalog = 1260;

    private const int DecoySecretBytes = 32;

    internal static async ValueTask CreateAsync(
        SessionState session, CreateRoleStatement statement, CancellationToken cancellation)
    {
        RoleEntry role = new(Definitions.NextOid(session), statement.Name) { LogsIn = statement.Kind == "user" };
        role = RoleAttributes.Apply(session, role, statement.Options);
        RefuseCreation(session, role);
        await LockAsync(session, cancellation);
        RefuseName(session, statement.Name);
        Put(session, role);
    }

    internal static async ValueTask AlterAsync(
        SessionState session, AlterRoleStatement statement, CancellationToken cancellation)
    {
        await LockAsync(session, cancellation);
        RoleEntry role = Get(session, statement.Name);
        RefusePredefined(role, "Cannot alter reserved roles.");
        RoleEntry changed = RoleAttributes.Apply(session, role, statement.Options);
        RefuseChange(session, role, statement);
        if (role.Oid == RoleEntry.BootstrapOid && !changed.IsSuperuser)
        {
            throw new SqlException(SqlState.FeatureNotSupported, "permission denied to alter role")
            { Detail = "The bootstrap user must have the SUPERUSER attribute." };
        }
        Put(session, changed);
    }

    internal static async ValueTask RenameAsync(
        SessionState session, RenameRoleStatement statement, CancellationToken cancellation)
    {
        await LockAsync(session, cancellation);
        RoleEntry role = Get(session, statement.Name);
        if (role.Oid == session.FindRole(session.SessionUser)?.Oid)
            throw new SqlException(SqlState.FeatureNotSupported, "session user cannot be renamed");
        if (role.Oid == session.Role?.Oid)
            throw new SqlException(SqlState.FeatureNotSupported, "current user cannot be renamed");
        RefusePredefined(role, "Role names starting with \"pg_\" are reserved.");
        RefuseName(session, statement.NewName);
        if (role.IsSuperuser && !session.IsSuperuser)
            throw Roles.Denied("must be superuser to rename superusers");
        if (!session.CreatesRoles)
            throw Roles.Denied("permission denied to rename role");
        Definitions.Put(session, role with { Name = statement.NewName });
    }

    internal static async ValueTask SetAsync(
        SessionState session, AlterRoleSettingStatement statement, CancellationToken cancellation)
    {
        await LockAsync(session, cancellation);
        RoleEntry role = Get(session, statement.Name);
        RefusePredefined(role, "Cannot alter reserved roles.");
        bool isOwn = role.Oid == session.Role?.Oid;
        if (role.IsSuperuser && !session.IsSuperuser)
            throw Roles.Denied("must be superuser to alter superusers");
        if (!isOwn && !session.CreatesRoles)
            throw Roles.Denied("permission denied");
        Definitions.Put(session, role with { Settings = SettingCommands.ChangeInitial(session, role.Settings, statement.Change) });
    }

    internal static async ValueTask DropAsync(SessionState session, DropStatement statement, CancellationToken cancellation)
    {
        if (!session.CreatesRoles)
            throw Roles.Denied("permission denied to drop role");
        await LockAsync(session, cancellation);
        foreach (QualifiedName name in statement.Names)
        {
            if (Roles.NameOf(session, name.Name) != name.Name)
                throw new SqlException(SqlState.InvalidParameterValue, "cannot use special role specifier in DROP ROLE");
            if (session.FindRole(name.Name) is { } role)
                Drop(session, role);
            else if (statement.IfExists)
                session.Notices.Notice($"role \"{name.Name}\" does not exist, skipping");
            else
                throw Roles.Undefined(name.Name);
        }
    }

    internal static async ValueTask CommentAsync(
        SessionState session, string name, string? text, CancellationToken cancellation)
    {
        await LockAsync(session, cancellation);
        RoleEntry role = Get(session, name);
        if (role.IsSuperuser ? !session.IsSuperuser : !session.CreatesRoles)
        {
            throw Roles.Denied(role.IsSuperuser
                ? "must be superuser to comment on superuser roles"
                : "must have CREATEROLE privilege");
        }
        Definitions.Put(session, role with { Comment = text });
    }

    /// <summary>Statements about roles run one after the other: they are few, and several may change one role.</summary>
    private static ValueTask LockAsync(SessionState session, CancellationToken cancellation) =>
        Definitions.LockNameAsync(session, AuthorizationCatalog, "", cancellation);

    /// <summary>The role under the name that the catalog has for it.</summary>
    private static RoleEntry Get(SessionState session, string name)
    {
        RoleEntry role = Roles.Get(session, name);
        return (RoleEntry?)Definitions.Catalog(session).Find(role.Oid) ?? role;
    }

    /// <summary>Where a first password is set, there must be something to make the salts of unknown users of.</summary>
    private static void Put(SessionState session, RoleEntry role)
    {
        Definitions.Put(session, role);
        bool lacksSecret = role.Verifier is not null
            && Definitions.Catalog(session).Find(RoleEntry.BootstrapOid) is RoleEntry { DecoySecret: null };
        if (lacksSecret && Definitions.Catalog(session).Find(RoleEntry.BootstrapOid) is RoleEntry first)
        {
            string secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(DecoySecretBytes));
            Definitions.Put(session, first with { DecoySecret = secret });
        }
    }

    private static void RefuseCreation(SessionState session, RoleEntry role)
    {
        if (session.IsSuperuser)
            return;
        if (role.IsSuperuser)
            throw Roles.Denied("must be superuser to create superusers");
        if (role.Replicates)
            throw Roles.Denied("must be superuser to create replication users");
        if (role.BypassesRowSecurity)
            throw Roles.Denied("must be superuser to create bypassrls users");
        if (!session.CreatesRoles)
            throw Roles.Denied("permission denied to create role");
    }

    private static void RefuseChange(SessionState session, RoleEntry role, AlterRoleStatement statement)
    {
        if (session.IsSuperuser)
            return;
        if (role.IsSuperuser || RoleAttributes.Has(statement.Options, "superuser"))
            throw Roles.Denied("must be superuser to alter superuser roles or change superuser attribute");
        if (role.Replicates || RoleAttributes.Has(statement.Options, "replication"))
            throw Roles.Denied("must be superuser to alter replication roles or change replication attribute");
        if (RoleAttributes.Has(statement.Options, "bypassrls"))
            throw Roles.Denied("must be superuser to change bypassrls attribute");
        bool isOwnPassword = role.Oid == session.Role?.Oid && statement.Options.All(option => option.Name == "password");
        if (!session.CreatesRoles && !isOwnPassword)
            throw Roles.Denied("permission denied");
    }

    private static void RefusePredefined(RoleEntry role, string detail)
    {
        if (role.IsBuiltIn && role.Oid != RoleEntry.BootstrapOid)
            throw new SqlException(SqlState.ReservedName, $"role name \"{role.Name}\" is reserved") { Detail = detail };
    }

    private static void RefuseName(SessionState session, string name)
    {
        if (name.StartsWith("pg_", StringComparison.Ordinal))
        {
            throw new SqlException(SqlState.ReservedName, $"role name \"{name}\" is reserved")
            { Detail = "Role names starting with \"pg_\" are reserved." };
        }
        if (name is "public" or "none")
            throw new SqlException(SqlState.ReservedName, $"role name \"{name}\" is reserved");
        if (Definitions.Catalog(session).FindRole(name) is not null)
            throw new SqlException(SqlState.DuplicateObject, $"role \"{name}\" already exists");
    }

    private static void Drop(SessionState session, RoleEntry role)
    {
        if (role.Oid == session.Role?.Oid)
            throw new SqlException(SqlState.ObjectInUse, "current user cannot be dropped");
        if (role.Oid == session.FindRole(session.SessionUser)?.Oid)
            throw new SqlException(SqlState.ObjectInUse, "session user cannot be dropped");
        if (role.IsSuperuser && !session.IsSuperuser)
            throw Roles.Denied("must be superuser to drop superusers");
        if (role.IsBuiltIn)
        {
            throw new SqlException(SqlState.DependentObjectsStillExist,
                $"cannot drop role {role.Name} because it is required by the database system");
        }
        Definitions.Drop(session, role.Oid);
    }
}
