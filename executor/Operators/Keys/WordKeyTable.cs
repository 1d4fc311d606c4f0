using System.Buffers;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Keys;

/// <summary>Keys of one column of up to eight bytes.</summary>
/// <remarks>Layout: open addressing with linear probing, at most half full.</remarks>
internal sealed class WordKeyTable(KeyKind kind, bool nullsMatch) : KeyTable
{
    private Slot[] _slots = new Slot[64];
    private int _nullId = Absent;

    private struct Slot
    {
        internal ulong Key;
        internal int Next; // the key's number + 1; 0 in an empty slot
    }

    internal override long SizeBytes => 16L * _slots.Length;

    internal override void Add(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids, bool isFull = false)
    {
        Column column = keys[0];
        ulong[] rented = ArrayPool<ulong>.Shared.Rent(Math.Max(rowCount, 1));
        Span<ulong> words = rented.AsSpan(0, rowCount);
        OrderedWords.Fill(column, kind, words);
        if (!isFull)
            Room(rowCount);
        bool hasNulls = column.HasNulls;
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        for (int row = 0; row < words.Length; row++)
        {
            if (hasNulls && column.IsNull(row))
            {
                ids[row] = NullId(isFull);
                continue;
            }
            ulong key = words[row];
            int at = (int)KeyHash.Of(key) & mask;
            while (slots[at].Next != 0 && slots[at].Key != key)
                at = (at + 1) & mask;
            if (slots[at].Next == 0)
            {
                if (isFull)
                {
                    ids[row] = Absent;
                    continue;
                }
                slots[at] = new Slot { Key = key, Next = ++Count };
            }
            ids[row] = slots[at].Next - 1;
        }
        ArrayPool<ulong>.Shared.Return(rented);
    }

    internal override void Find(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids)
    {
        Column column = keys[0];
        ulong[] rented = ArrayPool<ulong>.Shared.Rent(Math.Max(rowCount, 1));
        Span<ulong> words = rented.AsSpan(0, rowCount);
        OrderedWords.Fill(column, kind, words);
        bool hasNulls = column.HasNulls;
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        for (int row = 0; row < words.Length; row++)
        {
            ulong key = words[row];
            int at = (int)KeyHash.Of(key) & mask;
            while (slots[at].Next != 0 && slots[at].Key != key)
                at = (at + 1) & mask;
            ids[row] = hasNulls && column.IsNull(row) ? _nullId : slots[at].Next - 1;
        }
        ArrayPool<ulong>.Shared.Return(rented);
    }

    internal override void Hash(ReadOnlySpan<Column> keys, int rowCount, Span<ulong> hashes)
    {
        OrderedWords.Fill(keys[0], kind, hashes[..rowCount]);
        for (int row = 0; row < rowCount; row++)
            hashes[row] = KeyHash.Of(hashes[row]);
    }

    private int NullId(bool isFull)
    {
        if (_nullId == Absent && nullsMatch && !isFull)
            _nullId = Count++;
        return _nullId;
    }

    private void Room(int more)
    {
        if ((Count + (long)more) * 2 <= _slots.Length)
            return;
        // A batch rarely brings only new keys, but room for that case keeps the loop above free of checks.
        int capacity = _slots.Length;
        while ((Count + (long)more) * 2 > capacity)
            capacity *= 2;
        Slot[] old = _slots, grown = new Slot[capacity];
        foreach (Slot slot in old)
        {
            if (slot.Next == 0)
                continue;
            int at = (int)KeyHash.Of(slot.Key) & (capacity - 1);
            while (grown[at].Next != 0)
                at = (at + 1) & (capacity - 1);
            grown[at] = slot;
        }
        _slots = grown;
    }
}
