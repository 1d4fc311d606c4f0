using System.Buffers;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Keys;

/// <summary>Keys of any columns, compared by their canonical bytes.</summary>
/// <remarks>
/// A single text column is its own canonical form and is not copied before the look-up.
/// Layout: open addressing with linear probing, at most half full; a slot keeps half of the hash, so that bytes are compared only
/// where they are nearly certain to agree. Key bytes lie in chunks that never move.
/// </remarks>
internal sealed class BytesKeyTable : KeyTable
{
    private const int ChunkBytes = 1 << 18;

    private readonly KeyKind[] _kinds;
    private readonly bool _nullsMatch;
    private readonly OrderedKeyEncoder _encoder;
    private readonly List<byte[]> _chunks = [];
    private Slot[] _slots = new Slot[64];
    private Place[] _places = new Place[32];
    private int _chunkUsed = ChunkBytes;
    private long _chunkBytes;
    private int _nullId = Absent;

    private struct Slot
    {
        internal uint Tag;
        internal int Next; // the key's number + 1; 0 in an empty slot
    }

    private readonly record struct Place(int Chunk, int Offset, int Length, uint Home);

    internal BytesKeyTable(ReadOnlySpan<KeyKind> kinds, bool nullsMatch)
    {
        _kinds = kinds.ToArray();
        _nullsMatch = nullsMatch;
        _encoder = OrderedKeyEncoder.ForEquality(kinds);
    }

    internal override long SizeBytes => (8L * _slots.Length) + (16L * _places.Length) + _chunkBytes;

    private bool IsPlainText => _kinds.Length == 1 && _kinds[0] is KeyKind.Bytes or KeyKind.BlankPadded;

    internal override void Add(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids, bool isFull = false) =>
        Resolve(keys, rowCount, ids, mayAdd: !isFull);

    internal override void Find(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids) =>
        Resolve(keys, rowCount, ids, mayAdd: false);

    internal override void Hash(ReadOnlySpan<Column> keys, int rowCount, Span<ulong> hashes)
    {
        if (IsPlainText)
        {
            var values = (BinaryColumn)keys[0];
            for (int row = 0; row < rowCount; row++)
                hashes[row] = KeyHash.Of(Plain(values, row));
            return;
        }
        var buffer = new KeyBuffer();
        _encoder.Append(keys, rowCount, buffer);
        for (int row = 0; row < rowCount; row++)
            hashes[row] = KeyHash.Of(buffer[row]);
    }

    private void Resolve(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids, bool mayAdd)
    {
        if (mayAdd)
            Room(rowCount);
        if (IsPlainText)
        {
            var values = (BinaryColumn)keys[0];
            if (values is { Form: DictionaryValues known, IsConstant: false })
            {
                Resolve(values, known, ids[..rowCount], mayAdd);
                return;
            }
            for (int row = 0; row < rowCount; row++)
                ids[row] = values.IsNull(row) ? NullId(mayAdd) : Resolve(Plain(values, row), mayAdd);
            return;
        }
        var buffer = new KeyBuffer();
        _encoder.Append(keys, rowCount, buffer);
        for (int row = 0; row < rowCount; row++)
        {
            ids[row] = !_nullsMatch && PackedKeyTable.IsAnyNull(keys, row)
                ? Absent
                : Resolve(buffer[row], mayAdd);
        }
    }

    /// <summary>Looks each of the values up when it first comes.</summary>
    private void Resolve(BinaryColumn column, DictionaryValues known, Span<int> ids, bool mayAdd)
    {
        const int Unasked = -2;
        int[] rented = ArrayPool<int>.Shared.Rent(known.Values.Length);
        Span<int> idOf = rented.AsSpan(0, known.Values.Length);
        idOf.Fill(Unasked);
        ReadOnlySpan<ushort> codes = known.Codes;
        bool hasNulls = column.HasNulls;
        for (int row = 0; row < ids.Length; row++)
        {
            if (hasNulls && column.IsNull(row))
            {
                ids[row] = NullId(mayAdd);
                continue;
            }
            ref int id = ref idOf[codes[row]];
            if (id == Unasked)
                id = Resolve(Plain(known.Values, codes[row]), mayAdd);
            ids[row] = id;
        }
        ArrayPool<int>.Shared.Return(rented);
    }

    private ReadOnlySpan<byte> Plain(BinaryColumn values, int row) =>
        _kinds[0] == KeyKind.BlankPadded ? values[row].TrimEnd((byte)' ') : values[row];

    private int NullId(bool mayAdd)
    {
        if (_nullId == Absent && _nullsMatch && mayAdd)
        {
            _nullId = Count++;
            KeepPlace(default);
        }
        return _nullId;
    }

    private int Resolve(ReadOnlySpan<byte> key, bool mayAdd)
    {
        ulong hash = KeyHash.Of(key);
        uint tag = (uint)(hash >> 32);
        int mask = _slots.Length - 1;
        int at = (int)hash & mask;
        while (_slots[at].Next != 0)
        {
            if (_slots[at].Tag == tag && BytesOf(_slots[at].Next - 1).SequenceEqual(key))
                return _slots[at].Next - 1;
            at = (at + 1) & mask;
        }
        if (!mayAdd)
            return Absent;
        Place place = Store(key, (uint)hash);
        int id = Count++;
        KeepPlace(place);
        _slots[at] = new Slot { Tag = tag, Next = id + 1 };
        return id;
    }

    private ReadOnlySpan<byte> BytesOf(int id)
    {
        Place place = _places[id];
        return _chunks.Count == 0 ? default : _chunks[place.Chunk].AsSpan(place.Offset, place.Length);
    }

    private void KeepPlace(Place place)
    {
        if (Count > _places.Length)
            Array.Resize(ref _places, Math.Max(_places.Length * 2, Count));
        _places[Count - 1] = place;
    }

    private Place Store(ReadOnlySpan<byte> key, uint home)
    {
        if (_chunks.Count == 0 || _chunkUsed + key.Length > _chunks[^1].Length)
        {
            // Small tables are many (one a correlated subquery, say), so the first chunk is small.
            int size = Math.Max(key.Length, _chunks.Count == 0 ? 1024 : ChunkBytes);
            _chunks.Add(GC.AllocateUninitializedArray<byte>(size));
            _chunkBytes += size;
            _chunkUsed = 0;
        }
        key.CopyTo(_chunks[^1].AsSpan(_chunkUsed));
        var place = new Place(_chunks.Count - 1, _chunkUsed, key.Length, home);
        _chunkUsed += key.Length;
        return place;
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
            int at = (int)_places[slot.Next - 1].Home & (capacity - 1);
            while (grown[at].Next != 0)
                at = (at + 1) & (capacity - 1);
            grown[at] = slot;
        }
        _slots = grown;
    }
}
