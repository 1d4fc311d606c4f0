using VecSQL.Core.Errors;

namespace VecSQL.Engine.Sessions;

/// <summary>Time and cancellation of the statement that a session runs, and the end of a session from outside.</summary>
/// <remarks>
/// A session is busy from its first message to the end of the script (ReadyForQuery); between calls of one statement, as
/// while COPY waits for the client, a cancellation is kept for the next call.
/// Threads: one statement at a time; <see cref="Cancel"/> and <see cref="Terminate"/> from any.
/// </remarks>
internal sealed class StatementClock(TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _source = new();
    private CancellationTokenRegistration _caller;
    private ITimer? _statementTimer, _idleTimer;
    private SqlException? _endReason;
    private bool _isBusy, _isRunning, _isCancelRequested, _isTimedOut;
    private long _idleNumber; // which idle time the idle timer was set for
    private DateTimeOffset? _deadline;

    internal long NowMicroseconds =>
        (time.GetUtcNow().Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>When the statement began: microseconds since 1970 UTC.</summary>
    internal long StatementTime { get; private set; }

    /// <summary>The session was ended from outside; raised once, on any thread.</summary>
    internal event Action? Ended;

    /// <summary>Why the session was ended from outside; null while it was not.</summary>
    internal SqlException? EndReason => Volatile.Read(ref _endReason);

    /// <summary>A statement arrives: its timeout runs from here.</summary>
    /// <param name="timeoutMs">0 for none.</param>
    internal void BeginStatement(long timeoutMs)
    {
        DateTimeOffset now = time.GetUtcNow();
        StatementTime = (now.Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        lock (_lock)
        {
            _deadline = timeoutMs > 0 ? now.AddMilliseconds(timeoutMs) : null;
            _isTimedOut = false;
        }
    }

    /// <summary>A message arrives: the session is idle no more.</summary>
    internal void BeginWork()
    {
        lock (_lock)
        {
            if (_isBusy)
                return;
            _isBusy = true;
            _isCancelRequested = false;
            _idleNumber++;
            _idleTimer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The session waits for its client, for no longer than given.</summary>
    /// <param name="limitMs">0 for as long as the client likes.</param>
    /// <param name="reason">What the client is told when the time is over.</param>
    internal void BeginIdle(long limitMs, Func<SqlException> reason)
    {
        lock (_lock)
        {
            _isBusy = _isCancelRequested = false;
            _deadline = null;
            if (limitMs == 0)
                return;
            long number = ++_idleNumber;
            _idleTimer?.Dispose();
            _idleTimer = time.CreateTimer(
                _ => EndIdle(number, reason), null, TimeSpan.FromMilliseconds(limitMs), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The session works on the statement from here to <see cref="Leave"/>.</summary>
    internal CancellationToken Enter(CancellationToken caller)
    {
        BeginWork();
        lock (_lock)
        {
            if (!_source.TryReset())
            {
                _source.Dispose();
                _source = new CancellationTokenSource();
            }
            _isRunning = true;
            if (_isCancelRequested || _endReason is not null)
                _source.Cancel();
            else if (_deadline is { } deadline)
                StartTimer(deadline - time.GetUtcNow());
        }
        if (caller.CanBeCanceled)
            _caller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        return _source.Token;
    }

    internal void Leave()
    {
        _caller.Dispose();
        _caller = default;
        lock (_lock)
        {
            _isRunning = false;
            if (_deadline is not null)
                _statementTimer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Cancels what runs now; a session that runs nothing is left alone.</summary>
    internal void Cancel()
    {
        lock (_lock)
        {
            if (!_isBusy)
                return;
            _isCancelRequested = true;
            if (_isRunning)
                _source.Cancel();
        }
    }

    /// <summary>Ends the session: cancels what runs now and all that comes after.</summary>
    internal void Terminate(SqlException reason)
    {
        lock (_lock)
        {
            if (_endReason is not null)
                return;
            Volatile.Write(ref _endReason, reason);
            if (_isRunning)
                _source.Cancel();
        }
        Ended?.Invoke(); // outside the lock: the door's answer may call back
    }

    /// <summary>What a cancellation means to the client; it is then dealt with.</summary>
    internal SqlException Reason()
    {
        lock (_lock)
        {
            if (_endReason is { } reason)
                return reason;
            bool isTimeout = _isTimedOut && !_isCancelRequested;
            _isCancelRequested = _isTimedOut = false;
            _deadline = null;
            return new SqlException(SqlState.QueryCanceled, isTimeout
                ? "canceling statement due to statement timeout"
                : "canceling statement due to user request");
        }
    }

    public void Dispose()
    {
        _caller.Dispose();
        _statementTimer?.Dispose();
        _idleTimer?.Dispose();
        _source.Dispose();
    }

    private void StartTimer(TimeSpan rest)
    {
        if (rest <= TimeSpan.Zero)
        {
            _isTimedOut = true;
            _source.Cancel();
            return;
        }
        _statementTimer ??= time.CreateTimer(
            static clock => ((StatementClock)clock!).TimeOut(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _statementTimer.Change(rest, Timeout.InfiniteTimeSpan);
    }

    private void TimeOut()
    {
        lock (_lock)
        {
            if (!_isRunning || _deadline is not { } deadline)
                return; // set for a statement that is done
            TimeSpan rest = deadline - time.GetUtcNow();
            if (rest > TimeSpan.Zero)
            {
                _statementTimer?.Change(rest, Timeout.InfiniteTimeSpan);
                return;
            }
            _isTimedOut = true;
            _source.Cancel();
        }
    }

    private void EndIdle(long number, Func<SqlException> reason)
    {
        lock (_lock)
        {
            if (_isBusy || number != _idleNumber)
                return; // a message came first
        }
        Terminate(reason());
    }
}
