namespace VecSQL.Ml.Models;

/// <summary>Vectors of texts that came lately. When it is full, what was asked for longest ago goes.</summary>
/// <remarks>
/// Memory: at most so many bytes, counting what an entry takes beside its vector.
/// Keys are digests that nobody can make two texts of, so the texts themselves are not kept.
/// Threads: any.
/// </remarks>
internal sealed class VectorCache(long bytesMax)
{
    private const int EntryBytes = 160; // a node of the list, a slot of the table, the heads of both and of the vector

    private readonly Lock _gate = new();
    private readonly Dictionary<TextKey, LinkedListNode<(TextKey Key, float[] Vector)>> _entries = [];
    private readonly LinkedList<(TextKey Key, float[] Vector)> _byAge = new(); // the last asked for is first
    private long _bytes, _hits, _misses;

    internal ModelCacheState State
    {
        get
        {
            lock (_gate)
                return new ModelCacheState(_bytes, _entries.Count, _hits, _misses);
        }
    }

    internal bool TryGet(TextKey key, Span<float> vector)
    {
        if (bytesMax <= 0)
            return false;
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out LinkedListNode<(TextKey Key, float[] Vector)>? node))
            {
                _misses++;
                return false;
            }
            _hits++;
            _byAge.Remove(node);
            _byAge.AddFirst(node);
            node.Value.Vector.CopyTo(vector);
            return true;
        }
    }

    internal void Add(TextKey key, ReadOnlySpan<float> vector)
    {
        int bytes = (vector.Length * sizeof(float)) + EntryBytes;
        if (bytes > bytesMax)
            return;
        lock (_gate)
        {
            if (_entries.ContainsKey(key))
                return;
            while (_bytes + bytes > bytesMax && _byAge.Last is { } oldest)
                Remove(oldest);
            _entries[key] = _byAge.AddFirst((key, vector.ToArray()));
            _bytes += bytes;
        }
    }

    /// <summary>Drops all of a model's.</summary>
    internal void Remove(long model)
    {
        lock (_gate)
        {
            for (LinkedListNode<(TextKey Key, float[] Vector)>? node = _byAge.First; node is not null;)
            {
                LinkedListNode<(TextKey Key, float[] Vector)>? next = node.Next;
                if (node.Value.Key.Model == model)
                    Remove(node);
                node = next;
            }
        }
    }

    private void Remove(LinkedListNode<(TextKey Key, float[] Vector)> node)
    {
        _byAge.Remove(node);
        _entries.Remove(node.Value.Key);
        _bytes -= (node.Value.Vector.Length * sizeof(float)) + EntryBytes;
    }
}
