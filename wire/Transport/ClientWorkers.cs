using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace VecSQL.Wire.Transport;

/// <summary>Threads that wait for messages of all clients and work on them, as many at once as there are processors.</summary>
/// <remarks>
/// The thread that a message wakes works on it until the client is waited for again, or for something else; then it takes the message
/// that has waited longest. So a message costs one wake-up, and none while there is always another; statements that are as short as
/// each other are answered in the order in which they came, which is what keeps the slowest of a hundred near the mean.
/// A thread that finds no other message waits for the next of the client that it has just served, besides all others: where there are no
/// more clients than threads each keeps its own, and what that one needs is in its processor's cache.
/// A thread that is still with the same message at a second look, a millisecond later, is not counted any more: another
/// takes its place, so that long statements and waits hold back nobody.
/// Threads: any. Where there is no epoll, clients are waited for by the runtime.
/// </remarks>
internal sealed class ClientWorkers : IDisposable
{
    [ThreadStatic]
    private static Worker? t_worker;

    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10), LookEvery = TimeSpan.FromMilliseconds(1);

    private const int QuietLooksMax = 100;

    private readonly object _gate = new(); // a monitor, since threads wait on it
    private readonly Epoll? _ready = Epoll.IsSupported ? new() : null;
    private readonly int _atOnce;
    private readonly ConcurrentDictionary<long, ClientStream> _clients = new();
    private Worker[] _workers = [];
    private int _counted; // workers that wait for messages or have not been long with one
    private int _parked, _unparked;
    private bool _isWatched, _isStopped;
    private volatile bool _isWatchAsleep;
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
        while (_ready is not null && Take(_ready, worker) is { } client)
        {
            worker.Begin();
            if (_isWatchAsleep)
                WakeWatch();
            client.GoOn();
            if (!worker.End())
                continue;
            ArmHeld(worker);
            if (!TryCountAgain())
                break;
        }
        ArmHeld(worker);
        Leave(worker);
    }

    /// <summary>The client whose message is next; null when all is over.</summary>
    private ClientStream? Take(Epoll ready, Worker worker)
    {
        while (true)
        {
            Ready found = ready.Take(waits: worker.Held is null, out long number);
            if (found == Ready.Stopped)
                return null;
            if (found == Ready.Socket)
            {
                ArmHeld(worker);
                if (_clients.TryGetValue(number, out ClientStream? client))
                    return client; // else it has gone
            }
            else if (worker.Held is { } held && ready.WaitForEither(held.Descriptor))
            {
                worker.Held = null;
                return held;
            }
        }
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
            bool isQuiet = true;
            foreach (Worker worker in Volatile.Read(ref _workers))
            {
                (bool hasWorked, bool takesLong) = worker.Look();
                isQuiet &= !hasWorked;
                if (!takesLong)
                    continue;
                lock (_gate)
                    _counted--;
                Fill();
            }
            quiet = isQuiet ? quiet + 1 : 0;
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

        public ClientWorkers Owner => owner;

        /// <summary>A client that this worker waits for, besides those that all wait for; the worker's alone.</summary>
        public ClientStream? Held { get; set; }

        public bool IsBusy => (Volatile.Read(ref _state) & Busy) != 0;

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
