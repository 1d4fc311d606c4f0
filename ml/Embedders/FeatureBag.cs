namespace VecSQL.Ml.Embedders;

/// <summary>Features of one text: a hash, a weight, and how often it occurs; in order of first occurrence.</summary>
/// <remarks>Memory: reused from text to text; grows to the largest.</remarks>
internal sealed class FeatureBag
{
    private (ulong Hash, float Weight, int Count)[] _entries = new (ulong, float, int)[512];
    private int[] _slots = new int[1024]; // index + 1 of an entry; at most half are taken

    internal int Count { get; private set; }

    internal ReadOnlySpan<(ulong Hash, float Weight, int Count)> Entries => _entries.AsSpan(0, Count);

    internal void Clear()
    {
        if (Count > 0)
            Array.Clear(_slots);
        Count = 0;
    }

    /// <summary>Counts a feature; its weight is the greatest it was given.</summary>
    internal void Add(ulong hash, float weight)
    {
        int mask = _slots.Length - 1, slot = (int)(hash >> 32) & mask;
        for (; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            ref (ulong Hash, float Weight, int Count) entry = ref _entries[_slots[slot] - 1];
            if (entry.Hash == hash)
            {
                entry.Count++;
                entry.Weight = Math.Max(entry.Weight, weight);
                return;
            }
        }
        if (Count == _entries.Length)
        {
            Grow();
            Add(hash, weight);
            return;
        }
        _entries[Count++] = (hash, weight, 1);
        _slots[slot] = Count;
    }

    private void Grow()
    {
        Array.Resize(ref _entries, _entries.Length * 2);
        _slots = new int[_entries.Length * 2];
        int mask = _slots.Length - 1;
        for (int i = 0; i < Count; i++)
        {
            int slot = (int)(_entries[i].Hash >> 32) & mask;
            while (_slots[slot] != 0)
                slot = (slot + 1) & mask;
            _slots[slot] = i + 1;
        }
    }
}
