using VecSQL.Core.Errors;

namespace VecSQL.Engine.Sessions;

/// <summary>Time and cancellation of the statement that a session runs.</summary>
/// <remarks>Threads: one statement at a time; <see cref="Cancel"/> from any.</remarks>
internal sealed class StatementClock : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _source = new();
    private CancellationTokenRegistration _caller;
    private bool _isRunning, _isCancelRequested, _isTerminating;
    private long _deadline = long.MaxValue; // in milliseconds of the environment's tick count

    internal long NowMicroseconds => (DateTimeOffset.UtcNow.Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>When the statement began: microseconds since 1970 UTC.</summary>
    internal long StatementTime { get; private set; }

    /// <summary>A statement arrives: its timeout runs from here.</summary>
    /// <param name="timeoutMs">0 for none.</param>
    internal void BeginStatement(long timeoutMs)
    {
        StatementTime = NowMicroseconds;
        _deadline = timeoutMs > 0 ? Environment.TickCount64 + timeoutMs : long.MaxValue;
    }

    /// <summary>The session works on the statement from here to <see cref="Leave"/>.</summary>
    internal CancellationToken Enter(CancellationToken caller)
    {
        lock (_lock)
        {
            if (!_source.TryReset())
            {
                _source.Dispose();
                _source = new CancellationTokenSource();
            }
            _isCancelRequested = _isTerminating;
            _isRunning = true;
            if (_isTerminating)
                _source.Cancel();
            else if (_deadline != long.MaxValue)
                _source.CancelAfter(TimeSpan.FromMilliseconds(Math.Max(0, _deadline - Environment.TickCount64)));
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
            _isRunning = false;
    }

    /// <summary>Cancels what runs now; a session that runs nothing is left alone.</summary>
    internal void Cancel()
    {
        lock (_lock)
        {
            if (!_isRunning)
                return;
            _isCancelRequested = true;
            _source.Cancel();
        }
    }

    /// <summary>pg_terminate_backend: cancels what runs now and all that comes after.</summary>
    internal void Terminate()
    {
        lock (_lock)
        {
            _isTerminating = _isCancelRequested = true;
            _source.Cancel();
        }
    }

    /// <summary>What a cancellation means to the client.</summary>
    internal SqlException Reason()
    {
        lock (_lock)
        {
            if (_isTerminating)
            {
                return new SqlException(
                    SqlState.AdminShutdown, "terminating connection due to administrator command");
            }
            bool isTimeout = !_isCancelRequested && Environment.TickCount64 >= _deadline;
            return new SqlException(SqlState.QueryCanceled, isTimeout
                ? "canceling statement due to statement timeout"
                : "canceling statement due to user request");
        }
    }

    public void Dispose()
    {
        _caller.Dispose();
        _source.Dispose();
    }
}
