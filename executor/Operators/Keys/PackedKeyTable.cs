using System.Buffers;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Keys;

/// <summary>Keys of fixed-width columns that fit, with a null bit each, into 128 bits.</summary>
/// <remarks>Layout: open addressing with linear probing, at most half full.</remarks>
internal sealed class PackedKeyTable : KeyTable
{
    private readonly KeyKind[] _kinds;
    private readonly bool _nullsMatch;
    private Slot[] _slots = new Slot[64];

    private struct Slot
    {
        internal UInt128 Key;
        internal int Next; // the key's number + 1; 0 in an empty slot
    }

    internal PackedKeyTable(ReadOnlySpan<KeyKind> kinds, bool nullsMatch)
    {
        _kinds = kinds.ToArray();
        _nullsMatch = nullsMatch;
    }

    internal override long SizeBytes => 32L * _slots.Length;

    internal static bool Fits(ReadOnlySpan<KeyKind> kinds)
    {
        int bits = 0;
        foreach (KeyKind kind in kinds)
        {
            int width = KeyKinds.WidthBytes(kind);
            if (width is 0 or 16)
                return false;
            bits += (8 * width) + 1;
        }
        return bits <= 128;
    }

    internal override void Add(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids, bool isFull = false)
    {
        UInt128[] rented = ArrayPool<UInt128>.Shared.Rent(Math.Max(rowCount, 1));
        Span<UInt128> words = rented.AsSpan(0, rowCount);
        Pack(keys, words);
        if (!isFull)
            Room(rowCount);
        bool skipsNulls = !_nullsMatch && HasNulls(keys);
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        for (int row = 0; row < words.Length; row++)
        {
            UInt128 key = words[row];
            int at = (int)KeyHash.Of(key) & mask;
            while (slots[at].Next != 0 && slots[at].Key != key)
                at = (at + 1) & mask;
            if (slots[at].Next == 0 && !isFull && !(skipsNulls && IsAnyNull(keys, row)))
                slots[at] = new Slot { Key = key, Next = ++Count };
            ids[row] = slots[at].Next - 1;
        }
        ArrayPool<UInt128>.Shared.Return(rented);
    }

    internal override void Find(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids)
    {
        UInt128[] rented = ArrayPool<UInt128>.Shared.Rent(Math.Max(rowCount, 1));
        Span<UInt128> words = rented.AsSpan(0, rowCount);
        Pack(keys, words);
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        for (int row = 0; row < words.Length; row++)
        {
            UInt128 key = words[row];
            int at = (int)KeyHash.Of(key) & mask;
            while (slots[at].Next != 0 && slots[at].Key != key)
                at = (at + 1) & mask;
            ids[row] = slots[at].Next - 1; // a key with a null is only there where nulls match
        }
        ArrayPool<UInt128>.Shared.Return(rented);
    }

    internal override void Hash(ReadOnlySpan<Column> keys, int rowCount, Span<ulong> hashes)
    {
        UInt128[] rented = ArrayPool<UInt128>.Shared.Rent(Math.Max(rowCount, 1));
        Span<UInt128> words = rented.AsSpan(0, rowCount);
        Pack(keys, words);
        for (int row = 0; row < rowCount; row++)
            hashes[row] = KeyHash.Of(words[row]);
        ArrayPool<UInt128>.Shared.Return(rented);
    }

    private static bool HasNulls(ReadOnlySpan<Column> keys)
    {
        foreach (Column key in keys)
        {
            if (key.HasNulls)
                return true;
        }
        return false;
    }

    internal static bool IsAnyNull(ReadOnlySpan<Column> keys, int row)
    {
        foreach (Column key in keys)
        {
            if (key.IsNull(row))
                return true;
        }
        return false;
    }

    private void Pack(ReadOnlySpan<Column> keys, Span<UInt128> packed)
    {
        ulong[] rented = ArrayPool<ulong>.Shared.Rent(Math.Max(packed.Length, 1));
        Span<ulong> words = rented.AsSpan(0, packed.Length);
        packed.Clear();
        for (int i = 0; i < _kinds.Length; i++)
        {
            OrderedWords.Fill(keys[i], _kinds[i], words);
            int shift = (8 * KeyKinds.WidthBytes(_kinds[i])) + 1;
            Column key = keys[i];
            if (!key.HasNulls)
            {
                for (int row = 0; row < packed.Length; row++)
                    packed[row] = (packed[row] << shift) | ((UInt128)words[row] << 1);
            }
            else
            {
                for (int row = 0; row < packed.Length; row++)
                    packed[row] = (packed[row] << shift) | (key.IsNull(row) ? 1 : (UInt128)words[row] << 1);
            }
        }
        ArrayPool<ulong>.Shared.Return(rented);
    }

    private void Room(int more)
    {
        if ((Count + (long)more) * 2 <= _slots.Length)
            return;
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
