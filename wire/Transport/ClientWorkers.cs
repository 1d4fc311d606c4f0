using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using VecSQL.Core.Threads;

namespace VecSQL.Wire.Transport;

/// <summary>Threads that wait for messages of all clients and work on them, as many at once as there are processors.</summary>
/// <remarks>
/// Clients are divided among lanes, each of which one worker has: it takes the message that has waited longest, works on it until the client
/// is waited for again, or for something else, and goes on with the next. So a message costs no wake-up while there is always another;
/// statements that are as short as each other are answered in the order in which they came, which is what keeps the slowest of a hundred
/// near the mean.
/// A statement that has waited for something beside its client, as a commit or a lock, goes on with the next worker that is free.
/// A worker that is still with the same message at a second look of the watch, a millisecond later, loses its lane to another, so that
/// long statements and waits hold back nobody. The watch also divides the clients anew (<see cref="LaneShares"/>).
/// Threads: any. Where there is no epoll, clients are waited for by the runtime.
/// </remarks>
internal sealed class ClientWorkers : SessionThreads, IDisposable
{
    /// <summary>Above this no worker is kept for a message, as far as the watch sees it.</summary>
    public static readonly long LongTicks = Stopwatch.Frequency / 1000;

    private const int QuietLooksMax = 100, LooksPerDivision = 16;

    [ThreadStatic]
    private static ClientWorker? t_worker;

    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10), LookEvery = TimeSpan.FromMilliseconds(1);

    private static readonly long LookingTicks = Stopwatch.Frequency * 200 / 1_000_000;

    private static readonly bool s_canLook = Environment.ProcessorCount > 1;

    private readonly object _gate = new(); // a monitor, since threads wait on it
    private readonly ClientLane[] _lanes;
    private readonly Queue<ClientLane> _free = [];
    private readonly ConcurrentDictionary<long, ClientStream> _clients = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly List<LaneShares.Share> _shares = []; // the watch's
    private int _threads; // workers and the watch
    private int _parked; // workers without a lane
    private bool _isStarted;
    private volatile bool _isStopped;
    private volatile bool _isWatchAsleep;
    private volatile bool _isOneAtWork; // of the workers, in the last millisecond
    private long _lastNumber;

    /// <param name="atOnce">How many messages are worked on at once, beside those that take long.</param>
    public ClientWorkers(int atOnce) =>
        _lanes = Epoll.IsSupported ? [.. Enumerable.Range(0, Math.Max(1, atOnce)).Select(static number => new ClientLane(number))] : [];

    /// <summary>Whether clients can be waited for here.</summary>
    public bool CanWait => _lanes.Length > 0;

    public override bool HasOthers => t_worker is { IsAlone: false };

    /// <summary>A number for a new client.</summary>
    public long Add(ClientStream client)
    {
        long number = Interlocked.Increment(ref _lastNumber);
        _clients[number] = client;
        return number;
    }

    public void Remove(ClientStream client)
    {
        _clients.TryRemove(client.Number, out _);
        lock (_gate)
        {
            if (client.Lane is { } lane)
                lane.Clients--;
            client.Lane = null;
        }
    }

    /// <summary>Puts a reply aside, to be sent once no other client waits or soon; false if the reply is long, or this thread is no worker
    /// or one that has nobody else to serve.</summary>
    public bool TryPutAside(ClientStream client, ReadOnlySpan<byte> reply) =>
        t_worker is { IsAlone: false } worker && worker.Owner == this && worker.Replies.TryAdd(client, reply);

    /// <summary>From now on has <see cref="ClientStream.GoOn"/> called by a worker whenever something arrives from a client. Only where
    /// <see cref="CanWait"/>.</summary>
    /// <exception cref="Win32Exception">The system refuses.</exception>
    /// <exception cref="ObjectDisposedException">The client has gone.</exception>
    public void WaitFor(ClientStream client)
    {
        lock (_gate)
        {
            if (_isStopped)
                return;
            ClientLane lane = _lanes[0];
            foreach (ClientLane other in _lanes)
            {
                if (other.Clients < lane.Clients)
                    lane = other;
            }
            lane.Add(client);
            lane.Clients++;
            client.Lane = lane;
            if (_isStarted)
                return;
            _isStarted = true;
            foreach (ClientLane each in _lanes)
                GiveAway(each);
            Start(Watch, "vecsql client watch");
        }
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
            foreach (ClientLane lane in _lanes)
                lane.Stop();
            if (_threads == 0)
                DisposeOfLanes(); // else who leaves last does
        }
        PassOn();
    }

    public override void Post(Action action)
    {
        _posted.Enqueue(action);
        Interlocked.MemoryBarrier(); // a worker that has not seen this is seen to sleep, and who stops the workers sees it or is seen
        if (!CanWait || _isStopped)
        {
            PassOn();
            return;
        }
        foreach (ClientLane lane in _lanes)
        {
            if (lane.TryWake())
                return;
        }
    }

    /// <summary>Leaves to the thread pool what no worker does.</summary>
    private void PassOn()
    {
        while (_posted.TryDequeue(out Action? posted))
            ThreadPool.UnsafeQueueUserWorkItem(static action => action(), posted, preferLocal: false);
    }

    /// <summary>Has another worker take a lane.</summary>
    private void GiveAway(ClientLane lane)
    {
        lock (_gate)
        {
            lane.Worker = null;
            _free.Enqueue(lane);
            if (_free.Count > _parked)
                Start(Work, "vecsql client");
            else
                Monitor.PulseAll(_gate);
        }
    }

    private void Start(Action work, string name)
    {
        _threads++;
        new Thread(Run) { IsBackground = true, Name = name }.Start();

        void Run()
        {
            work();
            lock (_gate)
            {
                _threads--;
                if (_isStopped && _threads == 0)
                    DisposeOfLanes();
            }
        }
    }

    private void DisposeOfLanes()
    {
        foreach (ClientLane lane in _lanes)
            lane.Dispose();
    }

    private void Work()
    {
        ClientWorker worker = new(this);
        t_worker = worker;
        Current = this;
        while (TakeLane(worker) is { } lane)
            Serve(lane, worker);
        worker.Replies.Dispose();
    }

    /// <summary>Takes a lane that nobody has, or waits for one; null if there is none for long.</summary>
    private ClientLane? TakeLane(ClientWorker worker)
    {
        lock (_gate)
        {
            _parked++;
            while (_free.Count == 0 && !_isStopped && Monitor.Wait(_gate, KeptFor))
            {
            }
            _parked--;
            if (_isStopped || !_free.TryDequeue(out ClientLane? lane))
                return null;
            lane.Worker = worker;
            return lane;
        }
    }

    /// <summary>Works on the messages of a lane until another worker has it, or all is over.</summary>
    private void Serve(ClientLane lane, ClientWorker worker)
    {
        bool isKept = true;
        while (isKept && TryTake(lane, worker, out ClientStream? client, out bool hasLeft, out Action? posted))
        {
            worker.Begin();
            if (_isWatchAsleep)
                WakeWatch();
            if (client is not null)
                GoOn(client, hasLeft, worker);
            else
                posted?.Invoke();
            if (worker.Replies.IsDue(Stopwatch.GetTimestamp()))
                worker.Replies.Send();
            isKept = !worker.End();
        }
        worker.Replies.Send();
    }

    /// <summary>Has a client go on. No reply is kept waiting for a statement that is not short, as far as can be told.</summary>
    private static void GoOn(ClientStream client, bool hasLeft, ClientWorker worker)
    {
        worker.Serve(client);
        if (worker.Replies.HasAny && client.LastTicks > ReplyBatch.ShortTicks)
            worker.Replies.Send();
        long start = Stopwatch.GetTimestamp();
        client.GoOn(hasLeft);
        client.Worked(Stopwatch.GetTimestamp() - start);
    }

    /// <summary>What is next: what was posted, then the client whose message has waited longest; false when all is over.</summary>
    private bool TryTake(ClientLane lane, ClientWorker worker, out ClientStream? client, out bool hasLeft, out Action? posted)
    {
        (client, hasLeft) = (null, false);
        while (true)
        {
            if (_posted.TryDequeue(out posted))
                return true;
            if (_isStopped)
                return false;
            if (lane.TryTake(out long number, out hasLeft))
            {
                if (_clients.TryGetValue(number, out client))
                    return true; // else it has gone, or was a call
            }
            else if (worker.Replies.HasAny)
            {
                worker.Replies.Send();
            }
            else
            {
                Wait(lane);
            }
        }
    }

    /// <summary>Waits until there may be something to do.</summary>
    /// <remarks>
    /// A processor that has gone idle takes longer to wake than a short statement to run. So a worker that alone has something to do, for
    /// clients that have their next message ready soon, keeps looking for it, and gives way to whoever wants the processor.
    /// </remarks>
    private void Wait(ClientLane lane)
    {
        long start = Stopwatch.GetTimestamp();
        bool isFound = false;
        if (s_canLook && lane.WaitTicks < LookingTicks)
        {
            while (!isFound && _isOneAtWork && Stopwatch.GetTimestamp() - start < LookingTicks)
            {
                isFound = lane.HasNext() || !_posted.IsEmpty;
                if (!isFound)
                    Thread.Yield();
            }
        }
        if (!isFound)
            lane.Sleep(_posted);
        lane.WaitTicks = Stopwatch.GetTimestamp() - start;
    }

    /// <summary>Looks for workers that take long, and now and then at how the clients are divided.</summary>
    private void Watch()
    {
        int quiet = 0, busy = 0;
        while (WaitForNextLook())
        {
            int worked = 0;
            foreach (ClientLane lane in _lanes)
            {
                if (lane.Worker is not { } worker)
                    continue;
                (bool hasWorked, bool takesLong) = worker.Look();
                worked += hasWorked ? 1 : 0;
                if (!takesLong)
                    continue;
                worker.Replies.Send();
                GiveAway(lane);
            }
            if (_isOneAtWork != (worked == 1))
                _isOneAtWork = worked == 1;
            if (worked > 0 && ++busy % LooksPerDivision == 0)
                Divide();
            quiet = worked == 0 ? quiet + 1 : 0;
            if (quiet > QuietLooksMax)
                SleepUntilWork();
        }
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
            if (Array.Exists(_lanes, static lane => lane.Worker is { IsBusy: true }))
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

    /// <summary>Divides the clients that have had work done since the last time.</summary>
    private void Divide()
    {
        if (_lanes.Length == 1)
            return;
        _shares.Clear();
        foreach ((_, ClientStream client) in _clients)
        {
            long worked = client.TakeWorked();
            if (worked > 0 && client.Lane is { } lane)
                _shares.Add(new(client.Number, client.LookForProcessor(), worked, lane.Number));
        }
        if (_shares.Count < 2)
            return;
        LaneShares.Divide(_shares, _lanes.Length);
        foreach (LaneShares.Share share in _shares)
        {
            if (_clients.TryGetValue(share.Client, out ClientStream? client))
                Move(client, _lanes[share.Lane]);
        }
    }

    private void Move(ClientStream client, ClientLane to)
    {
        lock (_gate)
        {
            if (client.Lane is not { } from || from == to)
                return;
            try
            {
                to.Add(client); // first, so that it is waited for at any time; who is told of it twice finds nothing the second time
                from.Remove(client);
            }
            catch (Exception error) when (error is Win32Exception or ObjectDisposedException)
            {
                return; // it has gone, or stays where it is
            }
            from.Clients--;
            to.Clients++;
            client.Lane = to;
        }
    }
}
