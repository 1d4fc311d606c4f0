using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Settings;

/// <summary>SET, RESET and set_config: settings with a meaning for the session go to those who know it, the others are just kept.</summary>
internal static class SettingAssignment
{
    /// <param name="value">Null for TO DEFAULT.</param>
    internal static void Set(SessionState session, string name, string? value, bool isLocal)
    {
        switch (name.ToLowerInvariant())
        {
            case "transaction_isolation":
                string isolation = value is null ? session.Settings[SettingCatalog.DefaultIsolation].Text : value;
                session.Transaction.SetModes(new TransactionModes(
                    Core.Settings.SettingParser.Parse(SettingCatalog.TransactionIsolation, isolation).Text, null, null));
                break;
            case "transaction_read_only":
                string readOnly = value ?? session.Settings[SettingCatalog.DefaultReadOnly].Text;
                session.Transaction.SetModes(new TransactionModes(
                    null, Core.Settings.SettingParser.Parse(SettingCatalog.TransactionReadOnly, readOnly).IsOn, null));
                break;
            case "session_authorization":
                if (value is not null)
                    RefuseAuthorization(session, value);
                session.Settings.Set(name, value, isLocal);
                session.Settings.Set("role", "none", isLocal);
                break;
            case "role":
                if (value is not null && value != "none")
                    RefuseRole(session, value);
                session.Settings.Set(name, value, isLocal);
                break;
            default:
                session.Settings.Set(name, value, isLocal);
                break;
        }
    }

    private static void RefuseAuthorization(SessionState session, string user)
    {
        if (session.FindRole(user) is null)
            throw Unknown(user);
        if (user != session.LoginUser && session.FindRole(session.LoginUser) is not { IsSuperuser: true })
            throw new SqlException(SqlState.InsufficientPrivilege, "permission denied to set session authorization");
    }

    /// <summary>There is no membership yet: a role is open to itself and to superusers.</summary>
    private static void RefuseRole(SessionState session, string role)
    {
        if (session.FindRole(role) is null)
            throw Unknown(role);
        if (role != session.SessionUser && session.FindRole(session.SessionUser) is not { IsSuperuser: true })
            throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied to set role \"{role}\"");
    }

    private static SqlException Unknown(string role) =>
        new(SqlState.InvalidParameterValue, $"role \"{role}\" does not exist");
}
