using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Statements;

/// <summary>There is one role so far: the session's user, who owns everything.</summary>
internal static class Roles
{
    internal const uint UserOid = 10;

    /// <exception cref="SqlException">42704: another role, which does not exist.</exception>
    internal static void Require(SessionState session, string role)
    {
        bool isUser = role == session.User || role is "current_user" or "session_user" or "current_role" or "vecsql";
        if (!isUser)
            throw new SqlException(SqlState.UndefinedObject, $"role \"{role}\" does not exist");
    }
}
