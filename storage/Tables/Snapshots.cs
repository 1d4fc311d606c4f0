namespace VecSQL.Storage.Tables;

/// <summary>A moment that somebody may still read at; keeps the row versions that it sees from being dropped.</summary>
internal sealed class Snapshot(long timestamp)
{
    public long Timestamp { get; } = timestamp;

    private int _viewCount;

    /// <summary>Whether a view at it is in use, which may outlive the statement (a cursor).</summary>
    public bool HasViews => Volatile.Read(ref _viewCount) > 0;

    public void AddView() => Interlocked.Increment(ref _viewCount);

    public void RemoveView() => Interlocked.Decrement(ref _viewCount);
}

/// <summary>All snapshots in use.</summary>
/// <remarks>
/// A snapshot is held firmly while a transaction's statement uses it. A view that outlives its statement holds it too,
/// and is known here
/// only weakly, since not all readers say when they are done with a view.
/// Threads: any.
/// </remarks>
internal sealed class Snapshots
{
    private readonly Lock _lock = new();
    private readonly HashSet<Snapshot> _held = [];
    private readonly List<WeakReference<Snapshot>> _left = [];
    private long _visible;

    /// <summary>The newest commit that new snapshots see.</summary>
    public long Visible => Volatile.Read(ref _visible);

    public Snapshot Take()
    {
        lock (_lock)
        {
            Snapshot snapshot = new(_visible);
            _held.Add(snapshot);
            return snapshot;
        }
    }

    /// <summary>Holds the moment of a snapshot that is held, until it is released by itself.</summary>
    public Snapshot Pin(Snapshot held)
    {
        lock (_lock)
        {
            Snapshot snapshot = new(held.Timestamp);
            _held.Add(snapshot);
            return snapshot;
        }
    }

    /// <summary>The statement is over; views of it may live on.</summary>
    public void Leave(Snapshot snapshot)
    {
        lock (_lock)
        {
            if (_held.Remove(snapshot) && snapshot.HasViews)
                _left.Add(new WeakReference<Snapshot>(snapshot));
        }
    }

    /// <summary>The transaction is over, and its views with it.</summary>
    public void Release(Snapshot snapshot)
    {
        lock (_lock)
        {
            _held.Remove(snapshot);
            if (_left.Count > 0)
                _left.RemoveAll(left => !left.TryGetTarget(out Snapshot? target) || target == snapshot);
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
        {
            long oldest = _visible;
            foreach (Snapshot snapshot in _held)
                oldest = Math.Min(oldest, snapshot.Timestamp);
            for (int i = _left.Count - 1; i >= 0; i--)
            {
                if (_left[i].TryGetTarget(out Snapshot? snapshot))
                    oldest = Math.Min(oldest, snapshot.Timestamp);
                else
                    _left.RemoveAt(i);
            }
            return oldest;
        }
    }
}
