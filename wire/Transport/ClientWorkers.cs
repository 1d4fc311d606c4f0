using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using VecSQL.Core.Threads;

namespace VecSQL.Wire.Transport;

/// <summary>Threads that wait for messages of all clients and work on them, as many at once as there are processors.</summary>
/// <remarks>
/// The thread that a message wakes works on it until the client is waited for again, or for something else; then it takes the message
/// that has waited longest. So a message costs one wake-up, and none while there is always another; statements that are as short as
/// each other are answered in the order in which they came, which is what keeps the slowest of a hundred near the mean.
/// A thread that finds no other message waits for the next of the client that it has just served, besides all others: where there are no
/// more clients than threads each keeps its own, and what that one needs is in its processor's cache.
/// A statement that has waited for something beside its client, as a commit or a lock, goes on with the next worker that is free.
/// A thread that is still with the same message at a second look, a millisecond later, is not counted any more: another
/// takes its place, so that long statements and waits hold back nobody.
/// Threads: any. Where there is no epoll, clients are waited for by the runtime.
/// </remarks>
internal sealed class ClientWorkers : SessionThreads, IDisposable
{
    [ThreadStatic]
    private static Worker? t_worker;

    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10), LookEvery = TimeSpan.FromMilliseconds(1);

    private const int QuietLooksMax = 100;

    private static readonly long LookingTicks = Stopwatch.Frequency * 200 / 1_000_000;

    private static readonly bool s_canLook = Environment.ProcessorCount > 1;

    private readonly object _gate = new(); // a monitor, since threads wait on it
    private readonly Epoll? _ready = Epoll.IsSupported ? new() : null;
    private readonly int _atOnce;
    private readonly ConcurrentDictionary<long, ClientStream> _clients = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private Worker[] _workers = [];
    private int _counted; // workers that wait for messages or have not been long with one
    private int _parked, _unparked;
    private int _waiting; // workers that sleep until there is something to do
    private bool _isWatched, _isStopped;
    private volatile bool _isWatchAsleep;
    private volatile bool _isOneAtWork; // of the workers, in the last millisecond
    private long _lastNumber;

    /// <param name="atOnce">How many messages are worked on at once, beside those that take long.</param>
    public ClientWorkers(int atOnce) => _atOnce = Math.Max(1, atOnce);

    /// <summary>Whether clients can be waited for here.</summary>
    public bool CanWait => _ready is not null;

    /// <summary>A number for a new client.</summary>
    public long Add(ClientStream client)
    {
        long number = Interlocked.Increment(ref _lastNumber);
        _clients[number] = client;
        return number;
    }

    public void Remove(long number) => _clients.TryRemove(number, out _);

    /// <summary>Has <see cref="ClientStream.GoOn"/> called once the client's socket can be read, by this thread if it is a worker that
    /// waits for no other; false if it is not.</summary>
    public bool TryHold(ClientStream client)
    {
        if (t_worker is not { Held: null } worker || worker.Owner != this)
            return false;
        worker.Held = client;
        return true;
    }

    /// <summary>Puts a reply aside, to be sent once no other client waits or soon; false if the reply is long, or this thread is no worker
    /// or one that has nobody else to serve.</summary>
    public bool TryPutAside(ClientStream client, ReadOnlySpan<byte> reply) =>
        t_worker is { IsAlone: false } worker && worker.Owner == this && worker.Replies.TryAdd(client, reply);

    /// <summary>Has <see cref="ClientStream.GoOn"/> called by any worker once the client's socket can be read.</summary>
    /// <param name="isNew">Whether it is the first time.</param>
    public void Arm(SafeHandle socket, long number, bool isNew)
    {
        _ready?.Arm(socket, number, isNew);
        if (Volatile.Read(ref _counted) < _atOnce)
            Fill();
    }

    /// <summary>Ends the threads; nobody waits any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isStopped)
                return;
            _isStopped = true;
            Monitor.PulseAll(_gate);
            if (_workers.Length == 0 && !_isWatched)
                _ready?.Dispose();
            else
                _ready?.StopWaits(); // who leaves last disposes of it
        }
        PassOn();
    }

    public override void Post(Action action)
    {
        _posted.Enqueue(action);
        Interlocked.MemoryBarrier(); // a worker that has not seen this is seen to wait, and who stops the workers sees it or is seen
        if (_ready is null || Volatile.Read(ref _isStopped))
            PassOn();
        else if (Volatile.Read(ref _waiting) > 0)
            _ready.EndWait();
    }

    /// <summary>Leaves to the thread pool what no worker does.</summary>
    private void PassOn()
    {
        while (_posted.TryDequeue(out Action? posted))
            ThreadPool.UnsafeQueueUserWorkItem(static action => action(), posted, preferLocal: false);
    }

    /// <summary>Brings the threads that count up to their number.</summary>
    private void Fill()
    {
        lock (_gate)
        {
            for (; _counted < _atOnce && !_isStopped; _counted++)
            {
                if (_parked > _unparked)
                {
                    _unparked++;
                    Monitor.PulseAll(_gate);
                    continue;
                }
                Worker worker = new(this);
                _workers = [.. _workers, worker];
                Start(() => Work(worker), "vecsql client");
            }
            if (_isWatched || _isStopped)
                return;
            _isWatched = true;
            Start(Watch, "vecsql client watch");
        }
    }

    private static void Start(Action work, string name) => new Thread(() => work()) { IsBackground = true, Name = name }.Start();

    private void Work(Worker worker)
    {
        t_worker = worker;
        Current = this;
        while (_ready is not null && TryTake(_ready, worker, out ClientStream? client, out Action? posted))
        {
            worker.Begin();
            if (_isWatchAsleep)
                WakeWatch();
            if (client is not null)
                Run(client, worker);
            else
                posted?.Invoke();
            if (worker.Replies.IsDue(Stopwatch.GetTimestamp()))
                worker.Replies.Send();
            if (!worker.End())
                continue;
            worker.Replies.Send();
            ArmHeld(worker);
            if (!TryCountAgain())
                break;
        }
        worker.Replies.Dispose();
        ArmHeld(worker);
        Leave(worker);
    }

    /// <summary>Has a client go on. No reply is kept waiting for a statement that is not short, as far as can be told.</summary>
    private static void Run(ClientStream client, Worker worker)
    {
        ReplyBatch replies = worker.Replies;
        worker.Serve(client);
        if (replies.HasAny && client.LastTicks > ReplyBatch.ShortTicks)
            replies.Send();
        long start = Stopwatch.GetTimestamp();
        client.GoOn();
        client.LastTicks = Stopwatch.GetTimestamp() - start;
    }

    /// <summary>What is next: what was posted, then the client whose message has waited longest; false when all is over.</summary>
    private bool TryTake(Epoll ready, Worker worker, out ClientStream? client, out Action? posted)
    {
        client = null;
        while (true)
        {
            if (_posted.TryDequeue(out posted))
            {
                ArmHeld(worker);
                return true;
            }
            Ready found = ready.Take(waits: false, out long number);
            if (found == Ready.Nothing)
            {
                if (worker.Replies.HasAny)
                {
                    worker.Replies.Send();
                    continue;
                }
                found = Wait(ready, worker, out number, out client);
                if (client is not null)
                    return true;
            }
            if (found == Ready.Stopped)
                return false;
            if (found != Ready.Socket)
                continue;
            ArmHeld(worker);
            if (_clients.TryGetValue(number, out client))
                return true; // else it has gone
        }
    }

    /// <summary>Waits until there may be something to do.</summary>
    /// <param name="held">The client that the worker has waited for, which is next.</param>
    private Ready Wait(Epoll ready, Worker worker, out long number, out ClientStream? held)
    {
        (number, held) = (0, null);
        Interlocked.Increment(ref _waiting);
        try
        {
            if (!_posted.IsEmpty)
                return Ready.Nothing;
            if (worker.Held is not { } client)
                return ready.Take(waits: true, out number);
            if (WaitForEither(ready, worker, client) == Either.Socket)
                (held, worker.Held) = (client, null);
            return Ready.Nothing;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Waits for a worker's client, or whatever else there is.</summary>
    /// <remarks>
    /// A processor that has gone idle takes longer to wake than a short statement to run. So a worker that alone has something to do, for a
    /// client that has its next message ready soon, keeps looking for it, and gives way to whoever wants the processor.
    /// </remarks>
    private Either WaitForEither(Epoll ready, Worker worker, ClientStream client)
    {
        long start = Stopwatch.GetTimestamp();
        Either found = Either.Neither;
        if (s_canLook && client.ThinkTicks < LookingTicks && worker.IsAlone && _isOneAtWork)
        {
            do
            {
                found = ready.WaitForEither(client.Descriptor, limitMs: 0);
                Thread.Yield();
            }
            while (found == Either.Neither && _isOneAtWork && Stopwatch.GetTimestamp() - start < LookingTicks);
        }
        if (found == Either.Neither)
            found = ready.WaitForEither(client.Descriptor, limitMs: -1);
        client.ThinkTicks = Stopwatch.GetTimestamp() - start;
        return found;
    }

    private static void ArmHeld(Worker worker)
    {
        worker.Held?.Arm();
        worker.Held = null;
    }

    /// <summary>After a long statement: goes on if there are too few others, or when that comes to be.</summary>
    private bool TryCountAgain()
    {
        lock (_gate)
        {
            if (_counted < _atOnce)
            {
                _counted++;
                return true;
            }
            _parked++;
            while (_unparked == 0 && !_isStopped && Monitor.Wait(_gate, KeptFor))
            {
            }
            _parked--;
            if (_unparked == 0)
                return false;
            _unparked--;
            return true;
        }
    }

    private void Leave(Worker? worker)
    {
        lock (_gate)
        {
            if (worker is null)
                _isWatched = false;
            else
                _workers = [.. _workers.Where(other => other != worker)];
            if (_isStopped && _workers.Length == 0 && !_isWatched)
                _ready?.Dispose();
        }
    }

    /// <summary>Looks for workers that take long.</summary>
    private void Watch()
    {
        int quiet = 0;
        while (WaitForNextLook())
        {
            int worked = 0;
            foreach (Worker worker in Volatile.Read(ref _workers))
            {
                (bool hasWorked, bool takesLong) = worker.Look();
                worked += hasWorked ? 1 : 0;
                if (!takesLong)
                    continue;
                worker.Replies.Send();
                lock (_gate)
                    _counted--;
                Fill();
            }
            if (_isOneAtWork != (worked == 1))
                _isOneAtWork = worked == 1;
            quiet = worked == 0 ? quiet + 1 : 0;
            if (quiet > QuietLooksMax)
                SleepUntilWork();
        }
        Leave(null);
    }

    private bool WaitForNextLook()
    {
        lock (_gate)
        {
            if (!_isStopped)
                Monitor.Wait(_gate, LookEvery);
            return !_isStopped;
        }
    }

    private void SleepUntilWork()
    {
        lock (_gate)
        {
            _isWatchAsleep = true;
            Interlocked.MemoryBarrier(); // a worker that has not seen this has been seen to begin
            if (Array.Exists(_workers, static worker => worker.IsBusy))
                _isWatchAsleep = false;
            while (_isWatchAsleep && !_isStopped)
                Monitor.Wait(_gate);
        }
    }

    private void WakeWatch()
    {
        lock (_gate)
        {
            _isWatchAsleep = false;
            Monitor.PulseAll(_gate); // parked workers look and wait again
        }
    }

    /// <summary>One thread's state, for the watch.</summary>
    private sealed class Worker(ClientWorkers owner)
    {
        private const long Busy = 1, Long = 2, Step = 4;

        private long _state; // messages so far, whether with one, and whether for long
        private long _seen;
        private ClientStream? _served;

        public ClientWorkers Owner => owner;

        /// <summary>A client that this worker waits for, besides those that all wait for; the worker's alone.</summary>
        public ClientStream? Held { get; set; }

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
}
