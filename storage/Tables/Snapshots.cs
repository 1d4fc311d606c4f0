using VecSQL.Core.Errors;

namespace VecSQL.Storage.Tables;

/// <summary>A moment that somebody may still read at; keeps the row versions that it sees from being dropped.</summary>
/// <param name="all">Where it is held; null for one that holds nothing.</param>
internal sealed class Snapshot(long timestamp, Snapshots? all = null)
{
    private int _viewCount;
    private bool _isLeft;

    public long Timestamp { get; } = timestamp;

    /// <summary>Whether a view at it is in use, which may outlive the statement (a cursor).</summary>
    public bool HasViews => Volatile.Read(ref _viewCount) > 0;

    public void AddView() => Interlocked.Increment(ref _viewCount);

    public void RemoveView()
    {
        // Either this sees that the statement is over, or who ends the statement sees that no view is left.
        if (Interlocked.Decrement(ref _viewCount) == 0 && Volatile.Read(ref _isLeft))
            all?.Release(this);
    }

    /// <summary>From here on the last of its views takes it along.</summary>
    internal void SetLeft() => Interlocked.Exchange(ref _isLeft, true);
}

/// <summary>All snapshots in use.</summary>
/// <remarks>
/// A snapshot is held while a transaction's statement uses it, and then by views that outlive the statement, to the end of the transaction at most.
/// Cost: letting go compares one number more than it would if nobody could wait for it.
/// Threads: any.
/// </remarks>
internal sealed class Snapshots
{
    private readonly Lock _lock = new();
    private readonly HashSet<Snapshot> _held = [];
    private readonly List<(long Moment, TaskCompletionSource Reached)> _waits = [];
    private long _visible, _awaited; // the latter: the latest moment of all waits, 0 without any

    /// <summary>The newest commit that new snapshots see.</summary>
    public long Visible => Volatile.Read(ref _visible);

    public Snapshot Take()
    {
        lock (_lock)
        {
            Snapshot snapshot = new(_visible, this);
            _held.Add(snapshot);
            return snapshot;
        }
    }

    /// <summary>Holds the moment of a snapshot that is held, until it is released by itself.</summary>
    public Snapshot Pin(Snapshot held)
    {
        lock (_lock)
        {
            Snapshot snapshot = new(held.Timestamp, this);
            _held.Add(snapshot);
            return snapshot;
        }
    }

    /// <summary>The statement is over; views of it may live on.</summary>
    /// <returns>Whether any does: then the snapshot goes with the last of them, or by <see cref="Release"/>.</returns>
    public bool Leave(Snapshot snapshot)
    {
        snapshot.SetLeft();
        if (snapshot.HasViews)
            return true;
        Release(snapshot);
        return false;
    }

    /// <summary>Nobody reads at it any more, its views neither.</summary>
    public void Release(Snapshot snapshot)
    {
        lock (_lock)
        {
            if (_held.Remove(snapshot) && snapshot.Timestamp < _awaited)
                EndWaits();
        }
    }

    /// <summary>Makes all commits up to the timestamp visible to new snapshots.</summary>
    public void Publish(long timestamp)
    {
        lock (_lock)
            _visible = Math.Max(_visible, timestamp);
    }

    /// <summary>Versions that ended at or before this moment are seen by nobody, now or later.</summary>
    public long Oldest()
    {
        lock (_lock)
            return OldestHeld();
    }

    /// <summary>Returns once nobody can read at an earlier moment any more, now or later.</summary>
    /// <param name="moment">At which reads are possible already: <see cref="Visible"/> or before.</param>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    public async Task WaitAsync(long moment, CancellationToken cancellation)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            Invariant.Holds(moment <= _visible);
            if (OldestHeld() >= moment)
                return;
            _waits.Add((moment, reached));
            _awaited = Math.Max(_awaited, moment);
        }
        try
        {
            await reached.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _waits.Remove((moment, reached));
                _awaited = 0;
                foreach ((long other, _) in _waits)
                    _awaited = Math.Max(_awaited, other);
            }
        }
    }

    private void EndWaits()
    {
        long oldest = OldestHeld();
        foreach ((long moment, TaskCompletionSource reached) in _waits)
        {
            if (moment <= oldest)
                reached.TrySetResult();
        }
    }

    private long OldestHeld()
    {
        long oldest = _visible;
        foreach (Snapshot snapshot in _held)
            oldest = Math.Min(oldest, snapshot.Timestamp);
        return oldest;
    }
}
