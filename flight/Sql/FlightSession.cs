using VecSQL.Core.Errors;
using VecSQL.Engine;
using VecSQL.Engine.Sessions;

namespace VecSQL.Flight.Sql;

/// <summary>A session of the engine's that calls share, or that one call has for itself; its statements run one after the other.</summary>
/// <remarks>Threads: any; who has entered has the engine's session alone.</remarks>
internal sealed class FlightSession(Database database, FlightLogin login, FlightOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private ISqlSession? _session;
    private long _lastUse = options.Time.GetTimestamp();
    private int _holders = 1;
    private int _lastName;
    private bool _isClosed;
    private SqlException? _endReason;

    public FlightLogin Login { get; private set; } = login;

    public FlightOptions Options => options;

    /// <summary>Whether it has run anything.</summary>
    public bool IsOpen => _session is not null;

    /// <summary>Why the node has ended it, by a timeout or a command; null while it has not.</summary>
    public SqlException? EndReason => Volatile.Read(ref _endReason);

    /// <summary>How long nobody has used it.</summary>
    public TimeSpan Idle => _gate.CurrentCount == 0 ? TimeSpan.Zero : options.Time.GetElapsedTime(Interlocked.Read(ref _lastUse));

    /// <summary>Says that it is in use, where nothing runs on it.</summary>
    public void Touch() => Interlocked.Exchange(ref _lastUse, options.Time.GetTimestamp());

    /// <summary>Who keeps it: a token, a call, a prepared statement, a transaction, a ticket.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Gives up what <see cref="Hold"/>, or being made, has begun; the last ends the session.</summary>
    public ValueTask ReleaseAsync() => Interlocked.Decrement(ref _holders) == 0 ? DisposeAsync() : default;

    /// <summary>Goes to another database, as long as nothing was run.</summary>
    public void Move(Func<FlightLogin, FlightLogin> moved)
    {
        if (!IsOpen)
            Login = moved(Login);
    }

    /// <summary>A name for a statement or portal that nobody else has.</summary>
    public string NextName() => $"flight_{Interlocked.Increment(ref _lastName)}";

    /// <summary>Runs statements in a transaction of their own, unless a block is open; a failure rolls it back.</summary>
    public async ValueTask<T> RunAsync<T>(Func<ISqlSession, ValueTask<T>> work, CancellationToken cancellation)
    {
        if (!await _gate.WaitAsync(options.BusyTimeout, cancellation).ConfigureAwait(false))
        {
            throw new SqlException(SqlState.ObjectInUse, "the session is busy with another statement",
                hint: "Read a result to its end or cancel it, or use a session for each of the two.");
        }
        try
        {
            if (_isClosed)
                throw new SqlException(SqlState.ConnectionDoesNotExist, "the session was closed");
            if (EndReason is { } ended)
                throw ended;
            return await RunAloneAsync(_session ??= Open(), work, cancellation).ConfigureAwait(false);
        }
        finally
        {
            Touch();
            _gate.Release();
        }
    }

    public async ValueTask RunAsync(Func<ISqlSession, ValueTask> work, CancellationToken cancellation) => await RunAsync(
        async session =>
        {
            await work(session).ConfigureAwait(false);
            return true;
        }, cancellation).ConfigureAwait(false);

    /// <summary>Cancels the running statement, if one runs.</summary>
    public void Cancel()
    {
        if (_gate.CurrentCount == 0)
            _session?.Cancel();
    }

    /// <summary>Waits for the running statement, which is cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        Cancel();
        await _gate.WaitAsync().ConfigureAwait(false);
        _isClosed = true;
        ISqlSession? session = _session;
        _session = null;
        if (session is not null)
            await session.DisposeAsync().ConfigureAwait(false);
        _gate.Release();
    }

    private static async ValueTask<T> RunAloneAsync<T>(
        ISqlSession session, Func<ISqlSession, ValueTask<T>> work, CancellationToken cancellation)
    {
        if (session.EndReason is { } reason)
            throw reason;
        using CancellationTokenRegistration leaving = cancellation.UnsafeRegister(static running => ((ISqlSession)running!).Cancel(), session);
        try
        {
            cancellation.ThrowIfCancellationRequested();
            T done = await work(session).ConfigureAwait(false);
            await session.EndScriptAsync(failed: false, cancellation).ConfigureAwait(false);
            return done;
        }
        catch
        {
            await leaving.DisposeAsync().ConfigureAwait(false);
            if (session.EndReason is null)
            {
                session.Fail();
                await session.EndScriptAsync(failed: true, CancellationToken.None).ConfigureAwait(false);
            }
            throw;
        }
    }

    private ISqlSession Open()
    {
        ISqlSession session = database.OpenSession(new SessionOptions(Login.User, Login.Database, [])
        {
            Client = Login.Client,
            HoldsToRoles = Login.HoldsToRoles,
            Encryption = Login.Encryption,
        });
        session.Ended += () => _ = EndAsync(session);
        return session;
    }

    /// <summary>Lets go of what the session has, its transaction and locks before all, though no call comes to hear of its end.</summary>
    private async Task EndAsync(ISqlSession ended)
    {
        await _gate.WaitAsync().ConfigureAwait(false); // a running statement is cancelled
        try
        {
            if (!ReferenceEquals(_session, ended))
                return;
            Volatile.Write(ref _endReason, ended.EndReason);
            _session = null;
            await ended.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }
}
