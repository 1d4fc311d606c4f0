using VecSQL.Engine.Transactions;

namespace VecSQL.Engine.Sessions;

/// <summary>A session as pg_stat_activity shows it. Moments are microseconds since 1970 UTC.</summary>
public sealed record SessionFigure(int BackendId, uint DatabaseOid, string DatabaseName, uint UserOid, string User)
{
    /// <summary>As much of a statement as others are told (PostgreSQL's track_activity_query_size).</summary>
    internal const int QueryMax = 1024;

    public string? ApplicationName { get; init; }

    public string? ClientAddress { get; init; }

    public int? ClientPort { get; init; }

    public long BackendStart { get; init; }

    /// <summary>Null outside of transactions.</summary>
    public long? TransactionStart { get; init; }

    /// <summary>Null before the first statement; so is the next.</summary>
    public long? QueryStart { get; init; }

    public long? StateChange { get; init; }

    public string State { get; init; } = "idle";

    /// <summary>pg_stat_statements' number; null where it is not known.</summary>
    public long? QueryId { get; init; }

    public string Query { get; init; } = "";

    /// <summary>Null where the connection is not encrypted.</summary>
    public Access.ConnectionEncryption? Encryption { get; init; }

    internal static SessionFigure Of(SqlSession session)
    {
        SessionState state = session.State;
        SessionActivity activity = state.Activity;
        return new SessionFigure(session.BackendId, state.DatabaseOid, state.DatabaseName, state.LoginOid, state.LoginUser)
        {
            ApplicationName = state.Settings.Show("application_name"),
            ClientAddress = state.Client is { } client
                ? (client.Address.IsIPv4MappedToIPv6 ? client.Address.MapToIPv4() : client.Address).ToString() : null,
            ClientPort = state.Client?.Port,
            BackendStart = activity.BackendStart,
            TransactionStart = state.Transaction is { State: not BlockState.Idle } transaction ? Moment(transaction.StartTime) : null,
            QueryStart = Moment(activity.QueryStart),
            StateChange = Moment(activity.StateChange),
            State = activity.State,
            QueryId = activity.QueryId is not 0 and var id ? id : null,
            Query = activity.Query,
            Encryption = state.Encryption,
        };
    }

    private static long? Moment(long microseconds) => microseconds == 0 ? null : microseconds;
}
