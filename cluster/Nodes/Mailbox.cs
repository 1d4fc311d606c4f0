using VecSQL.Core.Errors;

namespace VecSQL.Cluster.Nodes;

/// <summary>A mailbox whose work a thread of the pool does, one at a time; what its work awaits goes on in it.</summary>
/// <remarks>
/// Errors:  what is thrown ends the mailbox: nothing is run any more, and its owner is told. State that was changed by half is never used again.
/// Threads: any.
/// </remarks>
/// <param name="failed">Told once, in the mailbox.</param>
public sealed class Mailbox(Action<Exception> failed) : SynchronizationContext, IMailbox
{
    private readonly Lock _gate = new();
    private Queue<Action> _waiting = new(), _taken = new();
    private bool _isRunning, _hasFailed;

    public void Post(Action act)
    {
        lock (_gate)
        {
            _waiting.Enqueue(act);
            if (_isRunning)
                return;
            _isRunning = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static mailbox => mailbox.Run(), this, preferLocal: false);
    }

    public override void Post(SendOrPostCallback d, object? state) => Post(() => d(state));

    public override void Send(SendOrPostCallback d, object? state) => throw new InvariantException("nobody waits for a mailbox");

    public override SynchronizationContext CreateCopy() => this;

    private void Run()
    {
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            while (TryTake())
            {
                while (_taken.TryDequeue(out Action? act))
                    Do(act);
            }
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    private bool TryTake()
    {
        lock (_gate)
        {
            (_waiting, _taken) = (_taken, _waiting);
            return _isRunning = _taken.Count > 0;
        }
    }

    private void Do(Action act)
    {
        if (_hasFailed)
            return;
        try
        {
            act();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The loop of all that runs here: whatever it was, its owner decides what becomes of it.
            _hasFailed = true;
            failed(error);
        }
    }
}
