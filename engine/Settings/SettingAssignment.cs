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
                RefuseOtherUser(session, value);
                break;
            case "role":
                if (value is not null && value != "none")
                    RefuseOtherUser(session, value);
                session.Settings.Set(name, value, isLocal);
                break;
            default:
                session.Settings.Set(name, value, isLocal);
                break;
        }
    }

    /// <summary>There is one role: the session's user.</summary>
    private static void RefuseOtherUser(SessionState session, string? user)
    {
        if (user is not null && user != "default" && user != session.SessionUser)
            throw new SqlException(SqlState.InvalidParameterValue, $"role \"{user}\" does not exist");
    }
}
