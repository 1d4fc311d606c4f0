namespace VecSQL.Flight.Http2;

/// <summary>What one has at a time, in the order in which they ask for it.</summary>
/// <remarks>Threads: any. A turn that nobody else wants is taken without waiting and without allocating.</remarks>
internal sealed class Turn
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private bool _isTaken;

    /// <summary>Takes the turn, unless somebody has it or waits for it.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_isTaken)
                return false;
            _isTaken = true;
            return true;
        }
    }

    /// <summary>Waits for the turn; <see cref="Exit"/> gives it on.</summary>
    /// <exception cref="OperationCanceledException">It was asked for cancellation first.</exception>
    public ValueTask EnterAsync(CancellationToken cancellation)
    {
        TaskCompletionSource waiting;
        lock (_gate)
        {
            if (!_isTaken)
            {
                _isTaken = true;
                return default;
            }
            waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiting);
        }
        return WaitAsync(waiting, cancellation);
    }

    public void Exit()
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out TaskCompletionSource? next))
            {
                if (next.TrySetResult())
                    return; // those that have left are passed over
            }
            _isTaken = false;
        }
    }

    private static async ValueTask WaitAsync(TaskCompletionSource waiting, CancellationToken cancellation)
    {
        CancellationTokenRegistration leaving = cancellation.UnsafeRegister(
            static (waiting, token) => ((TaskCompletionSource)waiting!).TrySetCanceled(token), waiting);
        await using (leaving.ConfigureAwait(false))
            await waiting.Task.ConfigureAwait(false);
    }
}
