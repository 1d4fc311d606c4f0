using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Indexes;

/// <summary>
/// Key hashes to row ids, for rows in memory. Equal hashes come out newest first, so that the live version is met
/// early.
/// </summary>
/// <remarks>Memory: 40 bytes an entry. Threads: under the table's lock.</remarks>
internal sealed class KeyMap
{
    private const int SizeMin = 16;

    private int[] _buckets = new int[SizeMin]; // index + 1 of a chain's first entry
    private Entry[] _entries = new Entry[SizeMin];
    private int _used, _free = -1;

    public int Count { get; private set; }

    public long SizeBytes => (_buckets.Length * 4L) + (_entries.Length * 32L);

    public void Add(ulong hash, long rowId, RowOwner? owner)
    {
        int index = Take();
        ref int bucket = ref _buckets[Bucket(hash)];
        _entries[index] = new Entry { Hash = hash, RowId = rowId, Owner = owner, Next = bucket - 1 };
        bucket = index + 1;
        Count++;
    }

    public bool Remove(ulong hash, long rowId)
    {
        ref int bucket = ref _buckets[Bucket(hash)];
        int before = -1;
        for (int index = bucket - 1; index >= 0; index = _entries[index].Next)
        {
            ref Entry entry = ref _entries[index];
            if (entry.RowId == rowId && entry.Hash == hash)
            {
                if (before < 0)
                    bucket = entry.Next + 1;
                else
                    _entries[before].Next = entry.Next;
                entry = new Entry { Next = _free };
                _free = index;
                Count--;
                return true;
            }
            before = index;
        }
        return false;
    }

    /// <summary>The first entry of the hash; −1 for none.</summary>
    public int First(ulong hash) => Matching(_buckets[Bucket(hash)] - 1, hash);

    /// <summary>The next entry of the same hash; −1 for none.</summary>
    public int Next(int index) => Matching(_entries[index].Next, _entries[index].Hash);

    public long RowIdAt(int index) => _entries[index].RowId;

    /// <summary>The transaction that inserted the row, while it lives; null once it has ended.</summary>
    public TableWrites? WriterAt(int index) => _entries[index].Owner?.Writes;

    private int Matching(int index, ulong hash)
    {
        while (index >= 0 && _entries[index].Hash != hash)
            index = _entries[index].Next;
        return index;
    }

    private int Bucket(ulong hash) => (int)(hash & (ulong)(_buckets.Length - 1));

    private int Take()
    {
        if (_free >= 0)
        {
            int index = _free;
            _free = _entries[index].Next;
            return index;
        }
        if (_used == _entries.Length)
            Grow();
        return _used++;
    }

    private void Grow()
    {
        // Chains must keep their order, so entries go over from the oldest of each chain to the newest: by walking each
        // chain backwards. A stack of one chain's indexes does that.
        int[] old = _buckets;
        _buckets = new int[old.Length * 2];
        Array.Resize(ref _entries, _entries.Length * 2);
        List<int> chain = [];
        foreach (int head in old)
        {
            chain.Clear();
            for (int index = head - 1; index >= 0; index = _entries[index].Next)
                chain.Add(index);
            for (int i = chain.Count - 1; i >= 0; i--)
            {
                ref int bucket = ref _buckets[Bucket(_entries[chain[i]].Hash)];
                _entries[chain[i]].Next = bucket - 1;
                bucket = chain[i] + 1;
            }
        }
    }

    private struct Entry
    {
        internal ulong Hash;
        internal long RowId;
        internal RowOwner? Owner;
        internal int Next;
    }
}

/// <summary>Whose rows they are: the writes of a live transaction, or nobody's any more.</summary>
/// <remarks>One for a transaction and table, shared by all its key entries, so that a commit need not touch
/// them.</remarks>
internal sealed class RowOwner(TableWrites writes)
{
    private TableWrites? _writes = writes;

    public TableWrites? Writes => Volatile.Read(ref _writes);

    public void End() => Volatile.Write(ref _writes, null);
}
