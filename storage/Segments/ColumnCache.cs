using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Segments;

/// <summary>Decompressed columns of segments, shared by all readers and bounded in bytes.</summary>
/// <remarks>
/// What is used again stays: when room is needed, the oldest entry goes unless it was used since it was last considered
/// ("second chance"). Threads: any.
/// </remarks>
public sealed class ColumnCache
{
    private readonly Store _store;
    private readonly int _engine;

    public ColumnCache(long bytesMax) => _store = new Store(bytesMax);

    private ColumnCache(Store store) => (_store, _engine) = (store, store.NextEngine());

    public long BytesMax => _store.BytesMax;

    /// <summary>Bytes of all who share it.</summary>
    public long UsedBytes => _store.UsedBytes;

    /// <summary>The same cache for another engine, whose segments have the same numbers.</summary>
    internal ColumnCache ForEngine() => new(_store);

    /// <summary>Drops what is kept of a segment; columns handed out stay valid.</summary>
    public void Forget(SegmentId segment) => _store.Forget(_engine, segment);

    internal bool TryGet(SegmentId segment, int column, int batch, out Column value)
    {
        if (_store.TryGet(new Key(_engine, segment, column, batch), out Column? found))
        {
            value = found;
            return true;
        }
        value = EmptyColumn;
        return false;
    }

    internal void Add(SegmentId segment, int column, int batch, Column value, long bytes) =>
        _store.Add(new Key(_engine, segment, column, batch), value, bytes);

    private static readonly Column EmptyColumn = Column.Nulls(PhysicalType.Bool, 0);

    private readonly record struct Key(int Engine, SegmentId Segment, int Column, int Batch);

    private sealed class Store(long bytesMax)
    {
        private readonly ConcurrentDictionary<Key, Entry> _entries = new();
        private readonly Queue<Key> _order = new(); // under its own lock
        private long _used;
        private int _engines;

        internal long BytesMax { get; } = bytesMax;

        internal long UsedBytes => Volatile.Read(ref _used);

        internal int NextEngine() => Interlocked.Increment(ref _engines);

        internal void Forget(int engine, SegmentId segment)
        {
            foreach (Key key in _entries.Keys)
            {
                if (key.Engine == engine && key.Segment == segment)
                    Remove(key);
            }
        }

        internal bool TryGet(Key key, [NotNullWhen(true)] out Column? value)
        {
            value = null;
            if (!_entries.TryGetValue(key, out Entry? entry))
                return false;
            if (!entry.WasUsed)
                entry.WasUsed = true; // the test spares the cache line a write when it is hot
            value = entry.Column;
            return true;
        }

        internal void Add(Key key, Column value, long bytes)
        {
            if (bytes > BytesMax || !_entries.TryAdd(key, new Entry(value, bytes)))
                return;
            Interlocked.Add(ref _used, bytes);
            lock (_order)
            {
                _order.Enqueue(key);
                while (UsedBytes > BytesMax && _order.TryDequeue(out Key oldest))
                {
                    if (!_entries.TryGetValue(oldest, out Entry? entry))
                        continue; // forgotten before
                    if (entry.WasUsed)
                    {
                        entry.WasUsed = false;
                        _order.Enqueue(oldest);
                    }
                    else
                    {
                        Remove(oldest);
                    }
                }
            }
        }

        private void Remove(Key key)
        {
            if (_entries.TryRemove(key, out Entry? entry))
                Interlocked.Add(ref _used, -entry.Bytes);
        }
    }

    private sealed class Entry(Column column, long bytes)
    {
        internal Column Column { get; } = column;

        internal long Bytes { get; } = bytes;

        internal bool WasUsed { get; set; }
    }
}
