namespace VecSQL.Cluster.Transport;

/// <summary>Messages that wait to be sent to one node, in order. Where there is no room a message is dropped: those before it are of more use, and
/// whoever wanted it sent will ask again.</summary>
/// <remarks>Threads: any; one takes.</remarks>
internal sealed class OutgoingQueue(long bytesMax)
{
    private readonly Lock _gate = new();
    private readonly Queue<QueuedMessage> _waiting = new();
    private TaskCompletionSource? _awaited;
    private long _bytes;

    /// <summary>Messages that were dropped so far.</summary>
    public long DroppedCount { get; private set; }

    public void Add(QueuedMessage message)
    {
        TaskCompletionSource? awaited;
        lock (_gate)
        {
            if (_bytes > 0 && _bytes + message.Bytes.Length > bytesMax)
            {
                DroppedCount++;
                return;
            }
            _waiting.Enqueue(message);
            _bytes += message.Bytes.Length;
            (awaited, _awaited) = (_awaited, null);
        }
        awaited?.TrySetResult();
    }

    /// <summary>Completes when there is something.</summary>
    public Task WaitAsync()
    {
        lock (_gate)
        {
            if (_waiting.Count > 0)
                return Task.CompletedTask;
            _awaited ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _awaited.Task;
        }
    }

    /// <summary>The first messages, of about so many bytes at most, and one at least where there is one.</summary>
    public List<QueuedMessage> Take(int batchBytes)
    {
        List<QueuedMessage> taken = [];
        lock (_gate)
        {
            long bytes = 0;
            while (_waiting.TryPeek(out QueuedMessage next) && (taken.Count == 0 || bytes + next.Bytes.Length <= batchBytes))
            {
                _waiting.Dequeue();
                bytes += next.Bytes.Length;
                taken.Add(next);
            }
            _bytes -= bytes;
        }
        return taken;
    }

    /// <summary>Drops all that waits.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            DroppedCount += _waiting.Count;
            _waiting.Clear();
            _bytes = 0;
        }
    }
}
