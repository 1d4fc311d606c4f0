using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Engine;
using VecSQL.Engine.Sessions;

namespace VecSQL.Flight.Sql;

/// <summary>A session of the engine's that calls share, or that one call has for itself; its statements run one after the other.</summary>
/// <remarks>Threads: any; who has entered has the engine's session alone.</remarks>
/// <param name="open">Begins the engine's session.</param>
/// <param name="memory">Of what the node keeps for clients.</param>
internal sealed class FlightSession(Func<SessionOptions, ISqlSession> open, MemoryBudget memory, FlightLogin login, FlightOptions options)
    : IAsyncDisposable
{
    /// <summary>What is kept for a client beyond its calls at most: parameters that it has bound, and texts of statements that it may run.</summary>
    public const long KeptBytesMax = 256L << 20;

    private readonly MemoryBudget _kept = new("a Flight session", KeptBytesMax, memory);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private ISqlSession? _session;
    private long _lastUse = options.Time.GetTimestamp();
    private int _holders = 1;
    private int _lastName;
    private volatile bool _isClosed;
    private SqlException? _endReason;

    public FlightLogin Login { get; private set; } = login;

    public FlightOptions Options => options;

    /// <summary>Whether it has run anything.</summary>
    public bool IsOpen => _session is not null;

    /// <summary>Why the node has ended it, by a timeout or a command; null while it has not.</summary>
    public SqlException? EndReason => Volatile.Read(ref _endReason);

    /// <summary>How long nobody has used it.</summary>
    public TimeSpan Idle => IsBusy ? TimeSpan.Zero : options.Time.GetElapsedTime(Interlocked.Read(ref _lastUse));

    /// <summary>Says that it is in use, where nothing runs on it.</summary>
    public void Touch() => Interlocked.Exchange(ref _lastUse, options.Time.GetTimestamp());

    /// <summary>Who keeps it: a token, a call, a prepared statement, a transaction, a ticket.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>As <see cref="Hold"/>, for who does not know whether somebody keeps it; false where nobody does.</summary>
    public bool TryHold()
    {
        int holders;
        do
        {
            holders = Volatile.Read(ref _holders);
            if (holders == 0)
                return false;
        }
        while (Interlocked.CompareExchange(ref _holders, holders + 1, holders) != holders);
        return true;
    }

    /// <summary>Gives up what <see cref="Hold"/>, or being made, has begun; the last ends the session.</summary>
    public ValueTask ReleaseAsync() => Interlocked.Decrement(ref _holders) == 0 ? DisposeAsync() : default;

    /// <summary>Whether a statement runs on it.</summary>
    public bool IsBusy => _gate.CurrentCount == 0;

    /// <summary>Counts bytes that are kept until <see cref="Forget"/>.</summary>
    /// <exception cref="SqlException">53200: the session has too many, or all of them together.</exception>
    public void Keep(long bytes)
    {
        if (!_kept.TryReserve(bytes))
        {
            throw new SqlException(SqlState.OutOfMemory, "too much is kept for clients",
                hint: "Read the rows that were asked for, or cancel them; run prepared statements with fewer parameters at once, and close them.")
            {
                Detail = $"Failed on request of {bytes} bytes with {_kept.UsedBytes} kept for the session, of {_kept.LimitBytes}, "
                    + $"and {memory.UsedBytes} for all, of {memory.LimitBytes}.",
            };
        }
    }

    public void Forget(long bytes) => _kept.Release(bytes);

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
        if (IsBusy)
            _session?.Cancel();
    }

    /// <summary>Waits for the running statement, which is cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosed = true; // for those, too, that wait for the running statement to end
        Cancel();
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            ISqlSession? session = _session;
            _session = null;
            if (session is not null)
                await session.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
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
        ISqlSession session = open(new SessionOptions(Login.User, Login.Database, [])
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
