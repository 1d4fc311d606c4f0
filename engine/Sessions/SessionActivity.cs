namespace VecSQL.Engine.Sessions;

/// <summary>What pg_stat_activity shows of a session. Read from other threads, so each field is replaced whole.</summary>
/// <param name="backendStart">Microseconds since 1970 UTC.</param>
internal sealed class SessionActivity(long backendStart)
{
    internal long BackendStart => backendStart;

    internal volatile string Query = "";

    internal volatile string State = "idle";

    /// <summary>The index being built; null for none.</summary>
    internal volatile IndexBuildActivity? IndexBuild;

    /// <summary>The running COPY; null for none.</summary>
    internal volatile CopyActivity? Copy;

    internal long QueryStart;

    /// <summary>pg_stat_statements' number of what runs; 0 where that is not known.</summary>
    internal long QueryId;

    internal long StateChange;

    internal void Begin(string query, long now)
    {
        (Query, State, QueryStart, StateChange, QueryId) = (query, "active", now, now, 0);
    }

    internal void End(TransactionStatus status, long now)
    {
        State = status switch
        {
            TransactionStatus.InTransaction => "idle in transaction",
            TransactionStatus.Failed => "idle in transaction (aborted)",
            _ => "idle",
        };
        StateChange = now;
    }
}
