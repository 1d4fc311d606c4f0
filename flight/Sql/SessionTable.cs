using Google.Protobuf;
using VecSQL.Core.Errors;
using VecSQL.Engine;
using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Sql;

/// <summary>The sessions that clients have tokens of.</summary>
/// <remarks>Threads: any. A token is for one session, which begins with the first statement.</remarks>
internal sealed class SessionTable(Database database, Authenticator authenticator, FlightOptions options)
{
    /// <summary>Tokens of clients that use them; as many are kept of others.</summary>
    internal const int TokensMax = 10_000;

    private readonly TokenTable _tokens = new(TokensMax);

    /// <summary>The session of a call, which the caller releases: its token's, or one of its own. With user and password
    /// comes a token for the calls that follow.</summary>
    /// <exception cref="SqlException">28000, 28P01: the client is not let in. Or why the node has ended the session.</exception>
    public FlightSession Open(GrpcCall call)
    {
        Credentials credentials = Credentials.Of(call.Headers);
        if (credentials.Token is { } token)
        {
            FlightSession known = Continue(token);
            known.Move(login => authenticator.Move(login, call));
            return known;
        }
        FlightLogin login = authenticator.Require(credentials, call);
        if (credentials.User is not null)
            Grant(login, call); // whoever shows a password with every call and ignores tokens keeps no session by that
        return New(login);
    }

    /// <summary>Does something in a transaction that was begun, or without one in the call's session.</summary>
    public async ValueTask<T> WithAsync<T>(
        GrpcCall call, ByteString? transaction, HandleTable handles, Func<FlightSession, ValueTask<T>> work)
    {
        FlightSession session = Open(call);
        try
        {
            return await work(transaction is { Length: > 0 }
                ? handles.Require<TransactionHandle>(transaction, session.Login, "transaction").Session
                : session).ConfigureAwait(false);
        }
        finally
        {
            await session.ReleaseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>A new session for whom a call's is for.</summary>
    public FlightSession OpenAnother(FlightSession session) => New(session.Login);

    /// <summary>Begins a session for a token, whatever the client has shown.</summary>
    /// <returns>The token.</returns>
    public async ValueTask<string> BeginAsync(Credentials credentials, GrpcCall call)
    {
        if (credentials.Token is { } known)
        {
            await Continue(known).ReleaseAsync().ConfigureAwait(false);
            return known;
        }
        return Grant(authenticator.Require(credentials, call), call);
    }

    /// <summary>Forgets a call's token and ends its session.</summary>
    public async ValueTask<bool> CloseAsync(GrpcCall call)
    {
        if (Credentials.Of(call.Headers).Token is not { } token || _tokens.Remove(token) is not { } session)
            return false;
        session.Cancel();
        await session.ReleaseAsync().ConfigureAwait(false);
        return true;
    }

    public ValueTask CloseIdleAsync() => CloseAsync(session => session.Idle > options.IdleTimeout);

    public ValueTask CloseAllAsync() => CloseAsync(static _ => true);

    private async ValueTask CloseAsync(Predicate<FlightSession> isMeant) =>
        await Task.WhenAll(_tokens.RemoveAll(isMeant).Select(static session => session.ReleaseAsync().AsTask())).ConfigureAwait(false);

    private FlightSession Continue(string token)
    {
        FlightSession session = _tokens.Use(token, out FlightSession? gone)
            ?? throw new SqlException(SqlState.InvalidAuthorizationSpecification, "the token is not known, or was not used for too long",
                hint: "Authenticate again.");
        Release(gone);
        if (session.EndReason is not { } reason)
            return session;
        Release(_tokens.Remove(token)); // nothing is left of it
        Release(session);
        throw reason;
    }

    private string Grant(FlightLogin login, GrpcCall call)
    {
        string token = _tokens.Add(New(login), out FlightSession? gone);
        Release(gone);
        call.ResponseHeaders.Add(Credentials.Header, "Bearer " + token);
        call.ResponseHeaders.Add("set-cookie", $"{Credentials.CookieName}={token}; HttpOnly");
        return token;
    }

    private FlightSession New(FlightLogin login) => new(database.OpenSession, database.ClientMemory, login, options);

    /// <summary>Nobody waits for its end.</summary>
    private static void Release(FlightSession? session) => _ = session?.ReleaseAsync().AsTask();
}
