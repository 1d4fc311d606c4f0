using System.Collections.Concurrent;
using System.Security.Cryptography;
using Google.Protobuf;
using VecSQL.Core.Errors;
using VecSQL.Engine;
using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Sql;

/// <summary>The sessions that clients have tokens of.</summary>
/// <remarks>Threads: any. A token is for one session, which begins with the first statement.</remarks>
internal sealed class SessionTable(Database database, Authenticator authenticator, FlightOptions options)
{
    private const int TokenBytes = 24;

    /// <summary>With more tokens than this, those are forgotten that nobody has used.</summary>
    private const int TokensMax = 10_000;

    private static readonly TimeSpan UnusedPatience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, FlightSession> _sessions = new();

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
        return new FlightSession(database, login, options);
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
    public FlightSession OpenAnother(FlightSession session) => new(database, session.Login, options);

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
        if (Credentials.Of(call.Headers).Token is not { } token || !_sessions.TryRemove(token, out FlightSession? session))
            return false;
        session.Cancel();
        await session.ReleaseAsync().ConfigureAwait(false);
        return true;
    }

    public async ValueTask CloseIdleAsync()
    {
        foreach ((string token, FlightSession session) in _sessions)
        {
            if (session.Idle > options.IdleTimeout && _sessions.TryRemove(token, out _))
                await session.ReleaseAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask CloseAllAsync()
    {
        foreach (string token in _sessions.Keys)
        {
            if (_sessions.TryRemove(token, out FlightSession? session))
                await session.ReleaseAsync().ConfigureAwait(false);
        }
    }

    private FlightSession Continue(string token)
    {
        if (!_sessions.TryGetValue(token, out FlightSession? session))
        {
            throw new SqlException(SqlState.InvalidAuthorizationSpecification, "the token is not known, or was not used for too long",
                hint: "Authenticate again.");
        }
        if (session.EndReason is { } reason && _sessions.TryRemove(token, out _))
        {
            _ = session.ReleaseAsync().AsTask(); // nothing is left of it
            throw reason;
        }
        session.Hold();
        return session;
    }

    private string Grant(FlightLogin login, GrpcCall call)
    {
        if (_sessions.Count >= TokensMax)
            ForgetUnused();
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        _sessions[token] = new FlightSession(database, login, options);
        call.ResponseHeaders.Add(Credentials.Header, "Bearer " + token);
        call.ResponseHeaders.Add("set-cookie", $"{Credentials.CookieName}={token}; HttpOnly");
        return token;
    }

    /// <summary>Tokens that clients were given and have never used.</summary>
    private void ForgetUnused()
    {
        foreach ((string token, FlightSession session) in _sessions)
        {
            if (!session.IsOpen && session.Idle > UnusedPatience && _sessions.TryRemove(token, out _))
                _ = session.ReleaseAsync().AsTask(); // nothing runs on it, or a call has found it just now, which then ends it
        }
    }
}
