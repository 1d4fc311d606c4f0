namespace VecSQL.Wire.Transport;

/// <summary>A thread that serves clients, as its watch sees it.</summary>
internal sealed class ClientWorker(ClientWorkers owner)
{
    private const long Busy = 1, Long = 2, Step = 4;

    private long _state; // messages so far, whether with one, and whether for long
    private long _seen;
    private ClientStream? _served;

    public ClientWorkers Owner => owner;

    public ReplyBatch Replies { get; } = new();

    /// <summary>Whether the last message was the same client's; the worker's alone.</summary>
    public bool IsAlone { get; private set; }

    public bool IsBusy => (Volatile.Read(ref _state) & Busy) != 0;

    public void Serve(ClientStream client)
    {
        IsAlone = ReferenceEquals(client, _served);
        _served = client;
    }

    /// <remarks>What is read after it is read later: whether the watch sleeps.</remarks>
    public void Begin() => Interlocked.Add(ref _state, Busy);

    /// <returns>Whether it took long.</returns>
    public bool End()
    {
        long next = (Volatile.Read(ref _state) & -Step) + Step;
        return (Interlocked.Exchange(ref _state, next) & Long) != 0;
    }

    /// <summary>By the watch alone.</summary>
    /// <returns>Whether the worker has had a message since the last look, and whether it is known from now on that it takes long.</returns>
    public (bool HasWorked, bool TakesLong) Look()
    {
        long state = Volatile.Read(ref _state), seen = _seen;
        _seen = state;
        bool isSame = state == seen, isBusy = (state & Busy) != 0;
        bool takesLong = isSame && isBusy && (state & Long) == 0
            && Interlocked.CompareExchange(ref _state, state | Long, state) == state;
        return (!isSame || isBusy, takesLong);
    }
}
