using System.Threading.Tasks.Sources;

namespace VecSQL.Flight.Http2;

/// <summary>Wakes one that waits for something to have changed; who is woken looks for what has.</summary>
/// <remarks>Threads: any may set it, one at a time waits. A wait allocates nothing.</remarks>
internal sealed class AutoResetSignal : IValueTaskSource
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _waiting = new() { RunContinuationsAsynchronously = true };
    private bool _isSet, _isAwaited;

    public void Set()
    {
        lock (_gate)
        {
            _isSet = !_isAwaited;
            if (!_isAwaited)
                return;
            _isAwaited = false;
        }
        _waiting.SetResult(true);
    }

    /// <summary>Returns when it has been set since the last wait, also where cancellation is asked for: who waits looks.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        ValueTask waiting = Begin();
        if (waiting.IsCompletedSuccessfully)
            return;
        CancellationTokenRegistration leaving = cancellation.UnsafeRegister(static signal => ((AutoResetSignal)signal!).Set(), this);
        await using (leaving.ConfigureAwait(false))
            await waiting.ConfigureAwait(false);
    }

    void IValueTaskSource.GetResult(short token) => _waiting.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _waiting.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiting.OnCompleted(continuation, state, token, flags);

    private ValueTask Begin()
    {
        lock (_gate)
        {
            if (_isSet)
            {
                _isSet = false;
                return default;
            }
            _waiting.Reset();
            _isAwaited = true;
            return new ValueTask(this, _waiting.Version);
        }
    }
}
