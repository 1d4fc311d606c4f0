using System.Collections.Concurrent;

namespace VecSQL.Wire.Transport;

/// <summary>Clients that one worker at a time waits for and serves, in the order of their messages.</summary>
/// <param name="number">The lane's place among all.</param>
/// <remarks>Threads: the worker that has the lane, except where another is named.</remarks>
internal sealed class ClientLane(int number) : IDisposable
{
    private readonly Epoll _ready = new();
    private ClientWorker? _worker;
    private int _next, _taken; // of those that were told
    private int _isAsleep;

    public int Number => number;

    /// <summary>How many clients are waited for here. Guarded by the workers' gate.</summary>
    public int Clients { get; set; }

    /// <summary>Who has the lane; null while nobody does. Any thread.</summary>
    public ClientWorker? Worker
    {
        get => Volatile.Read(ref _worker);
        set => Volatile.Write(ref _worker, value);
    }

    /// <summary>How long the last wait was; long before the first.</summary>
    public long WaitTicks { get; set; } = long.MaxValue;

    /// <summary>Has a client waited for here. Any thread.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The system refuses.</exception>
    /// <exception cref="ObjectDisposedException">The client has gone.</exception>
    public void Add(ClientStream client) => _ready.Add(client.Handle, client.Number);

    /// <summary>Has a client waited for here no more. Any thread.</summary>
    /// <inheritdoc cref="Add"/>
    public void Remove(ClientStream client) => _ready.Remove(client.Handle);

    /// <summary>Takes the client that has had something to read for the longest time.</summary>
    /// <param name="client">Its number; negative if it was a call.</param>
    /// <param name="hasLeft">Whether the client is told of for the last time.</param>
    /// <returns>False if there is none at this moment.</returns>
    public bool TryTake(out long client, out bool hasLeft)
    {
        (client, hasLeft) = (-1, false);
        if (!HasNext())
            return false;
        (client, hasLeft) = (_ready.Number(_next), _ready.HasLeft(_next));
        _next++;
        return true;
    }

    /// <summary>Whether there is something to take.</summary>
    public bool HasNext()
    {
        if (_next == _taken)
            Fill(waits: false);
        return _next < _taken;
    }

    /// <summary>Waits until there is something to take, or to do for whoever calls <see cref="TryWake"/>.</summary>
    public void Sleep(ConcurrentQueue<Action> posted)
    {
        Volatile.Write(ref _isAsleep, 1);
        Interlocked.MemoryBarrier(); // who has posted something before this is seen, and after this sees it
        if (posted.IsEmpty)
            Fill(waits: true);
        Volatile.Write(ref _isAsleep, 0);
    }

    /// <summary>Ends the worker's sleep, unless it is awake or somebody else has ended it. Any thread.</summary>
    public bool TryWake()
    {
        if (Volatile.Read(ref _isAsleep) == 0 || Interlocked.Exchange(ref _isAsleep, 0) == 0)
            return false;
        _ready.EndWait();
        return true;
    }

    /// <summary>Lets no worker sleep here any more. Any thread.</summary>
    public void Stop() => _ready.StopWaits();

    public void Dispose() => _ready.Dispose();

    private void Fill(bool waits) => (_next, _taken) = (0, _ready.Take(waits));
}
