using System.Collections.Concurrent;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Segments;

/// <summary>Decompressed columns of segments, shared by all readers and bounded in bytes.</summary>
/// <remarks>
/// What is used again stays: when room is needed, the oldest entry goes unless it was used since it was last considered
/// ("second chance"). Threads: any.
/// </remarks>
public sealed class ColumnCache(long bytesMax)
{
    private readonly ConcurrentDictionary<Key, Entry> _entries = new();
    private readonly Queue<Key> _order = new(); // under its own lock
    private long _used;

    public long BytesMax { get; } = bytesMax;

    public long UsedBytes => Volatile.Read(ref _used);

    /// <summary>Drops what is kept of a segment; columns handed out stay valid.</summary>
    public void Forget(SegmentId segment)
    {
        foreach (Key key in _entries.Keys)
        {
            if (key.Segment == segment)
                Remove(key);
        }
    }

    internal bool TryGet(SegmentId segment, int column, int batch, out Column value)
    {
        if (_entries.TryGetValue(new Key(segment, column, batch), out Entry? entry))
        {
            if (!entry.WasUsed)
                entry.WasUsed = true; // the test spares the cache line a write when it is hot
            value = entry.Column;
            return true;
        }
        value = EmptyColumn;
        return false;
    }

    internal void Add(SegmentId segment, int column, int batch, Column value, long bytes)
    {
        Key key = new(segment, column, batch);
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

    private static readonly Column EmptyColumn = Column.Nulls(PhysicalType.Bool, 0);

    private void Remove(Key key)
    {
        if (_entries.TryRemove(key, out Entry? entry))
            Interlocked.Add(ref _used, -entry.Bytes);
    }

    private readonly record struct Key(SegmentId Segment, int Column, int Batch);

    private sealed class Entry(Column column, long bytes)
    {
        internal Column Column { get; } = column;

        internal long Bytes { get; } = bytes;

        internal bool WasUsed { get; set; }
    }
}
