using VecSQL.Core.Errors;
using VecSQL.Engine.Settings;

namespace VecSQL.Engine.Sessions;

/// <summary>Messages below an error, for the client: those that client_min_messages lets through.</summary>
internal sealed class NoticeChannel(SessionState session)
{
    // client_min_messages puts LOG below NOTICE, and INFO is always sent.
    private static readonly string[] Ranks = ["DEBUG5", "DEBUG4", "DEBUG3", "DEBUG2", "DEBUG1", "LOG", "NOTICE", "WARNING", "ERROR"];

    internal event Action<SqlNotice>? Raised;

    internal void Notice(SqlState state, string message, string? detail = null, string? hint = null) =>
        Send(new SqlNotice("NOTICE", state, message, detail, hint));

    internal void Notice(string message) => Notice(SqlState.SuccessfulCompletion, message);

    internal void Warn(SqlState state, string message, string? hint = null, string? detail = null) =>
        Send(new SqlNotice("WARNING", state, message, detail, hint));

    internal void Send(SqlNotice notice)
    {
        int least = Array.IndexOf(Ranks, session.Settings[SettingCatalog.ClientMinMessages].Text.ToUpperInvariant());
        int rank = Array.IndexOf(Ranks, notice.Severity == "DEBUG" ? "DEBUG1" : notice.Severity);
        if (rank < 0 || rank >= least)
            Raised?.Invoke(notice);
    }
}
