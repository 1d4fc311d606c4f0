using System.Globalization;
using VecSQL.Core.Errors;

namespace VecSQL.Storage.Tables;

/// <summary>A moment that somebody may still read at; keeps the row versions that it sees from being dropped.</summary>
/// <param name="all">Where it is held; null for one that holds nothing.</param>
internal sealed class Snapshot(long timestamp, Snapshots? all = null)
{
    private int _viewCount;
    private bool _isLeft;

    public long Timestamp { get; } = timestamp;

    /// <summary>Whether its moment was asked for, rather than the newest taken.</summary>
    public bool IsGiven { get; init; }

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
/// Whoever drops versions asks for <see cref="Oldest"/> first; from then on nobody can read at an earlier moment (<see cref="History"/>).
/// Cost: letting go, and publishing, compare one number more than they would if nobody could wait for them.
/// Threads: any.
/// </remarks>
/// <param name="time">The clock that timestamps follow.</param>
/// <param name="kept">For how long versions are kept that no snapshot sees.</param>
internal sealed class Snapshots(TimeProvider? time = null, TimeSpan kept = default)
{
    private readonly Lock _lock = new();
    private readonly HashSet<Snapshot> _held = [];
    private readonly List<(long Moment, TaskCompletionSource Reached)> _waits = [], _arrivals = [];
    private long _visible, _history, _awaited; // the last: the latest moment of all waits, 0 without any
    private long _soonest = long.MaxValue; // of those who wait for a commit to become visible
    private bool _isOpen; // nobody waits for that any more

    /// <summary>The newest commit that new snapshots see.</summary>
    public long Visible => Volatile.Read(ref _visible);

    /// <summary>Versions that were seen only before this moment may be gone.</summary>
    public long History => Volatile.Read(ref _history);

    public Snapshot Take()
    {
        lock (_lock)
        {
            Snapshot snapshot = new(_visible, this);
            _held.Add(snapshot);
            return snapshot;
        }
    }

    /// <summary>Holds a moment that was asked for. Whether all is there that belongs to it is another matter.</summary>
    /// <exception cref="SqlException">72000: versions of it may be gone.</exception>
    public Snapshot TakeAt(long timestamp)
    {
        lock (_lock)
        {
            if (timestamp < _history)
                throw TooOld(timestamp, _history);
            Snapshot snapshot = new(timestamp, this) { IsGiven = true };
            _held.Add(snapshot);
            return snapshot;
        }
    }

    /// <summary>The error for reading at a moment that is no longer kept.</summary>
    public static SqlException TooOld(long timestamp, long history) => new(SqlState.SnapshotTooOld, "snapshot too old",
        hint: "Read at a later time, or have the history of rows kept for longer.")
    {
        Detail = $"What was at {Text(timestamp)} is kept no longer, only what has been since {Text(history)}.", IsPassing = true,
    };

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
        {
            _visible = Math.Max(_visible, timestamp);
            if (_visible >= _soonest)
                EndArrivals();
        }
    }

    /// <summary>Versions that ended at or before this moment are seen by nobody, now or later.</summary>
    public long Oldest()
    {
        lock (_lock)
        {
            long oldest = OldestHeld();
            if (kept > TimeSpan.Zero && time is not null)
                oldest = Math.Min(oldest, Math.Max(CommitTimestamp.At(time.GetUtcNow() - kept).Value, _history));
            _history = Math.Max(_history, oldest);
            return oldest;
        }
    }

    /// <summary>Nobody reads before this moment: what was dropped before a start.</summary>
    public void BeginHistory(long timestamp)
    {
        lock (_lock)
            _history = Math.Max(_history, timestamp);
    }

    /// <summary>Lets go of all who wait for commits to become visible, now and later: from here on commits come from this engine itself.</summary>
    public void EndFollowing()
    {
        lock (_lock)
        {
            _isOpen = true;
            foreach ((_, TaskCompletionSource reached) in _arrivals)
                reached.TrySetResult();
            _arrivals.Clear();
            _soonest = long.MaxValue;
        }
    }

    /// <summary>Commits come from another engine's log from here on.</summary>
    public void BeginFollowing()
    {
        lock (_lock)
            _isOpen = false;
    }

    /// <summary>Returns once commits up to the timestamp are visible, or come from this engine itself.</summary>
    public Task ArriveAsync(long timestamp, CancellationToken cancellation)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (timestamp <= _visible || _isOpen)
                return Task.CompletedTask;
            _arrivals.Add((timestamp, reached));
            _soonest = Math.Min(_soonest, timestamp);
        }
        return reached.Task.WaitAsync(cancellation); // one that is given up is forgotten when its moment comes
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
            {
                _history = Math.Max(_history, moment);
                return;
            }
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
            if (moment > oldest)
                continue;
            _history = Math.Max(_history, moment);
            reached.TrySetResult();
        }
    }

    private void EndArrivals()
    {
        _soonest = long.MaxValue;
        for (int i = _arrivals.Count - 1; i >= 0; i--)
        {
            (long moment, TaskCompletionSource reached) = _arrivals[i];
            if (moment > _visible)
            {
                _soonest = Math.Min(_soonest, moment);
                continue;
            }
            _arrivals.RemoveAt(i);
            reached.TrySetResult();
        }
    }

    private static string Text(long timestamp) => timestamp < 0 || timestamp > CommitTimestamp.At(DateTimeOffset.MaxValue).Value
        ? timestamp.ToString(CultureInfo.InvariantCulture)
        : new CommitTimestamp(timestamp).Time.ToString("yyyy-MM-dd HH:mm:ss.ffffff+00", CultureInfo.InvariantCulture);

    private long OldestHeld()
    {
        long oldest = _visible;
        foreach (Snapshot snapshot in _held)
            oldest = Math.Min(oldest, snapshot.Timestamp);
        return oldest;
    }
}
