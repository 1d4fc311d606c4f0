using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Statements;

/// <summary>Roles by name, and what a session's role may do.</summary>
internal static class Roles
{
    /// <summary>Who owns all that there is: ownership by others comes with privileges.</summary>
    internal const uint OwnerOid = RoleEntry.BootstrapOid;

    /// <exception cref="SqlException">42704: there is no such role.</exception>
    internal static RoleEntry Get(SessionState session, string role) =>
        session.FindRole(NameOf(session, role)) ?? throw Undefined(role);

    /// <summary>A role as statements write it: also CURRENT_USER and its like.</summary>
    internal static string NameOf(SessionState session, string role) => role switch
    {
        "current_user" or "current_role" => session.User,
        "session_user" => session.SessionUser,
        _ => role,
    };

    /// <exception cref="SqlException">42704, or 0A000: a role that cannot own anything.</exception>
    internal static void RequireOwner(SessionState session, string role)
    {
        if (Get(session, role).Oid != OwnerOid)
            throw StatementDispatch.Unsupported($"ownership by a role other than {OwnerName(session)}");
    }

    internal static string OwnerName(SessionState session) => session.NameOfRole(OwnerOid) ?? "";

    internal static SqlException Undefined(string role) =>
        new(SqlState.UndefinedObject, $"role \"{role}\" does not exist");

    internal static SqlException Denied(string message) => new(SqlState.InsufficientPrivilege, message);
}
