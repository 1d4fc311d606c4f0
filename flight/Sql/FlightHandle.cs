namespace VecSQL.Flight.Sql;

/// <summary>Something that a client has and names by unguessable bytes: a prepared statement, a transaction, rows to be read.</summary>
/// <remarks>It keeps its session until it is closed.</remarks>
internal abstract class FlightHandle(FlightSession session) : IAsyncDisposable
{
    public FlightSession Session { get; } = session;

    /// <summary>How long after its last use it is closed.</summary>
    public virtual TimeSpan Patience => Session.Options.IdleTimeout;

    /// <summary>When it was used last, by the clock that timeouts go by.</summary>
    public long LastUse { get; set; }

    public bool IsExpired => Session.Options.Time.GetElapsedTime(LastUse) > Patience && Session.Idle > SessionPatience;

    /// <summary>How long its session must have been idle as well: what statements run on, or beside, is kept while they run and after.</summary>
    protected virtual TimeSpan SessionPatience => Patience;

    public ValueTask DisposeAsync() => CloseAsync();

    /// <summary>Gives up what it has, but the session.</summary>
    protected virtual ValueTask CloseAsync() => default;
}
